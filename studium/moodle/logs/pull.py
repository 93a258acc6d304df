"""Reading a site's log from Moodle's database into the lake, from where the last reading ended.

The mark of how far that was moves last, with the account of what lies in the lake: a reading that ends in between is
repeated by the next, and finds its rows landed. Which Moodle is read, and who asks, is the operator's business.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from obstore.store import ObjectStore
from psycopg import Connection

from studium.moodle.keys import CourseKey
from studium.moodle.logs.database import BATCH, LogDatabase, MoodleDatabaseError
from studium.moodle.logs.days import Day, land_rows, root
from studium.moodle.logs.format import Kind

OVERLAP = 20_000
"""Ids read again each time. Moodle writes events after its transactions, so a row is seldom more than a few late."""

NAME = "Moodle's database"


@dataclass(frozen=True)
class Pulled:
    """What one reading gave."""

    rows_read: int
    rows_added: int
    last_id: int


def pull(
    store: ObjectStore,
    connection: Connection,
    database: LogDatabase,
    site_id: str,
    *,
    overlap: int = OVERLAP,
    size: int = BATCH,
    again: bool = False,
) -> Pulled:
    """Read what is new of a site's log into the lake; `register_days` tells which courses that changes.

    Args:
        store: holds the lake.
        connection: of the pipeline's role, in autocommit: each batch is a transaction.
        database: Moodle's.
        site_id: the site it is of.
        overlap: how many ids before the mark are read again.
        size: rows of a batch.
        again: read from the beginning, for a lake that lost days.

    Raises:
        MoodleDatabaseError: it cannot be read, or its ids lie before the mark, so that it is another database.
    """
    read = added = 0
    with _alone(connection, site_id):
        mark, newest = _mark(connection, site_id), database.newest()
        if newest and newest + overlap < mark:
            raise MoodleDatabaseError(
                f"the newest row of Moodle's log is {newest}, but it has been read up to {mark}: "
                "this is another Moodle's database, or one restored from long ago"
            )
        for rows in database.read(0 if again else max(0, mark - overlap), newest, size):
            days = land_rows(store, site_id, rows)
            mark = max(mark, int(rows["id"][-1]))
            with connection.transaction():
                _record(connection, site_id, days, mark)
            read, added = read + len(rows), added + sum(day.added for day in days)
    return Pulled(read, added, mark)


@contextmanager
def _alone(connection: Connection, site_id: str) -> Iterator[None]:
    """One reading of a site at a time; who comes second waits, and then finds little to do."""
    lock = f"moodle logs {site_id}"
    connection.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [lock])
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [lock])


def _mark(connection: Connection, site_id: str) -> int:
    row = connection.execute("select last_id from raw.log_stores where site_id = %s", [site_id]).fetchone()
    return int(row[0]) if row else 0


def _record(connection: Connection, site_id: str, days: Sequence[Day], mark: int) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into raw.log_days as old (site_id, course_id, day, events, sha256) values (%s, %s, %s, %s, %s)
            on conflict (site_id, course_id, day) do update
                set events = excluded.events, sha256 = excluded.sha256 where old.sha256 <> excluded.sha256""",
            [(site_id, day.course_id, day.day, day.events, day.sha256) for day in days],
        )
    connection.execute(
        """
        insert into raw.log_stores (site_id, last_id) values (%s, %s)
        on conflict (site_id) do update set last_id = excluded.last_id, read_at = now()""",
        [site_id, mark],
    )


def register_days(connection: Connection, site_id: str) -> list[CourseKey]:
    """Let the days of each known course stand among its log files; returns the courses for which it is news.

    A course that became known after its days were read is one of them.
    """
    rows = connection.execute(
        """
        insert into raw.log_files as known (site_id, course_id, sha256, object_path, filename, kind)
        select
            site_id, course_id,
            encode(sha256(convert_to(string_agg(concat(day, days.sha256), ',' order by day), 'UTF8')), 'hex'),
            %s, %s, %s
        from raw.log_days as days join raw.courses using (site_id, course_id)
        where site_id = %s
        group by site_id, course_id
        on conflict (site_id, course_id) where kind = 'store_database'
            do update set sha256 = excluded.sha256 where known.sha256 <> excluded.sha256
        returning course_id""",
        [root(site_id), NAME, Kind.STORE_DATABASE.value, site_id],
    ).fetchall()
    return sorted(CourseKey(site_id, course_id) for (course_id,) in rows)
