"""What runs by the clock."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from assets.site import SCAN
from pipelines.checks.freshness import follows_its_moodle
from pipelines.jobs import day_close, evaluation, log_pull, memory_fit, questions_digest, warehouse_build
from pipelines.partitions import courses, learners
from pipelines.resources import Studium
from studium.learning.memory import keeping as fits
from studium.motivation import closing as close_of_day
from studium.syncs import NOT_CONNECTED
from studium.tutor.questions import due

moodle_scan = dg.define_asset_job(
    "moodle_scan",
    dg.AssetSelection.assets(SCAN) | dg.AssetSelection.checks(follows_its_moodle),
    description="One cheap look at the whole Moodle: asks for a sync of what changed, and tells what is behind.",
)


@dg.schedule(
    job=moodle_scan,
    cron_schedule="*/30 * * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Looks every half hour whether the connected Moodle has changed.",
)
def moodle_half_hourly(studium: Studium) -> dg.RunRequest | dg.SkipReason:
    """Look, where there is a Moodle to look at."""
    if not studium.settings.moodle_url:
        return dg.SkipReason(NOT_CONNECTED)
    return dg.RunRequest()


@dg.schedule(
    job=log_pull,
    cron_schedule="10,40 * * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="What is new of Moodle's own log twice an hour, where STUDIUM_MOODLE_DATABASE_URL says where that is.",
)
def moodle_logs_twice_hourly(studium: Studium) -> dg.RunRequest | dg.SkipReason:
    """Ask for a reading, unless there is nothing to read."""
    if studium.settings.moodle_database_url is None:
        return dg.SkipReason("STUDIUM_MOODLE_DATABASE_URL is not set.")
    return dg.RunRequest()


@dg.schedule(
    job=questions_digest,
    cron_schedule="50 * * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="What is asked, once an hour where somebody asked since, once a day everywhere.",
)
def questions_hourly(
    context: dg.ScheduleEvaluationContext, studium: Studium
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One run a course that has something new."""
    with studium.connect() as connection:
        wanted = due(connection)
    if not wanted:
        yield dg.SkipReason("Nobody has asked anything since, and every course was looked at within a day.")
        return
    context.instance.add_dynamic_partitions(str(courses.name), wanted)
    yield from (dg.RunRequest(partition_key=course) for course in wanted)


@dg.schedule(
    job=day_close,
    cron_schedule="*/15 * * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Closes learners' days at their own midnights, which fall on quarters of an hour.",
)
def midnights(studium: Studium) -> dg.RunRequest | dg.SkipReason:
    """A run where somebody's day is over."""
    with studium.connect() as connection:
        wanted = close_of_day.due(connection, datetime.now(UTC))
    return dg.RunRequest() if wanted else dg.SkipReason("Nobody's day is over.")


@dg.schedule(
    job=memory_fit,
    cron_schedule="5 2 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="FSRS fitted to each learner who has a tenth more reviews than at the last fit.",
)
def memory_nightly(context: dg.ScheduleEvaluationContext, studium: Studium) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One run a learner; plans are made anew with it, others by the sensor."""
    with studium.connect() as connection:
        wanted = fits.due(connection)
    if not wanted:
        yield dg.SkipReason("Nobody has enough new reviews.")
        return
    context.instance.add_dynamic_partitions(str(learners.name), wanted)
    yield from (dg.RunRequest(partition_key=learner) for learner in wanted)


SCHEDULES = [
    memory_nightly,
    midnights,
    moodle_half_hourly,
    moodle_logs_twice_hourly,
    questions_hourly,
    dg.ScheduleDefinition(
        name="warehouse_nightly",
        job=warehouse_build,
        cron_schedule="15 3 * * *",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every mart once a night, whatever came in during the day.",
    ),
    dg.ScheduleDefinition(
        name="evaluation_nightly",
        job=evaluation,
        cron_schedule="45 3 * * *",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="How well the tutor answers, once a night: the code and the courses change.",
    ),
]
