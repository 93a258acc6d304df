"""What tests of Moodle's readers share."""

from typing import Any

import pytest

from studium.moodle.webservice.exchange import Patience


@pytest.fixture
def quick() -> dict[str, Any]:
    """A client's patience without waiting."""
    return {"patience": Patience(attempts=3, first_wait=0, jitter=0, read=5, connect=2, total=30)}
