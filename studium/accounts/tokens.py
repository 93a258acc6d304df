"""Programs' tokens: a signed access token of 15 minutes and an opaque refresh token of 7 days, used once.

A refresh token's successor is derived from it with the installation's key. The same token sent again within seconds
(a retry after a lost answer, two tabs at once) therefore gets the same successor, and nothing forks. Sent again later,
or after its successor was used, it was copied: the whole family ends.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey
from psycopg import Connection

from studium.accounts.secrets import Keys, fingerprint, new_token
from studium.database.pool import assume

ACCESS_LIFE = timedelta(minutes=15)
REFRESH_LIFE = timedelta(days=7)
GRACE = timedelta(seconds=10)
ISSUER = "studium"
TYPE = "at+jwt"  # RFC 9068

End = Literal["signed_out", "reused", "password_changed"]


@dataclass(frozen=True)
class Access:
    """What an access token says: an account, and the sign-in it descends from."""

    account_id: UUID
    family_id: UUID


@dataclass(frozen=True, repr=False)
class Pair:
    """An access token and the refresh token to replace it with."""

    access_token: str
    refresh_token: str


def issue_access(keys: Keys, access: Access, now: datetime) -> str:
    """A signed access token that ends 15 minutes from `now`."""
    key = _key(keys)
    claims = {
        "iss": ISSUER,
        "sub": str(access.account_id),
        "sid": str(access.family_id),
        "iat": int(now.timestamp()),
        "exp": int((now + ACCESS_LIFE).timestamp()),
    }
    return jwt.encode({"alg": "HS256", "typ": TYPE, "kid": key.kid}, claims, key, default_type=None)


def read_access(keys: Keys, token: str, now: datetime) -> Access | None:
    """What a token says, if it is ours, unaltered and not over; `None` otherwise."""
    try:
        read = jwt.decode(token, KeySet([_key(keys)]), algorithms=["HS256"])
        if read.header.get("typ") != TYPE or "kid" not in read.header:
            return None
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            iss={"essential": True, "value": ISSUER},
            exp={"essential": True},
            sub={"essential": True},
            sid={"essential": True},
        ).validate(read.claims)
        return Access(UUID(read.claims["sub"]), UUID(read.claims["sid"]))
    except (JoseError, ValueError, TypeError, AttributeError):
        return None


def start_family(connection: Connection, keys: Keys, account_id: UUID, now: datetime) -> Pair:
    """Tokens for a sign-in; the transaction must be bound to the account."""
    row = connection.execute(
        "insert into app.token_families (account_id) values (%s) returning family_id", [account_id]
    ).fetchone()
    assert row is not None  # noqa: S101 - insert returning always returns
    token = new_token()
    _keep(connection, token, Access(account_id, row[0]), now)
    return Pair(issue_access(keys, Access(account_id, row[0]), now), token)


def rotate(connection: Connection, keys: Keys, token: str, now: datetime) -> Pair | None:
    """Spend a refresh token for new tokens; `None` when it is worth nothing (and its family, if copied, has ended).

    The caller must commit in either case.
    """
    known = connection.execute("select app.refresh_token_account(%s)", [fingerprint(token)]).fetchone()
    if known is None or known[0] is None:
        return None
    assume(connection, known[0])
    # the family's lock makes rotations of one sign-in wait for each other
    row = connection.execute(
        "select f.family_id, f.ended_at from app.token_families f join app.refresh_tokens t using (family_id) "
        "where t.token_hash = %s for update of f",
        [fingerprint(token)],
    ).fetchone()
    if row is None or row[1] is not None:
        return None
    access, successor = Access(known[0], row[0]), _successor(keys, token)
    expires_at, spent_at = _times(connection, token)
    if expires_at <= now:
        return None
    if spent_at is None:
        connection.execute(
            "update app.refresh_tokens set spent_at = %s where token_hash = %s", [now, fingerprint(token)]
        )
        _keep(connection, successor, access, now)
    elif now - spent_at > GRACE or _times(connection, successor)[1] is not None:
        end_family(connection, access.family_id, "reused")
        return None
    return Pair(issue_access(keys, access, now), successor)


def end_family(connection: Connection, family_id: UUID, because: End) -> None:
    """End a sign-in: its refresh tokens and its access tokens are worth nothing from now on."""
    connection.execute(
        "update app.token_families set ended_at = now(), ended_because = %s where family_id = %s and ended_at is null",
        [because, family_id],
    )


def end_other_families(connection: Connection, account_id: UUID, kept: UUID | None, because: End) -> None:
    """End every sign-in of the bound account's programs but one."""
    connection.execute(
        "update app.token_families set ended_at = now(), ended_because = %s "
        "where account_id = %s and family_id is distinct from %s and ended_at is null",
        [because, account_id, kept],
    )


def family_account(connection: Connection, access: Access) -> UUID | None:
    """The account of a sign-in that has not ended."""
    row = connection.execute("select app.family_account(%s)", [access.family_id]).fetchone()
    return access.account_id if row is not None and row[0] == access.account_id else None


def _keep(connection: Connection, token: str, access: Access, now: datetime) -> None:
    connection.execute(
        "insert into app.refresh_tokens (token_hash, family_id, account_id, issued_at, expires_at) "
        "values (%s, %s, %s, %s, %s)",
        [fingerprint(token), access.family_id, access.account_id, now, now + REFRESH_LIFE],
    )


def _times(connection: Connection, token: str) -> tuple[datetime, datetime | None]:
    row = connection.execute(
        "select expires_at, spent_at from app.refresh_tokens where token_hash = %s", [fingerprint(token)]
    ).fetchone()
    assert row is not None  # noqa: S101 - the family's lock is held, and tokens are never removed before their family
    return row[0], row[1]


def _successor(keys: Keys, token: str) -> str:
    return urlsafe_b64encode(hmac.digest(keys.refresh_tokens, token.encode(), sha256)).rstrip(b"=").decode()


def _key(keys: Keys) -> OctKey:
    kid = sha256(b"kid" + keys.access_tokens).hexdigest()[:16]
    return OctKey.import_key(keys.access_tokens, {"kid": kid, "use": "sig", "alg": "HS256"})
