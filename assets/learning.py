"""Cards proposed from a course's material: passages and questions -> cards a learner may accept, edit or refuse."""

from datetime import UTC, datetime

import dagster as dg

from pipelines.partitions import courses
from pipelines.resources import Studium


@dg.asset(
    key=["app", "card_proposals"],
    group_name="cards",
    owners=["team:data"],
    kinds={"python", "postgres"},
    partitions_def=courses,
    deps=[["content", "chunks"], ["app", "practice_questions"]],
    description="Cards that a course's passages and questions give by rule, each tied to its place; one row a place.",
)
def card_proposals(context: dg.AssetExecutionContext, studium: Studium) -> dg.MaterializeResult[None]:
    """Look the course through, unless its material and the rules are what they were."""
    from studium.learning.making.proposing import propose

    with studium.connect() as connection:
        done = propose(connection, context.partition_key, datetime.now(UTC), context.run.run_id)
    return dg.MaterializeResult(metadata={"dagster/partition_row_count": done.cards, "looked_through": done.is_new})


ASSETS = [card_proposals]
