"""Tells the people of a course that a sync of it begins and how it ended. How far it is, the work itself tells."""

from typing import Any

import dagster as dg
from psycopg import Connection

from assets.moodle import ANSWERS
from studium.live import publish
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
    """The work has ended, well or not."""
    if request.kind != "sync":
        return
    row = connection.execute(
        "select state, skipped from app.course_sync where course_id = %s", [request.payload["course_id"]]
    ).fetchone()
    state, skipped = row or ("never", [])
    if error and state not in ("held", "gone"):
        state = "failed"
    publish(
        connection,
        request.payload["course_id"],
        "sync:complete",
        {**_news(instance, run_id), "skipped": skipped, "state": state},
    )


def _news(instance: dg.DagsterInstance, run_id: str) -> dict[str, Any]:
    """What a run found new at the Moodle; a course that has not changed materializes nothing."""
    for record in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION):
        event = record.get_dagster_event()
        if event.asset_key == ANSWERS:
            new = event.step_materialization_data.materialization.metadata.get("new_items")
            return {"newItems": int(new.value) if new else 0, "changed": True}  # type: ignore[arg-type]
    return {"newItems": 0, "changed": False}
