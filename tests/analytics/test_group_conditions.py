"""What Moodle's conditions ask of groups, as the audit of the marts reads them."""

from typing import Any

import pytest

from studium.warehouse_audit import _lets_in


def group(number: int) -> dict[str, Any]:
    return {"type": "group", "id": number}


DATE = {"type": "date", "d": ">=", "t": 1}


@pytest.mark.parametrize(
    ("condition", "lets_in"),
    [
        (None, True),
        ({"op": "&", "c": [group(1)]}, True),
        ({"op": "&", "c": [group(1), group(2)]}, False),
        ({"op": "|", "c": [group(1), group(2)]}, True),
        ({"op": "!&", "c": [group(1), group(2)]}, True),
        ({"op": "!|", "c": [group(1), group(2)]}, False),
        ({"op": "&", "c": [group(2), DATE]}, False),
        ({"op": "|", "c": [group(2), DATE]}, True),
        ({"op": "&", "c": [{"op": "|", "c": [group(2), DATE]}]}, True),
        ({"op": "&", "c": [{"type": "group"}]}, True),
        ({"op": "&", "c": [{"type": "grouping", "id": 7}]}, True),
        ({"op": "&", "c": [{"type": "grouping", "id": 8}]}, False),
        ({"op": "!&", "c": []}, True),
        ({"type": "unreadable"}, True),
    ],
)
def test_only_what_is_asked_of_groups_shuts_out(condition: dict[str, Any] | None, lets_in: bool) -> None:
    assert _lets_in([condition], {1}, {7}) is lets_in


def test_every_level_is_asked() -> None:
    assert not _lets_in([{"op": "&", "c": [group(1)]}, None, {"op": "&", "c": [group(2)]}], {1}, set())
