"""What runs by the clock."""

import dagster as dg

from pipelines.jobs import warehouse_build

SCHEDULES = [
    dg.ScheduleDefinition(
        name="warehouse_nightly",
        job=warehouse_build,
        cron_schedule="15 3 * * *",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every mart once a night, whatever came in during the day.",
    )
]
