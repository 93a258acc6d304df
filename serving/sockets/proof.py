"""What a listener proves who they are with: anew at each look, since it may end while they listen."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import psycopg
import psycopg_pool
from anyio import to_thread
from fastapi.security.utils import get_authorization_scheme_param
from psycopg import Connection
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from serving.dependencies import Caller, known
from serving.problems import BUSY
from serving.services import Services
from serving.sockets.hub import Hub
from studium.client import SESSION_COOKIE
from studium.database.pool import assume

ENDED = "Your session has ended. Sign in again."
Result = TypeVar("Result")


@dataclass(frozen=True)
class Proof:
    """A token or, when there is none, a session's cookie."""

    token: str | None = None
    cookie: str | None = None


class SignedOutError(Exception):
    """The session or the token has ended, or the account has been closed."""


def brought(connection: HTTPConnection) -> Proof | None:
    """The proof that came with a request or a handshake."""
    scheme, token = get_authorization_scheme_param(connection.headers.get("authorization"))
    if scheme.lower() == "bearer" and token:
        return Proof(token=token)
    cookie = connection.cookies.get(SESSION_COOKIE)
    return Proof(cookie=cookie) if cookie else None


def who(connection: Connection, held: Services, proof: Proof) -> Caller:
    """The account a proof stands for, with the transaction bound to it."""
    caller = known(connection, held, datetime.now(UTC), proof.token, proof.cookie)
    if caller is None:
        raise SignedOutError
    assume(connection, caller.account_id)
    return caller


def identify(held: Services, proof: Proof) -> UUID:
    """Whose proof it is."""
    with held.pool.connection(timeout=5) as connection:
        return who(connection, held, proof).account_id


async def ask(hub: Hub, work: Callable[[], Result]) -> Result:
    """Do a listener's work on the database, few at a time; what it cannot answer is a problem with a status."""
    try:
        return await to_thread.run_sync(work, limiter=hub.reads)
    except SignedOutError as error:
        raise HTTPException(401, ENDED) from error
    except (psycopg.OperationalError, psycopg_pool.PoolTimeout) as error:
        raise HTTPException(503, BUSY, {"Retry-After": "5"}) from error
