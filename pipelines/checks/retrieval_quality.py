"""What the tutor is to answer with must not be worse than what it answers with."""

import dagster as dg

from assets.evaluation import EVALUATIONS
from pipelines.resources import Studium
from studium.tutor import evaluations
from studium.tutor.verdicts import SURE, TOLERANCE, Verdict


@dg.asset_check(
    asset=EVALUATIONS,
    blocking=True,
    description=f"What is wanted loses in no figure more than {TOLERANCE}, at {SURE:.0%} confidence, and leaks nothing "
    "more; only then it takes over. Where nothing is wanted: what is in force, against its last figures (a warning).",
)
def what_is_wanted_is_no_worse(context: dg.AssetCheckExecutionContext, studium: Studium) -> dg.AssetCheckResult:
    """Compare question by question."""
    with studium.connect() as connection:
        rows = evaluations.of_run(connection, context.run.run_id)
        found = evaluations.verdict(connection, rows[0]["trial_id"]) if rows else Verdict([])
    is_wanted = any(row["is_wanted"] for row in rows)
    return dg.AssetCheckResult(
        passed=not found.is_worse,
        severity=dg.AssetCheckSeverity.ERROR if is_wanted else dg.AssetCheckSeverity.WARN,
        description=found.why,
        metadata={one.figure: f"{one.mean:+.4f}, at worst {one.lower:+.4f}" for one in found.differences},
    )


CHECKS = [what_is_wanted_is_no_worse]
