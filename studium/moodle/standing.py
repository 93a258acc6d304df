"""How each course stands with its Moodle: `app.course_sync` and `raw.course_syncs`. Nothing is asked here."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from studium.moodle.keys import CourseKey
from studium.moodle.webservice.answers import Answers, Unasked
from studium.moodle.webservice.errors import WebServiceError
from studium.moodle.webservice.plan import COURSES
from studium.moodle.webservice.reader.people import ENROLLED
from studium.moodle.webservice.reader.read import CONTENTS
from studium.moodle.webservice.snapshot import answers_path


@dataclass(frozen=True)
class Account:
    """What a sync cost."""

    calls: int
    bytes: int
    seconds: float
    deferred: int = 0
    """Calls about people that were put off to the next sync."""


@dataclass(frozen=True)
class Skipped:
    """What a site did not tell."""

    function: str
    kind: str
    reason: str
    times: int = 1


@dataclass(frozen=True)
class RegisteredSync:
    """A snapshot of a course in the lake."""

    site_id: str
    course_id: int
    synced_at: datetime
    sha256: str
    object_path: str
    account: dict[str, Any]
    approved_at: datetime | None

    @property
    def course(self) -> CourseKey:
        """The course it is of."""
        return CourseKey(self.site_id, self.course_id)


def newest_sync(connection: Connection, course: CourseKey) -> RegisteredSync | None:
    """The snapshot of a course taken last."""
    with connection.cursor(row_factory=class_row(RegisteredSync)) as cursor:
        return cursor.execute(
            "select * from raw.course_syncs where site_id = %s and course_id = %s order by synced_at desc limit 1",
            list(course),
        ).fetchone()


def register_sync(
    connection: Connection, course: CourseKey, wwwroot: str, sha256: str, at: datetime, account: Account
) -> None:
    """Let a snapshot speak for its course from now on."""
    with connection.transaction():
        connection.execute(
            "insert into raw.sites as known (site_id, wwwroot) values (%s, %s) on conflict (site_id) do update "
            "set wwwroot = excluded.wwwroot where known.wwwroot <> excluded.wwwroot",
            [course.site_id, wwwroot],
        )
        connection.execute(
            "insert into raw.course_syncs (site_id, course_id, synced_at, sha256, object_path, account) "
            "values (%s, %s, %s, %s, %s, %s)",
            [*course, at, sha256, answers_path(course, sha256), Jsonb(asdict(account))],
        )


@contextmanager
def _lightly(connection: Connection) -> Iterator[None]:
    """A transaction nobody waits for the disk for: should a crash forget it, the next sync finds the same again."""
    with connection.transaction():
        connection.execute("set local synchronous_commit = off")
        yield


def begin(connection: Connection, course: CourseKey) -> None:
    """A sync begins; a course that is gone or held stays so until it is known to be otherwise."""
    with _lightly(connection):
        connection.execute(
            "insert into app.course_sync as known (course_id, state) values (%s, 'running') on conflict (course_id) "
            "do update set state = case when known.state in ('gone', 'held') then known.state else 'running' end",
            [str(course)],
        )


def end_well(
    connection: Connection,
    course: CourseKey,
    at: datetime,
    answers: Answers,
    account: Account,
    skipped: Sequence[Skipped],
    *,
    changed: bool,
) -> None:
    """The site has been asked; a course that was gone is there again once its rows are loaded, or are as they were."""
    with _lightly(connection):
        connection.execute(
            "update app.course_sync set "
            "state = case when state = 'held' and not %(changed)s then 'held' else 'idle' end, "
            "last_synced_at = %(at)s, last_changed_at = case when %(changed)s then %(at)s else last_changed_at end, "
            "fingerprint = %(fingerprint)s, skipped = %(skipped)s, account = %(account)s, error = null, "
            "shortname = coalesce(%(shortname)s, shortname) where course_id = %(course)s",
            {
                "changed": changed,
                "at": at,
                "fingerprint": fingerprint_of(answers, course),
                "skipped": Jsonb([asdict(one) for one in skipped]),
                "account": Jsonb(asdict(account)),
                "shortname": catalogue_row(_told(answers, COURSES, field="id", value=course.course_id), course).get(
                    "shortname"
                ),
                "course": str(course),
            },
        )
        if not changed:
            connection.execute(
                "delete from raw.gone_courses g using raw.courses c where (g.site_id, g.course_id) = (%(s)s, %(c)s) "
                "and (c.site_id, c.course_id) = (%(s)s, %(c)s) and c.backup_at >= "
                "(select max(synced_at) from raw.course_syncs where (site_id, course_id) = (%(s)s, %(c)s))",
                {"s": course.site_id, "c": course.course_id},
            )


def end_gone(connection: Connection, course: CourseKey, at: datetime) -> None:
    """The site knows the course no longer: from this moment nobody finds anything in it, and its rows stay."""
    with connection.transaction():
        connection.execute(
            "insert into raw.gone_courses (site_id, course_id, gone_at) values (%s, %s, %s) on conflict do nothing",
            [*course, at],
        )
        connection.execute(
            "update app.course_sync set state = 'gone', last_synced_at = %s, fingerprint = null, error = null "
            "where course_id = %s",
            [at, str(course)],
        )


def add_cost(connection: Connection, course: CourseKey, **figures: int) -> None:
    """Add to the account of a course's last sync what followed from it."""
    connection.execute(
        "update app.course_sync set account = account || %s where course_id = %s", [Jsonb(figures), str(course)]
    )


