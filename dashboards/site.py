"""The composition for one machine: the API and the pages as one ASGI application, behind one session cookie.

Here belong who answers which path, who may open a page or its socket, and how both parts start and stop. What a page
shows and what the API answers belong to `app_pages/` and to `serving`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import FileResponse
from starlette.routing import Match, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboards.components.look import MARK
from dashboards.gate import PageGate
from serving.app import create_app
from studium.settings import Settings, get_settings

PAGES = Path(__file__).parent / "streamlit_app.py"


class Site:
    """Sends a request to the API when the API knows its path, and to the pages otherwise."""

    def __init__(self, api: Starlette, pages: ASGIApp) -> None:
        self.api = api
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request or one WebSocket."""
        target = self.api if self._is_for_api(scope) else self.pages
        await target(scope, receive, send)

    def _is_for_api(self, scope: Scope) -> bool:
        if scope["path"].startswith("/api/"):
            return True
        return any(route.matches(scope)[0] is not Match.NONE for route in self.api.routes)


def create_site(settings: Settings) -> Starlette:
    """The whole site: API and pages at one address.

    Streamlit keeps one runtime a process, so that a process builds one site.
    """
    api = create_app(settings)
    icon = Route("/favicon.png", lambda _: FileResponse(MARK))  # a browser shows Streamlit's until the page has run
    pages = st.App(PAGES, routes=[icon], middleware=[Middleware(PageGate, api=api)])
    start_pages = pages.lifespan()

    @asynccontextmanager
    async def lifespan(site: Starlette) -> AsyncIterator[None]:
        async with api.router.lifespan_context(api), start_pages(site):
            yield

    return Starlette(routes=[Mount("/", Site(api, pages))], lifespan=lifespan)


def __getattr__(name: str) -> Starlette:
    """Build `app` when a server asks for `dashboards.site:app`, so that importing this module starts nothing."""
    if name != "app":
        raise AttributeError(name)
    site = globals()["app"] = create_site(get_settings())
    return site
