"""Tells the people of a course that a sync of it begins and how it ended. How far it is, the work itself tells."""

from typing import Any

import dagster as dg
from psycopg import Connection

from assets.moodle import ANSWERS
from studium.live import publish
from studium.moodle.keys import CourseKey
from studium.moodle.standing import fail
from studium.work import Request


def begin(connection: Connection, request: Request) -> None:
    """The work has been taken up."""
    if request.kind == "sync":
        publish(connection, request.payload["course_id"], "sync:start", {})


def step(connection: Connection, request: Request, name: str, number: int) -> None:
    """The run has come to a step; of asking the Moodle, the asset tells more."""
    if request.kind == "sync" and name != ANSWERS.to_python_identifier():
        told = {"step": name, "done": number, "total": None}  # which steps follow hangs on what is new
        publish(connection, request.payload["course_id"], "sync:progress", told)


def end(connection: Connection, instance: dg.DagsterInstance, request: Request, run_id: str, error: str | None) -> None:
    """The work has ended, well or not: what a sync brought can be found, and the figures follow."""
    if request.kind != "sync":
        return
    course = CourseKey.parse(request.payload["course_id"])
    state, skipped = _standing(connection, course)
    if error and state not in ("held", "gone"):
        fail(connection, course, error)  # else a scan would find nothing new, and nobody would try again
        state = "failed"
    told = {**_news(instance, run_id), "skipped": skipped, "state": state}
    publish(connection, str(course), "sync:complete", told)


def _standing(connection: Connection, course: CourseKey) -> tuple[str, list[Any]]:
    row = connection.execute(
        "select state, skipped from app.course_sync where course_id = %s", [str(course)]
    ).fetchone()
    return (row[0], row[1]) if row else ("never", [])


def _news(instance: dg.DagsterInstance, run_id: str) -> dict[str, Any]:
    """What a run found new at the Moodle; a course that has not changed materializes nothing."""
    found: dict[str, int] = {}
    asked = False
    for record in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION):
        made = record.get_dagster_event().step_materialization_data.materialization
        asked |= made.asset_key == ANSWERS
        for name in ("new_items", "rows_written", "rows_removed"):
            if name in made.metadata:
                found[name] = found.get(name, 0) + int(made.metadata[name].value)  # type: ignore[arg-type]
    rows = found.get("rows_written", 0) + found.get("rows_removed", 0)
    return {"newItems": found.get("new_items", 0), "changed": asked, "figures_pending": rows > 0}
