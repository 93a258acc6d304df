"""Memory and plans of each learner: FSRS fitted to their reviews, and the way to their exams."""

from datetime import UTC, datetime
from uuid import UUID

import dagster as dg

from pipelines.partitions import learners
from pipelines.resources import Studium
from studium.learning.memory.comparing import Bin


@dg.asset(
    key=["app", "memory_fits"],
    group_name="memory",
    owners=["team:data"],
    kinds={"python", "postgres"},
    partitions_def=learners,
    description="FSRS fitted to a learner's earlier reviews, in use if it foretells later ones better; one row a fit.",
)
def memory_fits(context: dg.AssetExecutionContext, studium: Studium) -> dg.MaterializeResult[None]:
    """Fit, judge and perhaps promote."""
    from studium.learning.memory.keeping import fit_learner

    with studium.connect() as connection:
        trial = fit_learner(connection, UUID(context.partition_key), datetime.now(UTC), context.run.run_id)
    told: dict[str, dg.RawMetadataValue] = {"verdict": trial.verdict, "tested_reviews": trial.tested}
    if trial.before and trial.after and trial.gain:
        told |= {
            "log_loss_before": trial.before.log_loss,
            "log_loss_after": trial.after.log_loss,
            "rmse_bins_before": trial.before.rmse_bins,
            "rmse_bins_after": trial.after.rmse_bins,
            "gain_low": trial.gain.low,
            "calibration": dg.MetadataValue.md(_calibration(trial.after.calibration)),
        }
    return dg.MaterializeResult(metadata=told)


def _calibration(bins: tuple[Bin, ...]) -> str:
    rows = [f"| {one.expected:.3f} | {one.recalled:.3f} | {one.reviews} |" for one in bins]
    return "\n".join(["| expected | recalled | reviews |", "|---|---|---|", *rows])


@dg.asset(
    key=["app", "study_plans"],
    deps=[memory_fits],
    group_name="plans",
    owners=["team:data"],
    kinds={"python", "postgres"},
    partitions_def=learners,
    description="The days to a learner's exams and what will be known on them; one row a learner and course.",
)
def study_plans(context: dg.AssetExecutionContext, studium: Studium) -> dg.MaterializeResult[None]:
    """Make the plans of all courses in which the learner has an exam before them."""
    from studium.learning.plan.keeping import make_all

    with studium.connect() as connection:
        made = make_all(connection, UUID(context.partition_key), datetime.now(UTC), context.run.run_id)
    return dg.MaterializeResult(metadata={"plans": sum(status == "ready" for status in made.values())})


ASSETS = [memory_fits, study_plans]
