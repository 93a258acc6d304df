"""Checks of the marts that cross systems: they equal what landed, and a learner's numbers replay without dbt.

What SQL can say about one model is a dbt test; the comparisons themselves stand in studium.warehouse_audit.
"""

from collections.abc import Iterator

import dagster as dg

from pipelines.resources import Studium
from studium import warehouse_audit as audit

LEARNERS_PER_COURSE = 3


@dg.multi_asset_check(
    name="marts_equal_raw",
    specs=[
        dg.AssetCheckSpec("equals_raw", asset=["marts", mart], description="As many in every course as landed in raw.")
        for mart in audit.COUNTS
    ],
)
def marts_equal_raw(studium: Studium) -> Iterator[dg.AssetCheckResult]:
    """Count every fact per course on both sides."""
    with studium.connect() as connection:
        for mart in audit.COUNTS:
            counts = audit.count_by_course(connection, mart)
            wrong = [count for count in counts if count.in_mart != count.in_raw]
            lines = [f"| {count.course_id} | {count.in_mart} | {count.in_raw} |" for count in wrong or counts]
            yield dg.AssetCheckResult(
                asset_key=["marts", mart],
                check_name="equals_raw",
                passed=not wrong,
                metadata={
                    "courses": dg.MetadataValue.md("\n".join(["| course | mart | raw |", "|---|---|---|", *lines]))
                },
            )


@dg.asset_check(
    asset=["marts", "learner_progress"],
    description="A few learners of every course, worked out anew from landed rows, stand as they are shown.",
)
def replays_from_raw(studium: Studium) -> dg.AssetCheckResult:
    """Replay the sample and show what differs."""
    with studium.connect() as connection:
        replays = audit.replay_learners(connection, LEARNERS_PER_COURSE)
    wrong = [replay for replay in replays if not replay.agrees]
    differences = [f"{one.learner_id} in {one.course_id}: shown {one.shown}, replayed {one.replayed}" for one in wrong]
    return dg.AssetCheckResult(passed=not wrong, metadata={"replayed": len(replays), "differences": differences})


@dg.asset_check(
    asset=["marts", "dim_courses"],
    description="The marts reach as far as the newest backup and log that landed, whatever today is.",
)
def shows_what_landed(studium: Studium) -> dg.AssetCheckResult:
    """Compare the as-of of every course with what has landed."""
    with studium.connect() as connection:
        reaches = audit.reach_by_course(connection)
    behind = [reach for reach in reaches if reach.is_behind]
    as_of = {one.course_id: one.shown_until.isoformat() if one.shown_until else None for one in reaches}
    return dg.AssetCheckResult(
        passed=not behind, severity=dg.AssetCheckSeverity.WARN, metadata={"as_of": dg.MetadataValue.json(as_of)}
    )


CHECKS = [marts_equal_raw, replays_from_raw, shows_what_landed]
