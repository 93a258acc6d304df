"""What is asked in a course: everybody's questions, put together so that nobody is told of, for those who teach it."""

from datetime import UTC, datetime

import dagster as dg

from pipelines.partitions import courses
from pipelines.resources import Studium


@dg.asset(
    key=["app", "question_digests"],
    group_name="questions",
    owners=["team:data"],
    kinds={"python", "onnx", "postgres"},
    partitions_def=courses,
    description="Topics, gaps and pages of what learners ask, of three people at least each; one row a course.",
)
def question_digests(context: dg.AssetExecutionContext, studium: Studium) -> dg.MaterializeResult[None]:
    """Put the questions of the last four weeks together by what they mean."""
    from studium.content.embed import open_embedder
    from studium.tutor.questions import make

    embedder = open_embedder(studium.settings)
    with studium.connect() as connection:
        digest = make(connection, embedder, context.partition_key, datetime.now(UTC), context.run.run_id)
    return dg.MaterializeResult(
        metadata={
            "questions": digest.asks,
            "askers": digest.askers,
            "topics": len(digest.topics),
            "gaps": len(digest.gaps),
            "withheld": digest.is_withheld,
        }
    )


ASSETS = [question_digests]
