"""Whether courses that follow their Moodle are as it is, or were not long ago."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from assets.moodle import ANSWERS
from assets.site import SCAN
from pipelines.resources import Studium
from studium.syncs import behind

LONGEST = timedelta(hours=2)


@dg.asset_check(
    asset=ANSWERS,
    additional_deps=[SCAN],
    description="Every course that follows its Moodle was synced, or found unchanged, in the last two hours.",
)
def follows_its_moodle(context: dg.AssetCheckExecutionContext, studium: Studium) -> dg.AssetCheckResult:
    """Look at the course of the run, or at all of them when the check is run by itself."""
    course_id = context.partition_key if context.has_partition_key else None
    if studium.settings.moodle_url is None:
        return dg.AssetCheckResult(passed=True, description="No Moodle is connected.")
    with studium.connect() as connection:
        late = behind(connection, datetime.now(UTC) - LONGEST, course_id)
    lines = [f"| {one.course_id} | {one.state} | {one.fresh_at or 'never'} | {one.error or ''} |" for one in late]
    return dg.AssetCheckResult(
        passed=not late,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "late": len(late),
            "courses": dg.MetadataValue.md(
                "\n".join(["| course | state | as of | why |", "|---|---|---|---|", *lines])
            ),
        },
    )


CHECKS = [follows_its_moodle]
