"""What a route may ask for, by type: the transaction, who calls, their standing in a course.

Permission is decided here, by the database; a route that asks for `Instructor` runs for instructors alone.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Header, HTTPException, Path, Query, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from psycopg import Connection
from starlette.requests import HTTPConnection

from serving.services import Services
from studium.accounts import permissions, tokens
from studium.accounts.sessions import session_account
from studium.client import SESSION_COOKIE
from studium.database.pool import assume
from studium.settings import Settings
from studium.wire.accounts import CourseRole
from studium.wire.base import COURSE_KEY

STATEMENT_TIMEOUT = "20s"
FOREIGN_PAGE = "This request came from another site's page."
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

bearer_scheme = HTTPBearer(auto_error=False, description="A program's access token (15 minutes).")
cookie_scheme = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, description="A browser's session (7 days).")


async def services(request: Request) -> Services:
    """What the process holds."""
    held: Services = request.app.state.services
    return held


async def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def transaction(held: Annotated[Services, Depends(services)]) -> Iterator[Connection]:
    """The request's transaction: committed before the answer leaves, rolled back when anything is raised."""
    with held.pool.connection(timeout=5) as connection:
        _limit_statements(connection)
        yield connection


def _limit_statements(connection: Connection) -> None:
    connection.execute(f"set local statement_timeout = '{STATEMENT_TIMEOUT}'")


Held = Annotated[Services, Depends(services)]
Now = Annotated[datetime, Depends(now)]
# Who waits for a connection waits in a thread, of which there are 40: were all to wait, nobody who has one could go on
# and give it back. A hundred requests at once stood still so, for five seconds at a time.
Transaction = Annotated[Connection, Depends(transaction, scope="function", max_concurrency=32)]


@dataclass(frozen=True)
class Caller:
    """Who calls, and what they proved it with."""

    account_id: UUID
    session: str | None = None
    family_id: UUID | None = None


def caller(
    request: Request,
    connection: Transaction,
    held: Held,
    moment: Now,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer_scheme)],
    cookie: Annotated[str | None, Depends(cookie_scheme)],
    as_of: Annotated[datetime | None, Header(alias="Studium-As-Of", description="Admins alone: another now.")] = None,
) -> Caller:
    """The account that calls, with the transaction bound to it."""
    who = known(connection, held, moment, bearer.credentials if bearer else None, cookie)
    if who is None:
        raise HTTPException(401, "Sign in first.", {"WWW-Authenticate": "Bearer"})
    if who.session is not None:
        require_own_origin(request, held.settings)
    held.limiter.spend(request.scope["route"].name, str(who.account_id))
    request.state.account_id = who.account_id
    assume(connection, who.account_id)
    if as_of is not None:
        _travel(connection, who, as_of)
    return who


SignedIn = Annotated[Caller, Depends(caller, scope="function")]


@contextmanager
def outside(connection: Connection, who: Caller) -> Iterator[None]:
    """While somebody else is asked, who may take long, no transaction is open; after it a new one, bound as before."""
    connection.commit()
    yield
    _limit_statements(connection)
    assume(connection, who.account_id)


async def bound(connection: Transaction, _who: SignedIn) -> Connection:
    """The transaction, bound to who calls."""
    return connection


Db = Annotated[Connection, Depends(bound, scope="function")]
CourseId = Annotated[str, Path(pattern=COURSE_KEY, examples=["moodle-example-org:2"])]
MaybeCourseId = Annotated[str | None, Query(pattern=COURSE_KEY)]
After = Annotated[str | None, Query(max_length=300, description="The `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200)]


@dataclass(frozen=True)
class Standing:
    """A course, and what the one who calls is in it."""

    course_id: str
    role: CourseRole


def member(course_id: CourseId, connection: Db) -> Standing:
    """A course one is in. Others learn nothing, not even that it is there."""
    role = permissions.course_role(connection, course_id)
    if role is None:
        raise HTTPException(404, "There is no such course for you.")
    return Standing(course_id, role)


def require_member(connection: Connection, course_id: str | None) -> None:
    """The same question for a course that is named in a form or a query; none named, none asked."""
    if course_id is not None:
        member(course_id, connection)


Member = Annotated[Standing, Depends(member, scope="function")]


def instructor(standing: Member) -> Standing:
    """A course one teaches."""
    if standing.role == "student":
        raise HTTPException(404, "There is no such course for you.")
    return standing


Instructor = Annotated[Standing, Depends(instructor, scope="function")]


def admin(connection: Db) -> None:
    """Somebody who may do and see everything."""
    if not permissions.is_admin(connection):
        raise HTTPException(404)


def address(request: Request) -> str:
    """Where a request comes from, as the server in front of us says."""
    return request.client.host if request.client else "unknown"


def limit_address(request: Request, held: Held) -> None:
    """The limit for requests that come before anybody is known: a whole classroom may share one address."""
    held.limiter.spend(request.scope["route"].name, address(request), per_minute=120)


def limit_sign_in(request: Request, held: Services, email: str) -> None:
    """The limit for guessing a password: few tries from one place, not many more from everywhere."""
    name = email.strip().lower()
    held.limiter.spend("sign_in", address(request), name)
    held.limiter.spend("sign_in_anywhere", name)


async def password_slot() -> AsyncIterator[None]:
    """A place to work on a password in."""
    yield


PASSWORD_WORK = Depends(password_slot, max_concurrency=4, scope="function")
"""Asked for first: argon2 takes 64 MiB and a core, and whoever waits for it holds neither thread nor connection."""


def require_own_origin(request: Request, settings: Settings) -> None:
    """Refuse a change that another site's page asked a browser for (it sends our cookie along)."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    if site not in (None, "same-origin") or not is_own_origin(request, settings):
        raise HTTPException(403, FOREIGN_PAGE)


def is_own_origin(connection: HTTPConnection, settings: Settings) -> bool:
    """Whether a browser says that a page of this installation's asks, by request or by socket."""
    scheme = {"ws": "http", "wss": "https"}.get(connection.url.scheme, connection.url.scheme)
    own = {(scheme, connection.headers.get("host", "")), urlsplit(settings.url)[:2]}
    return urlsplit(connection.headers.get("origin", ""))[:2] in own


def known(
    connection: Connection, held: Services, moment: datetime, token: str | None, cookie: str | None
) -> Caller | None:
    """Whom a token or, when there is none, a session's cookie stands for."""
    return _by_token(connection, held, token, moment) if token else _by_cookie(connection, cookie)


def _by_token(connection: Connection, held: Services, token: str, moment: datetime) -> Caller | None:
    access = tokens.read_access(held.keys, token, moment)
    account_id = tokens.family_account(connection, access) if access else None
    return Caller(account_id, family_id=access.family_id) if access and account_id else None


def _by_cookie(connection: Connection, cookie: str | None) -> Caller | None:
    account_id = session_account(connection, cookie) if cookie else None
    return Caller(account_id, session=cookie) if account_id else None


def _travel(connection: Connection, who: Caller, as_of: datetime) -> None:
    if not permissions.is_admin(connection):
        raise HTTPException(403, "Only an admin may ask as of another time.")
    if as_of.tzinfo is None:
        raise HTTPException(422, "Studium-As-Of needs a time zone.")
    assume(connection, who.account_id, as_of)
