"""What runs because something arrived: work requests, wherever no warm runner takes them."""

from collections.abc import Iterator
from uuid import UUID

import dagster as dg

from pipelines.jobs import JOBS, launch_for
from pipelines.partitions import courses
from pipelines.resources import Studium
from studium import work

REQUEST_TAG = "studium/request"


@dg.sensor(
    jobs=JOBS,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Launches a run for each waiting work request (uploads, imports); stands aside while a runner lives.",
)
def work_requests(context: dg.SensorEvaluationContext, studium: Studium) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Claim what waits and ask Dagster to run it."""
    with studium.connect() as connection:
        if work.runner_lives(connection):
            yield dg.SkipReason("The warm runner takes the requests.")
            return
    while True:
        with studium.connect() as connection:
            request = work.claim(connection)
        if request is None:
            return
        try:
            launch = launch_for(request, studium, context.instance)
        except Exception as error:
            with studium.connect() as connection:
                work.finish(connection, request.request_id, outcome={}, error=str(error))
            continue
        if launch.settled_by is not None:
            with studium.connect() as connection:
                work.finish(connection, request.request_id, outcome={"run_id": launch.settled_by, "unchanged": True})
            continue
        if launch.partition_key:
            context.instance.add_dynamic_partitions(str(courses.name), [launch.partition_key])
        yield dg.RunRequest(
            run_key=f"{request.request_id}:{request.attempts}",
            job_name=launch.job,
            partition_key=launch.partition_key,
            run_config=dict(launch.run_config),
            tags=dict(launch.tags),
        )


@dg.run_status_sensor(run_status=dg.DagsterRunStatus.SUCCESS, default_status=dg.DefaultSensorStatus.RUNNING)
def requests_done(context: dg.RunStatusSensorContext, studium: Studium) -> None:
    """Close the request a finished run belongs to."""
    _close(context, studium, error=None)


@dg.run_failure_sensor(default_status=dg.DefaultSensorStatus.RUNNING)
def requests_failed(context: dg.RunFailureSensorContext, studium: Studium) -> None:
    """Tell whoever asked that the run failed."""
    _close(context, studium, error=context.failure_event.message or "The run failed; its log is in Dagster.")


def _close(context: dg.RunStatusSensorContext, studium: Studium, error: str | None) -> None:
    request_id = context.dagster_run.tags.get(REQUEST_TAG)
    if request_id is None:
        return
    with studium.connect() as connection:
        request = work.read(connection, UUID(request_id))
        if request is not None and request.status == "running":
            work.finish(connection, request.request_id, outcome={"run_id": context.dagster_run.run_id}, error=error)


SENSORS = [work_requests, requests_done, requests_failed]
