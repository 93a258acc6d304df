"""How well the tutor finds, answers and refuses, and what it answers with from then on.

Between both stands a blocking check (`pipelines.checks.retrieval_quality`): what is worse does not take over.
"""

from typing import Any

import dagster as dg

from assets.knowledge import VECTORS, metadata, table
from pipelines.resources import Studium

EVALUATIONS = dg.AssetKey(["content", "evaluations"])
IN_FORCE = dg.AssetKey(["content", "in_force"])
SHOWN = ("course_id", "is_wanted", "questions", "recall_at_5", "ndcg_at_10", "answer_contained", "faithfulness",
         "refusal_precision", "refusal_recall", "leaks", "p50_ms", "p95_ms")  # fmt: skip


@dg.asset(
    key=EVALUATIONS,
    group_name="evaluation",
    owners=["team:data"],
    kinds={"python", "postgres"},
    deps=[VECTORS],
    description="Figures of golden questions; one row per trial, course, and what was asked: in force or wanted.",
)
def evaluations(context: dg.AssetExecutionContext, studium: Studium) -> dg.MaterializeResult[None]:
    """Ask what is in force and what is wanted in its place, as the askers, and leave nothing but the figures."""
    from studium.tutor import evaluations as kept
    from studium.tutor.trial import hold

    trial = hold(studium.settings, studium.store, context.run.run_id)
    with studium.connect() as connection:
        rows = kept.of_run(connection, context.run.run_id)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(rows),
            "in_force": str(trial and trial.standing),
            "wanted": str(trial and trial.wanted),
            "code": kept.code_version(),
            "cost": float(sum(row["cost"] for row in rows)),
            "figures": dg.MetadataValue.md(table(SHOWN, [tuple(_shown(row[name]) for name in SHOWN) for row in rows])),
        }
    )


class Letting(dg.Config):
    """How strict to be."""

    anyway: bool = False
    """Let in what is wanted though it was found worse, or was not tried: an operator's word."""


@dg.asset(
    key=IN_FORCE,
    group_name="evaluation",
    owners=["team:data"],
    kinds={"postgres"},
    deps=[EVALUATIONS],
    description="The embedding space, chunking and prompt that answer; what is wanted takes over when it is no worse.",
)
def in_force(context: dg.AssetExecutionContext, config: Letting, studium: Studium) -> dg.MaterializeResult[None]:
    """Let in what its trial lets in, and cut anew what an earlier chunking cut."""
    from studium.content.in_force import cut_otherwise
    from studium.content.ingest import ingest
    from studium.tutor.evaluations import decide

    with studium.connect() as connection:
        decision = decide(connection, studium.settings, anyway=config.anyway)
    with studium.connect() as connection:
        found = cut_otherwise(connection)
    report = ingest(studium.connect, studium.store, studium.settings, found, run_id=context.run.run_id)
    said = {"let_in": str(decision.let_in), "held": str(decision.held), "why": decision.why}
    return dg.MaterializeResult(metadata={**said, **metadata(report)})


def _shown(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value


ASSETS = [evaluations, in_force]
