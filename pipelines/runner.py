"""The warm process: takes work requests and runs their jobs on the shared Dagster instance.

`import dagster` with its dbt assets takes many seconds; a process that has done it once answers an upload in the time
of the work itself. Its runs stand in the Dagster UI like all others. `--drain` does what waits and ends.
"""

import argparse
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog
from psycopg import Connection

from studium import work
from studium.claimants import this_process
from studium.database.pool import Role, connect
from studium.settings import get_settings

if TYPE_CHECKING:  # loaded when the lock is held: whoever waits for a runner then knows at once that one is coming
    import dagster as dg

    from pipelines.jobs import Launch
    from pipelines.resources import Studium

POLL_SECONDS = 2.0
HEARTBEAT_SECONDS = 1.0
INTERRUPTED = "DagsterExecutionInterruptedError"
log = structlog.get_logger()


@contextmanager
def reporting(studium: "Studium", instance: "dg.DagsterInstance", request: work.Request, run_id: str) -> Iterator[None]:
    """Renew the claim and say which step runs, from a thread of its own, while the block works."""
    import dagster as dg

    from pipelines import announce

    ended = threading.Event()

    def beat() -> None:
        told = 0
        while not ended.wait(HEARTBEAT_SECONDS):
            starts = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_START)
            step = starts[-1].step_key if starts else None
            with studium.connect() as connection:
                work.report(connection, request.request_id, step, run_id=run_id)
                if step is not None and len(starts) > told:
                    told = len(starts)
                    announce.step(connection, request, step, told)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def sentence_of(result: "dg.ExecuteInProcessResult") -> str:
    """Why a run failed, in the words of the error that stopped it."""
    for event in result.all_events:
        if event.is_step_failure and event.step_failure_data.error:
            error = event.step_failure_data.error
            cause = error.cause or error
            return cause.message.strip().removeprefix(f"{cause.cls_name}: ")
    return "The run failed; its log is in Dagster."


def run(launch: "Launch", definitions: "dg.Definitions", instance: "dg.DagsterInstance", run_id: str) -> str | None:
    """Run a job in this process; why it failed, if it did."""
    if launch.partition_key:
        instance.add_dynamic_partitions(launch.partitions, [launch.partition_key])
    result = definitions.resolve_job_def(launch.job).execute_in_process(
        instance=instance,
        partition_key=launch.partition_key,
        run_config=dict(launch.run_config),
        tags=dict(launch.tags),
        run_id=run_id,
        raise_on_error=False,
    )
    if any(
        event.is_step_failure
        and event.step_failure_data.error
        and event.step_failure_data.error.cls_name == INTERRUPTED
        for event in result.all_events
    ):
        raise SystemExit(0)
    return None if result.success else sentence_of(result)


def perform(
    request: work.Request, definitions: "dg.Definitions", instance: "dg.DagsterInstance", studium: "Studium"
) -> None:
    """Do what a request asks for and close it, well or badly; stopped half-way, give it back."""
    from pipelines import announce
    from pipelines.jobs import launch_for

    run_id, outcome, error = str(uuid4()), {}, None
    with studium.connect() as connection:
        announce.begin(connection, request)
    try:
        with reporting(studium, instance, request, run_id):
            launch = launch_for(request, studium, instance)
            if launch.settled_by is None:
                error = run(launch, definitions, instance, run_id)
        outcome = {
            "run_id": launch.settled_by or run_id,
            "course_id": launch.partition_key,
            "unchanged": launch.settled_by is not None,
        }
    except SystemExit:
        with studium.connect() as connection:
            work.release(connection, request.request_id)
        raise
    except Exception as raised:
        log.exception("work_request_failed", request_id=str(request.request_id), kind=request.kind)
        error = str(raised) or type(raised).__name__
    with studium.connect() as connection:
        work.finish(connection, request.request_id, outcome=outcome, error=error)
        announce.end(connection, instance, request, run_id, error)
    log.info("work_request_finished", request_id=str(request.request_id), kind=request.kind, error=error)


def serve(connection: Connection[Any], *, drain: bool) -> None:
    """Take requests until there are none (`drain`) or for ever. `connection` listens; it is in autocommit."""
    import dagster as dg

    from pipelines.definitions import build_defs
    from pipelines.resources import Studium

    studium = Studium()
    definitions, instance = build_defs({"studium": studium}), dg.DagsterInstance.get()
    connection.execute("listen studium_work")
    log.info("runner_ready", at=datetime.now(UTC).isoformat())
    while True:
        with studium.connect() as claiming:
            request = work.claim(claiming, this_process())
        if request is not None:
            perform(request, definitions, instance, studium)
        elif drain:
            return
        else:
            for _ in connection.notifies(timeout=POLL_SECONDS, stop_after=1):
                pass


def main() -> None:
    """Hold the runner's lock and serve; with `--drain`, leave at once when another runner lives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drain", action="store_true", help="do what waits, then end")
    drain = parser.parse_args().drain
    with connect(get_settings(), Role.PIPELINE, autocommit=True) as connection:
        attempt = "select pg_try_advisory_lock(%s)" if drain else "select true from pg_advisory_lock(%s)"
        row = connection.execute(attempt, [work.RUNNER_LOCK]).fetchone()
        if row and row[0]:
            serve(connection, drain=drain)


if __name__ == "__main__":
    main()