def fail(connection: Connection, course: CourseKey, error: str) -> None:
    """A sync came to nothing."""
    connection.execute(
        "update app.course_sync set error = %s, "
        "state = case when state in ('gone', 'held') then state else 'failed' end where course_id = %s",
        [error, str(course)],
    )


def hold(connection: Connection, course: CourseKey, synced_at: datetime, gone: Mapping[str, Sequence[str]]) -> None:
    """Much of a course is gone in a snapshot: a person is asked, unless there is a newer one or no such course."""
    with connection.transaction():
        # whoever registers a newer snapshot writes to this row as well: they come before this, or after it
        connection.execute("select from app.course_sync where course_id = %s for update", [str(course)])
        connection.execute(
            "update app.course_sync set state = 'held', held = %s where course_id = %s and state <> 'gone' and %s = "
            "(select max(synced_at) from raw.course_syncs where (site_id, course_id) = (%s, %s))",
            [Jsonb(dict(gone)), str(course), synced_at, *course],
        )


def release(connection: Connection, course: CourseKey) -> None:
    """The newest snapshot has been loaded."""
    connection.execute(
        "update app.course_sync set state = case when state = 'held' then 'idle' else state end, held = null "
        "where course_id = %s and (state = 'held' or held is not null)",
        [str(course)],
    )


def approve(connection: Connection, course: CourseKey) -> bool:
    """Let the newest snapshot through; returns whether there is one that waits."""
    updated = connection.execute(
        "update raw.course_syncs s set approved_at = now() where (site_id, course_id) = (%s, %s) and synced_at = "
        "(select max(synced_at) from raw.course_syncs n where (n.site_id, n.course_id) = (s.site_id, s.course_id)) "
        "and exists (select from app.course_sync c where c.course_id = %s and c.state = 'held')",
        [*course, str(course)],
    )
    return updated.rowcount == 1


def is_approved(connection: Connection, course: CourseKey) -> bool:
    """Whether a person let the newest snapshot through."""
    newest = newest_sync(connection, course)
    return newest is not None and newest.approved_at is not None


def catalogue_row(catalogue: Any, course: CourseKey) -> dict[str, Any]:
    """What the list of courses says of one."""
    courses = catalogue["courses"] if isinstance(catalogue, dict) else []
    return next((one for one in courses if one.get("id") == course.course_id), {})


def fingerprint_of(answers: Answers, course: CourseKey) -> str:
    """A hash of what a scan looks at: the course in the list of courses, its contents, its people."""
    number = course.course_id
    listed = catalogue_row(_told(answers, COURSES, field="id", value=number), course)
    told = [listed, *(answers.sha256_of(function, courseid=number) for function in (CONTENTS, ENROLLED))]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _told(answers: Answers, function: str, **parameters: Any) -> Any:
    try:
        return answers.get(function, **parameters)
    except (WebServiceError, Unasked):
        return None
