"""Live events: what happens to a course, kept for a while and told to its people as it happens.

The outbox is a table; a notification only wakes those who read it. Ids are given in the order of commits (migration
0012), so that whoever has read up to an event has missed none before it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from studium.wire.live import LiveEvent, LiveKind

CHANNEL = "studium_live"
SIGNED_OUT_CHANNEL = "studium_signed_out"
KEPT = timedelta(days=2)
PROGRESS_SECONDS = 0.5
"""How often progress is told at most: people read no faster, and each telling is a transaction."""

Progress = Callable[[str, int, int], None]


class Span(NamedTuple):
    """The ids of the oldest and of the newest event that is kept; zeros when there never was one."""

    oldest: int
    newest: int


def publish(connection: Connection, course_id: str, kind: LiveKind, payload: Mapping[str, Any]) -> int:
    """Add an event; it is told when the caller's transaction commits.

    Give it a short transaction of its own: others who publish wait for its end, which keeps ids in order.
    """
    row = connection.execute(
        "insert into app.live_events (course_id, kind, payload) values (%s, %s, %s) returning event_id",
        [course_id, kind, Jsonb(dict(payload))],
    ).fetchone()
    assert row is not None  # noqa: S101 - insert returning always returns
    event_id: int = row[0]
    return event_id


def span(connection: Connection) -> Span:
    """What the outbox reaches over, whoever asks."""
    row = connection.execute("select oldest, newest from app.live_span()").fetchone()
    assert row is not None  # noqa: S101 - an aggregate always returns
    return Span(*row)


def events_after(
    connection: Connection,
    event_id: int,
    course_ids: Sequence[str] | None = None,
    *,
    until: int | None = None,
    limit: int = 200,
) -> list[LiveEvent]:
    """Events after one, in order, of the courses the bound account is in (and, when given, of `course_ids`)."""
    with connection.cursor(row_factory=class_row(LiveEvent)) as cursor:
        return cursor.execute(
            "select event_id, course_id, kind, payload, created_at from app.live_events "
            "where event_id > %(after)s and event_id <= coalesce(%(until)s, event_id) "
            "and (%(courses)s::text[] is null or course_id = any(%(courses)s)) order by event_id limit %(limit)s",
            {
                "after": event_id,
                "until": until,
                "courses": None if course_ids is None else list(course_ids),
                "limit": limit,
            },
        ).fetchall()


def prune(connection: Connection, kept: timedelta = KEPT) -> int:
    """Remove old events, and say how many; the newest stays, so that the ids' reach is never forgotten."""
    return connection.execute(
        "delete from app.live_events where created_at < now() - %s "
        "and event_id < (select max(event_id) from app.live_events)",
        [kept],
    ).rowcount


def reporter(
    connect: Callable[[], AbstractContextManager[Connection]],
    course_id: str,
    clock: Callable[[], float] = time.monotonic,
) -> Progress:
    """A function that tells how far the work on a course is: the end of a step at once, the rest now and then."""
    told_at = -PROGRESS_SECONDS

    def report(step: str, done: int, total: int) -> None:
        nonlocal told_at
        now = clock()
        if done < total and now - told_at < PROGRESS_SECONDS:  # steps take turns: a new one is no reason to tell
            return
        told_at = now
        with connect() as connection:
            publish(connection, course_id, "sync:progress", {"step": step, "done": done, "total": total})

    return report
