"""How long snapshots stay: as long as anything may be read from them. Then they go, and with them what only they name.

Rows go last, and bytes by looking at what is there: what a crash leaves undone is done the next time.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

import structlog
from obstore.store import ObjectStore
from psycopg import Connection
from psycopg.rows import class_row

from studium.moodle.keys import CourseKey
from studium.moodle.lake import landed, named_bytes
from studium.moodle.standing import RegisteredSync
from studium.moodle.webservice.answers import Answers, Unreadable
from studium.moodle.webservice.snapshot import brought_files
from studium.storage import get, put, remove, under

log = structlog.get_logger(__name__)
NEWEST = 2
"""The snapshot taken last, which speaks or waits for a person, and the one before it."""
BETWEEN_SWEEPS = timedelta(days=1)
OLD = """
select site_id, course_id, synced_at, sha256, object_path, account, approved_at
from (select *, row_number() over (order by synced_at desc) as age from raw.course_syncs
      where site_id = %s and course_id = %s) s
where age > %s and not exists (
    select from raw.courses c
    where (c.site_id, c.course_id, c.backup_at, c.backup_sha256) = (s.site_id, s.course_id, s.synced_at, s.sha256)
)
"""
IN_USE = """
select object_path from raw.materials where site_id = %(site)s
union select object_path from content.documents where object_path is not null
"""


def forget_old(store: ObjectStore, connection: Connection, course: CourseKey) -> None:
    """Remove the snapshots of a course that nothing is read from any more; nobody else syncs it meanwhile."""
    with connection.cursor(row_factory=class_row(RegisteredSync)) as cursor:
        old = cursor.execute(OLD, [*course, NEWEST]).fetchall()
    rows = connection.execute(
        "select sha256 from raw.course_syncs where site_id = %s and course_id = %s and synced_at <> all(%s)",
        [*course, [sync.synced_at for sync in old]],
    ).fetchall()
    for sync in old:
        if (sync.sha256,) not in rows:  # a course that is again as it was has the same answers
            for path in [*under(store, landed(course, sync.sha256)), sync.object_path]:
                remove(store, path)
        connection.execute(
            "delete from raw.course_syncs where site_id = %s and course_id = %s and synced_at = %s",
            [*course, sync.synced_at],
        )


@contextmanager
def bringing(connection: Connection, site_id: str) -> Iterator[None]:
    """While bytes of a site's materials are brought or relied upon that no row names yet, none are swept away."""
    connection.execute("select pg_advisory_lock_shared(hashtextextended(%s, 0))", [_bytes(site_id)])
    try:
        yield
    finally:
        connection.execute("select pg_advisory_unlock_shared(hashtextextended(%s, 0))", [_bytes(site_id)])


def sweep(store: ObjectStore, connection: Connection, site_id: str, at: datetime) -> int:
    """Remove the bytes no snapshot, backup or document names, once a day; returns how many there were.

    Where somebody is just bringing some, it is left to the next time.
    """
    done = f"lake/moodle/{site_id}/swept"
    with suppress(FileNotFoundError):
        if at - datetime.fromisoformat(get(store, done).decode()) < BETWEEN_SWEEPS:
            return 0
    lock = "select pg_{}(hashtextextended(%s, 0))"
    if connection.execute(lock.format("try_advisory_lock"), [_bytes(site_id)]).fetchone() != (True,):
        return 0
    try:
        unnamed = _unnamed(store, connection, site_id)
        for path in unnamed:
            remove(store, path)
    finally:
        connection.execute(lock.format("advisory_unlock"), [_bytes(site_id)])
    put(store, done, at.isoformat().encode())
    return len(unnamed)


def _unnamed(store: ObjectStore, connection: Connection, site_id: str) -> set[str]:
    """The bytes of a site that nothing names; none at all where something that may name some cannot be read."""
    try:
        here = set(under(store, f"moodle/{site_id}/contents"))
        return here - _named(store, connection, site_id)
    except Exception as error:  # polars and stores raise families of their own, and no sync is to end by it
        log.warning("swept nothing: what names the bytes cannot be read", site=site_id, error=type(error).__name__)
        return set()


def _bytes(site_id: str) -> str:
    return f"studium.bytes {site_id}"


def _named(store: ObjectStore, connection: Connection, site_id: str) -> set[str]:
    """The object paths of all bytes of a site that something may still be made of."""
    named = {path for (path,) in connection.execute(IN_USE, {"site": site_id}).fetchall()}
    syncs = connection.execute(
        "select course_id, sha256, object_path from raw.course_syncs where site_id = %s", [site_id]
    ).fetchall()
    backups = connection.execute(
        "select course_id, sha256 from raw.course_backups where site_id = %s", [site_id]
    ).fetchall()
    for _, _, answers in syncs:
        with suppress(FileNotFoundError, Unreadable):  # a crash has kept its row from going with it, or nobody reads it
            named.update(brought_files(Answers.load(store, answers)).values())
    for number, sha256, *_ in [*syncs, *backups]:
        named |= named_bytes(store, CourseKey(site_id, number), sha256)
    return named
