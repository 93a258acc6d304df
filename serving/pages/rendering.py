"""The small HTML pages this room serves itself: no script, nothing from another host."""

import secrets
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from fastapi import Response
from jinja2 import Environment, PackageLoader, StrictUndefined

POLICY = (
    "default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def render(template: str, status: int = 200, **values: Any) -> Response:
    """A page; everything put into it is escaped."""
    nonce = secrets.token_urlsafe(16)
    page = _templates().get_template(template).render(nonce=nonce, **values)
    headers = {"Content-Security-Policy": POLICY.format(nonce=nonce)}
    return Response(page, status, headers, "text/html; charset=utf-8")


@lru_cache(maxsize=1)
def _templates() -> Environment:
    loader = PackageLoader("serving.pages")
    found = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    found.globals["icon"] = f"data:image/svg+xml,{quote(found.get_template('mark.svg').render())}"
    return found
