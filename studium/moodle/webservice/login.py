"""A name and a password, exchanged once for a token. Neither is kept."""

from collections.abc import Iterator

import httpx2
from pydantic import SecretStr

from studium.moodle.webservice.address import Address
from studium.moodle.webservice.body import read
from studium.moodle.webservice.errors import LOGIN, SurprisingAnswer
from studium.moodle.webservice.exchange import Exchange, Patience, Sending

MOBILE_APP = "moodle_mobile_app"
_GREATEST_BYTES = 100_000


def login(
    address: Address,
    username: str,
    password: SecretStr,
    service: str = MOBILE_APP,
    *,
    patience: Patience | None = None,
) -> SecretStr:
    """The token of a person for a service; `LoginRefused` when the site gives none."""
    exchange = Exchange(address, concurrency=1, patience=patience)
    fields = (("username", username), ("service", service))
    try:
        return exchange.post(
            Sending(LOGIN, f"{address.wwwroot}/{LOGIN}", fields, limit=_GREATEST_BYTES), {"password": password}, _token
        )
    finally:
        exchange.close()


def _token(response: httpx2.Response, pieces: Iterator[bytes]) -> SecretStr:
    try:
        answer = read(LOGIN, response.status_code, response.headers, b"".join(pieces))
    except SurprisingAnswer as error:
        error.body = b""  # it may hold the token
        raise
    token = answer.get("token") if isinstance(answer, dict) else None
    if not isinstance(token, str) or not token.isalnum():
        raise SurprisingAnswer(LOGIN, "the answer holds no token")
    return SecretStr(token)
