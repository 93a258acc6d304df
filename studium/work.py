"""Requests for pipeline work: the one way anything outside the pipeline asks for a run.

A request is a row of `app.work_requests`. `submit` writes it, a runner or a Dagster sensor claims it, and whoever asked
reads how it goes. What a kind of work does is the pipeline's business (`pipelines.jobs`), not this module's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from studium.claimants import is_dead

Kind = Literal["upload", "import_backup", "import_logs", "import_file", "warehouse", "sync", "questions", "plan"]
Status = Literal["queued", "running", "done", "failed"]

CLAIM = timedelta(minutes=2)
"""How long a claim lasts without a sign of life; a runner renews it with every step."""
MAX_ATTEMPTS = 3
RUNNER_LOCK = 7_318_220
"""Advisory lock a warm runner holds for as long as it lives."""


@dataclass(frozen=True)
class Request:
    """One request as it stands."""

    request_id: UUID
    kind: Kind
    payload: dict[str, Any]
    requested_by: UUID | None
    status: Status
    progress: str | None
    outcome: dict[str, Any]
    error: str | None
    dagster_run_id: str | None
    attempts: int
    claimed_until: datetime | None
    claimed_by: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


JOINED = {
    "sync": """
select request_id from app.work_requests
where kind = 'sync' and status in ('queued', 'running') and payload ->> 'course_id' = %(course_id)s
""",
    "questions": """
select request_id from app.work_requests
where kind = 'questions' and status in ('queued', 'running') and payload ->> 'course_id' = %(course_id)s
""",
    "plan": """
select request_id from app.work_requests
where kind = 'plan' and status in ('queued', 'running') and payload ->> 'account_id' = %(account_id)s
""",
    "warehouse": """
select request_id from app.work_requests
where kind = 'warehouse' and status = 'queued' and started_at is null for share
""",
}
"""The request that another of its kind joins, as the unique indices of `app.work_requests` say."""


def submit(connection: Connection, kind: Kind, payload: dict[str, Any], account_id: UUID | None = None) -> UUID:
    """Ask for work and return the request's id; it exists when the caller's transaction commits.

    To ask for a sync while one of that course is open is to join it. So it is with the warehouse, as long as its build
    has not begun: then it cannot begin before the caller's transaction, and the rows it wrote, are committed.
    """
    row = None
    while row is None:
        row = connection.execute(
            "insert into app.work_requests (kind, payload, requested_by) values (%s, %s, %s) "
            "on conflict do nothing returning request_id",
            [kind, Jsonb(payload), account_id],
        ).fetchone()
        if row is None:  # between the two it may have ended: then there is room for this one
            row = connection.execute(JOINED[kind], payload).fetchone()
    request_id: UUID = row[0]
    connection.execute("select pg_notify('studium_work', %s)", [str(request_id)])
    return request_id


FREE = "status = 'running' and (claimed_until < now() or claimed_by = any(%(dead)s))"


def claim(connection: Connection, claimant: str | None = None) -> Request | None:
    """Take the oldest waiting request, or one whose runner died; `None` when there is nothing to do.

    A request that killed its runner `MAX_ATTEMPTS` times is failed instead of being tried for ever.

    Args:
        connection: in a transaction of the pipeline's role.
        claimant: the process that will do the work (`claimants.this_process`); none: only time can free the request.
    """
    told = {"dead": _dead(connection), "most": MAX_ATTEMPTS, "claim": CLAIM, "claimant": claimant}
    connection.execute(
        "update app.work_requests set status = 'failed', finished_at = now(), claimed_until = null, "  # noqa: S608
        "error = 'The pipeline stopped ' || attempts || ' times while working on this; see its log.' "
        f"where {FREE} and attempts >= %(most)s",
        told,
    )
    with connection.cursor(row_factory=class_row(Request)) as cursor:
        return cursor.execute(
            "update app.work_requests set status = 'running', attempts = attempts + 1, "  # noqa: S608 - a constant
            "started_at = now(), claimed_until = now() + %(claim)s, claimed_by = %(claimant)s where request_id = ("
            f"select request_id from app.work_requests where status = 'queued' or ({FREE}) "
            "order by created_at for update skip locked limit 1) returning *",
            told,
        ).fetchone()


def waits(connection: Connection) -> bool:
    """Whether a runner would find something to do."""
    row = connection.execute(
        f"select exists (select from app.work_requests where status = 'queued' or ({FREE}))",  # noqa: S608
        {"dead": _dead(connection)},
    ).fetchone()
    return row == (True,)


def _dead(connection: Connection) -> list[str]:
    """Who holds a request, and has ended without giving it back."""
    rows = connection.execute(
        "select distinct claimed_by from app.work_requests where status = 'running' and claimed_by is not null"
    ).fetchall()
    return [name for (name,) in rows if is_dead(name)]


def report(connection: Connection, request_id: UUID, progress: str | None, *, run_id: str | None = None) -> None:
    """Say which step is under way, and that the runner lives (`progress` of `None` keeps the last words)."""
    connection.execute(
        "update app.work_requests set progress = coalesce(%s, progress), "
        "dagster_run_id = coalesce(%s, dagster_run_id), claimed_until = now() + %s "
        "where request_id = %s and status = 'running'",
        [progress, run_id, CLAIM, request_id],
    )


def release(connection: Connection, request_id: UUID) -> None:
    """Give a request back that was stopped half-way for no fault of its own: the next runner takes it."""
    connection.execute(
        "update app.work_requests set status = 'queued', attempts = attempts - 1, claimed_until = null, "
        "claimed_by = null where request_id = %s and status = 'running'",
        [request_id],
    )


def finish(connection: Connection, request_id: UUID, *, outcome: dict[str, Any], error: str | None = None) -> None:
    """Close a request: done, or failed with a sentence a person can act on."""
    connection.execute(
        "update app.work_requests set status = %s, outcome = %s, error = %s, finished_at = now(), "
        "claimed_until = null where request_id = %s",
        ["failed" if error else "done", Jsonb(outcome), error, request_id],
    )


def read(connection: Connection, request_id: UUID) -> Request | None:
    """One request, if the connection's role and identity may see it."""
    with connection.cursor(row_factory=class_row(Request)) as cursor:
        return cursor.execute(
            "select * from app.work_requests where request_id = %s",
            [request_id],
        ).fetchone()


def unfinished(connection: Connection, kind: Kind) -> list[UUID]:
    """Requests of a kind that wait or are under way, oldest first."""
    rows = connection.execute(
        "select request_id from app.work_requests where kind = %s and status in ('queued', 'running') "
        "order by created_at",
        [kind],
    ).fetchall()
    return [request_id for (request_id,) in rows]


def runner_lives(connection: Connection) -> bool:
    """Whether a warm runner is up and will take requests."""
    row = connection.execute("select pg_try_advisory_lock_shared(%s)", [RUNNER_LOCK]).fetchone()
    free = bool(row and row[0])
    if free:
        connection.execute("select pg_advisory_unlock_shared(%s)", [RUNNER_LOCK])
    return not free
