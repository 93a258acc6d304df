"""What an HTTP answer of a Moodle means: the value in it, or one of the errors.

The site is not trusted: its answer has a greatest size, a greatest depth, and must be JSON that can be kept.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from studium.moodle.webservice.errors import (
    AuthenticationError,
    Maintenance,
    NotThere,
    ServicesDisabled,
    SurprisingAnswer,
    TransientError,
    WebServiceError,
    is_refusal,
    refusal,
)

KEPT_BYTES = 10_000
GREATEST_DEPTH = 60
_BUSY = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_FOR_GOOD = {HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.HTTP_VERSION_NOT_SUPPORTED}


def read(function: str, status: int, headers: Mapping[str, str], body: bytes) -> Any:
    """The JSON value of an answer that came whole; raises the error it stands for otherwise."""
    if media_type(headers) != "application/json":
        raise by_status(function, status, headers, body)
    try:
        value = _parse(body)
    except (ValueError, RecursionError) as error:
        if not _framed(headers):
            raise TransientError(function, "the answer broke off") from None
        raise SurprisingAnswer(function, f"not JSON that can be kept: {error}", body=body[:KEPT_BYTES]) from None
    if is_refusal(value):
        said = refusal(function, value)
        if isinstance(said, SurprisingAnswer):
            said.body = body[:KEPT_BYTES]
        raise said
    if status != HTTPStatus.OK:
        raise by_status(function, status, headers, body)
    return value


def by_status(function: str, status: int, headers: Mapping[str, str], body: bytes) -> WebServiceError:
    """The error of an answer that is no JSON, by its status."""
    wait = retry_after(headers)
    if status == HTTPStatus.SERVICE_UNAVAILABLE and media_type(headers) == "text/html":
        return Maintenance(function, "the site is closed for maintenance", retry_after=wait)
    if status in _BUSY or (status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in _FOR_GOOD):
        return TransientError(function, f"HTTP {status}", retry_after=wait)
    if status == HTTPStatus.FORBIDDEN and not body:
        return ServicesDisabled(function, "the site has its web services switched off")
    if status == HTTPStatus.UNAUTHORIZED:
        return AuthenticationError(function, "HTTP 401")
    if status == HTTPStatus.NOT_FOUND and function == "file":
        return NotThere(function, "HTTP 404")
    said = f"HTTP {status}, {media_type(headers) or 'of no type'}"
    return SurprisingAnswer(function, f"not an answer of Moodle's web services: {said}", body=body[:KEPT_BYTES])


def media_type(headers: Mapping[str, str]) -> str:
    """The media type without its parameters."""
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """How many seconds the site asks to be left alone, by either form of `Retry-After`; `None` when it does not."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
        now = parsedate_to_datetime(headers["Date"]) if "Date" in headers else datetime.now(UTC)
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError):
        return None


def _framed(headers: Mapping[str, str]) -> bool:
    return "Content-Length" in headers or "Transfer-Encoding" in headers


def _parse(body: bytes) -> Any:
    value = json.loads(body.decode(), parse_constant=_no_number)
    _measure(value)
    if b"\\ud" in body or b"\\uD" in body:
        json.dumps(value, ensure_ascii=False).encode()  # half a character has no UTF-8, and so no place in a database
    return value


def _measure(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > GREATEST_DEPTH:
            raise ValueError("nested too deep")
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not a number of JSON")
