"""What runs because something arrived: work requests, wherever no warm runner takes them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import dagster as dg
from dagster._core.storage.tags import PARTITION_NAME_TAG, WILL_RETRY_TAG

from pipelines import announce
from pipelines.jobs import JOBS, MOODLE_TAG, Launch, evaluation, launch_for, study_plan
from pipelines.partitions import learners
from pipelines.resources import Studium
from studium import work
from studium.learning.plan import keeping as plans
from studium.moodle.keys import CourseKey, site_asked
from studium.tutor import combinations

REQUEST_TAG = "studium/request"
LAUNCHED_HERE = {"studium/launched_by": "work_requests"}
UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


@dg.sensor(
    jobs=JOBS,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Launches a run for each waiting work request (uploads, imports, syncs); stands aside for a runner.",
)
def work_requests(context: dg.SensorEvaluationContext, studium: Studium) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Claim what waits and ask Dagster to run it; what runs already stays claimed."""
    _renew(context, studium)
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
            context.instance.add_dynamic_partitions(launch.partitions, [launch.partition_key])
        with studium.connect() as connection:
            announce.begin(connection, request)
        yield _run_request(request, launch)


def _run_request(request: work.Request, launch: Launch) -> dg.RunRequest:
    is_sync = request.kind == "sync"
    asked = {MOODLE_TAG: site_asked(CourseKey.parse(request.payload["course_id"]).site_id)} if is_sync else {}
    return dg.RunRequest(
        run_key=f"{request.request_id}:{request.attempts}",
        job_name=launch.job,
        partition_key=launch.partition_key,
        run_config=dict(launch.run_config),
        tags={**launch.tags, **LAUNCHED_HERE, **asked},
    )


def _renew(context: dg.SensorEvaluationContext, studium: Studium) -> None:
    """Keep the claim on what Dagster runs, or has queued, for this sensor: nobody else says that it lives."""
    runs = context.instance.get_runs(dg.RunsFilter(tags=LAUNCHED_HERE, statuses=UNDER_WAY))
    with studium.connect() as connection:
        for run in runs:
            work.report(connection, UUID(run.tags[REQUEST_TAG]), None, run_id=run.run_id)


@dg.run_status_sensor(run_status=dg.DagsterRunStatus.SUCCESS, default_status=dg.DefaultSensorStatus.RUNNING)
def requests_done(context: dg.RunStatusSensorContext, studium: Studium) -> None:
    """Close the request a finished run belongs to."""
    _close(context, studium, error=None)


@dg.run_failure_sensor(default_status=dg.DefaultSensorStatus.RUNNING)
def requests_failed(context: dg.RunFailureSensorContext, studium: Studium) -> None:
    """Tell whoever asked that the run failed, unless it will be tried again."""
    if context.dagster_run.tags.get(WILL_RETRY_TAG) != "true":
        _close(context, studium, error=context.failure_event.message or "The run failed; its log is in Dagster.")


def _close(context: dg.RunStatusSensorContext, studium: Studium, error: str | None) -> None:
    run = context.dagster_run
    request_id = run.tags.get(REQUEST_TAG)
    if request_id is None:
        return
    with studium.connect() as connection:
        request = work.read(connection, UUID(request_id))
        if request is not None and request.status == "running":
            work.finish(connection, request.request_id, outcome={"run_id": run.run_id}, error=error)
            announce.end(connection, context.instance, request, run.run_id, error)


@dg.sensor(
    job=evaluation,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Has a new embedding space that is whole, a new chunking and a new prompt evaluated, and so let in.",
)
def something_new_is_wanted(context: dg.SensorEvaluationContext, studium: Studium) -> dg.RunRequest | dg.SkipReason:
    """Ask for one evaluation of it a day."""
    if context.instance.get_runs(dg.RunsFilter(job_name=evaluation.name, statuses=UNDER_WAY), limit=1):
        return dg.SkipReason("An evaluation is under way.")
    with studium.connect() as connection:
        wanted = combinations.wanted(connection, studium.settings)
        if wanted is None or not combinations.is_new(connection, wanted):
            return dg.SkipReason("What is wanted is in force, or was tried.")
    # one that fails leaves no figures, and has asked models all the same
    key = f"{wanted.space}/{wanted.chunking.version}/{wanted.prompt}/{datetime.now(UTC).date()}"
    return dg.RunRequest(run_key=key)


@dg.sensor(
    job=study_plan,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Makes the plans to exams anew once a session is over, and at least once a day.",
)
def plans_wanted(context: dg.SensorEvaluationContext, studium: Studium) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One run a learner, and none for whom one is under way."""
    now = datetime.now(UTC)
    with studium.connect() as connection:
        wanted = plans.due(connection, now)
    runs = context.instance.get_runs(dg.RunsFilter(job_name=study_plan.name, statuses=UNDER_WAY))
    busy = {run.tags.get(PARTITION_NAME_TAG) for run in runs}
    wanted = [learner for learner in wanted if learner not in busy]
    if not wanted:
        yield dg.SkipReason("Nobody with an exam has studied since their plan was made.")
        return
    context.instance.add_dynamic_partitions(str(learners.name), wanted)
    # one that fails is tried again, but not every minute
    yield from (dg.RunRequest(run_key=f"{key}/{now:%Y-%m-%dT%H:%M}"[:-1], partition_key=key) for key in wanted)


SENSORS = [work_requests, requests_done, requests_failed, something_new_is_wanted, plans_wanted]
