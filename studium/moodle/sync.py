"""One sync of a course with its Moodle: ask what may have changed, keep what was said, write down how it went.

A sync ends either with a whole new snapshot, or as if it had not been. Turning a snapshot into rows is `snapshots`' and
`load`'s; scanning a site for courses worth syncing is `scan`'s.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from obstore.store import ObjectStore
from psycopg import Connection

from studium.moodle.asking import Asking, CourseGone, Progress, cmids
from studium.moodle.keeping import bringing, forget_old, sweep
from studium.moodle.keys import CourseKey
from studium.moodle.standing import Account, Skipped, begin, end_gone, end_well, fail, newest_sync, register_sync
from studium.moodle.webservice.answers import Answers
from studium.moodle.webservice.client import MoodleClient
from studium.moodle.webservice.errors import WebServiceError
from studium.moodle.webservice.snapshot import answers_path, load_snapshot, save_marks


def _untold(_stage: str, _done: int, _total: int) -> None:
    """Nobody looks on."""


@dataclass(frozen=True)
class Synced:
    """What a sync found."""

    changed: bool
    """Whether there is a snapshot that is not the one before."""
    calls: int
    bytes: int
    skipped: list[Skipped] = field(default_factory=list)
    new_items: int = 0
    """Modules nobody here knew of."""
    held: dict[str, Any] | None = None
    is_gone: bool = False


def sync_course(
    store: ObjectStore,
    connection: Connection,
    client: MoodleClient,
    course: CourseKey,
    *,
    at: datetime,
    progress: Progress = _untold,
) -> Synced:
    """Ask a course's site what is new, and register the snapshot if it differs from the one before.

    Args:
        store: where snapshots and files lie.
        connection: in autocommit, so that no transaction is open while the site is asked.
        client: of the site.
        course: the course.
        at: now; the moment the snapshot speaks for.
        progress: is told how far it is.

    Raises:
        WebServiceError: the site cannot be asked, or does not show the course. Nothing has changed.
    """
    with _alone(connection, course), bringing(connection, course.site_id):
        began, calls, received = time.monotonic(), client.calls, client.bytes
        known = newest_sync(connection, course)
        begin(connection, course)
        previous = load_snapshot(store, course, known.object_path if known else None)
        asking = Asking(client, course, at, previous, progress)
        try:
            asking.ask(store)
        except CourseGone:
            end_gone(connection, course, at)
            return Synced(True, client.calls - calls, client.bytes - received, is_gone=True)
        except WebServiceError as error:
            fail(connection, course, str(error))
            raise
        snapshot = asking.snapshot
        account = Account(
            client.calls - calls, client.bytes - received, round(time.monotonic() - began, 2), asking.deferred
        )
        changed = known is None or snapshot.answers.said != previous.answers.said
        if changed:
            sha256 = snapshot.answers.sha256
            snapshot.answers.save(store, answers_path(course, sha256))
        with connection.transaction():  # nobody may agree to a snapshot that came after what they were shown
            if changed:
                register_sync(connection, course, client.address.wwwroot, sha256, at, account)
            end_well(connection, course, at, snapshot.answers, account, asking.skipped, changed=changed)
        save_marks(store, course, snapshot)
        new_items = _unknown(connection, course, snapshot.answers) if changed else 0
        if changed:
            forget_old(store, connection, course)
    if changed:
        sweep(store, connection, course.site_id, at)
    return Synced(changed, account.calls, account.bytes, asking.skipped, new_items)


@contextmanager
def _alone(connection: Connection, course: CourseKey) -> Iterator[None]:
    """One sync a course at a time."""
    name = f"studium.sync {course}"
    connection.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [name])
    try:
        yield
    finally:
        connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def _unknown(connection: Connection, course: CourseKey, answers: Answers) -> int:
    """How many modules `raw` does not hold."""
    known = connection.execute(
        "select cmid from raw.modules where site_id = %s and course_id = %s", list(course)
    ).fetchall()
    return len(cmids(answers, course) - {cmid for (cmid,) in known})
