"""Access tokens: what is ours is read, everything else is nothing."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from studium.accounts.secrets import Keys
from studium.accounts.tokens import ACCESS_LIFE, Access, issue_access, read_access

KEYS = Keys.derive(b"k" * 32)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACCESS = Access(uuid4(), uuid4())


def test_a_token_is_read_until_it_ends() -> None:
    token = issue_access(KEYS, ACCESS, NOW)
    assert read_access(KEYS, token, NOW) == ACCESS
    assert read_access(KEYS, token, NOW + ACCESS_LIFE - timedelta(seconds=1)) == ACCESS
    assert read_access(KEYS, token, NOW + ACCESS_LIFE + timedelta(seconds=1)) is None


def test_another_installations_token_is_nothing() -> None:
    assert read_access(Keys.derive(b"x" * 32), issue_access(KEYS, ACCESS, NOW), NOW) is None


def rewritten(token: str, part: int, **changes: object) -> str:
    parts = token.split(".")
    said = json.loads(urlsafe_b64decode(parts[part] + "=="))
    parts[part] = urlsafe_b64encode(json.dumps(said | changes).encode()).rstrip(b"=").decode()
    return ".".join(parts)


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        (0, {"alg": "none"}),
        (0, {"alg": "HS512"}),
        (0, {"kid": "another"}),
        (1, {"sub": str(uuid4())}),
        (1, {"exp": 9_999_999_999}),
    ],
)
def test_a_changed_token_is_nothing(part: int, changes: dict[str, object]) -> None:
    token = issue_access(KEYS, ACCESS, NOW)
    assert read_access(KEYS, rewritten(token, part, **changes), NOW) is None
    unsigned = rewritten(token, part, **changes).rpartition(".")[0] + "."
    assert read_access(KEYS, unsigned, NOW) is None


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({"typ": "JWT"}, {}),
        ({"kid": None}, {}),
        ({}, {"iss": "somebody"}),
        ({}, {"sid": None}),
        ({}, {"sub": "no uuid"}),
        ({}, {"sub": 7}),
        ({}, {"exp": None}),
    ],
)
def test_our_key_alone_is_not_enough(header: dict[str, str | None], claims: dict[str, object]) -> None:
    good_header = {"alg": "HS256", "typ": "at+jwt", "kid": _kid(KEYS)}
    good_claims = {"iss": "studium", "sub": str(uuid4()), "sid": str(uuid4()), "exp": int(NOW.timestamp()) + 60}
    key = OctKey.import_key(KEYS.access_tokens)
    made = jwt.encode(good_header, good_claims, key, default_type=None)
    assert read_access(KEYS, made, NOW) is not None
    spoiled_header = {name: value for name, value in (good_header | header).items() if value is not None}
    spoiled_claims = {name: value for name, value in (good_claims | claims).items() if value is not None}
    made = jwt.encode(spoiled_header, spoiled_claims, key, default_type=None)
    assert read_access(KEYS, made, NOW) is None


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "a.b.c.d.e", "é.é.é", "x" * 5000])
def test_noise_is_nothing(token: str) -> None:
    assert read_access(KEYS, token, NOW) is None


def _kid(keys: Keys) -> str:
    header = issue_access(keys, ACCESS, NOW).partition(".")[0]
    kid: str = json.loads(urlsafe_b64decode(header + "=="))["kid"]
    return kid
