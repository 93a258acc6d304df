"""The pages over an API in memory: the real client speaks to it, only the database is missing."""

from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from fastapi.testclient import TestClient
from streamlit.testing.v1 import AppTest

from dashboards import api
from studium.client import Client
from tests.dashboards.fake_api import FakeStudium

APP = Path(__file__).parents[2] / "dashboards" / "streamlit_app.py"
OpenPage = Callable[..., AppTest]


@pytest.fixture
def known() -> FakeStudium:
    """What the API knows in this test."""
    return FakeStudium()


@pytest.fixture
def open_page(known: FakeStudium, monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """Open a page by name, as somebody who is signed in."""

    def open_client(_timeout: float = 0) -> Client:
        return Client(http=TestClient(known.app()), session="of-somebody")

    monkeypatch.setattr(api, "open_client", open_client)
    st.cache_data.clear()
    st.cache_resource.clear()

    def opened(name: str | None = None, **query: str) -> AppTest:
        test = AppTest.from_file(str(APP), default_timeout=30)
        for key, value in query.items():
            test.query_params[key] = value
        test.run()
        return test.switch_page(f"app_pages/{name}.py").run() if name else test

    return opened
