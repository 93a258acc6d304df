"""What runs by the clock."""

import dagster as dg

from assets.site import SCAN
from pipelines.checks.freshness import follows_its_moodle
from pipelines.jobs import log_pull, warehouse_build
from pipelines.resources import Studium
from studium.syncs import NOT_CONNECTED

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


SCHEDULES = [
    moodle_half_hourly,
    moodle_logs_twice_hourly,
    dg.ScheduleDefinition(
        name="warehouse_nightly",
        job=warehouse_build,
        cron_schedule="15 3 * * *",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every mart once a night, whatever came in during the day.",
    ),
]
