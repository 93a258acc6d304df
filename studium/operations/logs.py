"""What `studium sync --logs` and the clock do: read Moodle's database, and ask for what its news changes.

Which site the database is of is settled here, and which account of it is Studium itself.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any
from uuid import UUID

from obstore.store import ObjectStore
from psycopg import Connection
from rich.console import Console

from studium import work
from studium.database.pool import Role, connect
from studium.moodle.keys import CourseKey, site_id_of
from studium.moodle.logs.database import LogDatabase, MoodleDatabaseError
from studium.moodle.logs.lake import courses_with_logs
from studium.moodle.logs.pull import pull as pull_site
from studium.moodle.logs.pull import register_days
from studium.moodle.logs.service import remember_service, services
from studium.moodle.webservice.client import SITE_INFO, MoodleClient
from studium.moodle.webservice.errors import WebServiceError
from studium.operations.imports import follow, follow_figures
from studium.settings import Settings
from studium.storage import open_store

UNSET = "STUDIUM_MOODLE_DATABASE_URL is not set: Moodle's logs come from its log report's CSV or from a dump"


@dataclass(frozen=True)
class Account:
    """What a reading of Moodle's log cost and gave."""

    site_id: str
    rows_read: int
    rows_added: int
    last_id: int
    seconds: float
    courses: Sequence[str]
    requests: Sequence[UUID]
    """The work asked for, one request a course that changed and has none waiting."""
    services: Sequence[int]
    """The accounts of the site known to be Studium itself; none means that its calls count as a person's."""

    def as_values(self) -> dict[str, Any]:
        """The account as plain values."""
        return asdict(self) | {"requests": [str(one) for one in self.requests]}

    def to_json(self) -> str:
        """The account as JSON."""
        return json.dumps(self.as_values())

    @property
    def line(self) -> str:
        """The account as a sentence for the terminal."""
        changed = ", ".join(self.courses) or "no course"
        return f"{self.rows_read} rows read, {self.rows_added} of them new, in {self.seconds:.1f} s; changed: {changed}"


def pull(settings: Settings, *, store: ObjectStore | None = None, again: bool = False) -> Account:
    """Read what is new of Moodle's log into the lake, and submit a request for each course it changes.

    Args:
        settings: say where Moodle's database is.
        store: the lake; the settings' when none is given.
        again: read from the beginning, for a lake that lost days.

    Raises:
        MoodleDatabaseError: there is no such setting, or the database cannot be read or is not a known site's.
    """
    if settings.moodle_database_url is None:
        raise MoodleDatabaseError(UNSET)
    began = monotonic()
    with (
        LogDatabase.open(settings.moodle_database_url) as database,
        connect(settings, Role.PIPELINE, autocommit=True) as connection,
    ):
        site_id = site_of(connection, settings, database.identifier_hash())
        pulled = pull_site(store or open_store(settings), connection, database, site_id, again=again)
        service = _service_account(settings, site_id)
        with connection.transaction():
            changed = set(register_days(connection, site_id))
            if service is not None and remember_service(connection, site_id, service):
                changed |= {course for course in courses_with_logs(connection) if course.site_id == site_id}
            requests = _ask(connection, sorted(changed))
        ours = services(connection, site_id)
    seconds = round(monotonic() - began, 3)
    courses = [str(course) for course in sorted(changed)]
    return Account(site_id, pulled.rows_read, pulled.rows_added, pulled.last_id, seconds, courses, requests, ours)


def pull_now(settings: Settings, console: Console, *, again: bool = False) -> Account:
    """`pull`, and wait until what it changed has reached the marts."""
    account = pull(settings, again=again)
    follow(settings, console, account.requests, "Moodle's log")
    follow_figures(settings, console)
    return account


def site_of(connection: Connection, settings: Settings, identifier_hash: str | None) -> str:
    """The known site a database is of: by the name it has for itself, else by `STUDIUM_MOODLE_URL`, else the only one.

    Raises:
        MoodleDatabaseError: none is, or it cannot be told.
    """
    known = connection.execute("select site_id, identifier_hash from raw.sites order by 1").fetchall()
    for site_id, named in known:
        if identifier_hash is not None and named == identifier_hash:
            return str(site_id)
    # a site whose own name is known is not the one that has another
    possible = [str(site_id) for site_id, named in known if named is None or identifier_hash is None]
    if settings.moodle_url is not None:
        possible = [site_id for site_id in possible if site_id == site_id_of(settings.moodle_url)]
    if len(possible) == 1:
        return possible[0]
    if not known:
        raise MoodleDatabaseError("no course is here yet: sync one, or import a backup, before the logs")
    raise MoodleDatabaseError(
        "STUDIUM_MOODLE_DATABASE_URL leads to a Moodle none of whose courses is here"
        if not possible
        else "say which Moodle the database is of by STUDIUM_MOODLE_URL: several are here"
    )


def _service_account(settings: Settings, site_id: str) -> int | None:
    """Who the service account is in Moodle; one that does not answer now is asked the next time."""
    if not settings.moodle_url or not settings.moodle_token or site_id != site_id_of(settings.moodle_url):
        return None
    try:
        with MoodleClient.of_site(settings) as client:
            return int(client.call(SITE_INFO)["userid"])
    except (WebServiceError, KeyError, TypeError, ValueError):
        return None


def _ask(connection: Connection, courses: Sequence[CourseKey]) -> list[UUID]:
    """Submit a request for each course that has none waiting."""
    waiting = {
        row[0]
        for row in connection.execute(
            "select payload ->> 'course_id' from app.work_requests "
            "where kind = 'import_logs' and status = 'queued' and not payload ? 'object_path'"
        )
    }
    return [
        work.submit(connection, "import_logs", {"course_id": str(course)})
        for course in courses
        if str(course) not in waiting
    ]
