"""Questions to practise: a course's own question bank, brought in with how hard its learners found each."""

from datetime import UTC, datetime

import dagster as dg

from pipelines.partitions import courses
from pipelines.resources import Studium
from studium.moodle.keys import CourseKey


@dg.asset(
    key=["app", "practice_questions"],
    group_name="practice",
    owners=["team:data"],
    kinds={"python", "onnx", "postgres"},
    partitions_def=courses,
    deps=[["raw", "questions"], ["raw", "question_answers"], ["raw", "question_attempts"], ["content", "vectors"]],
    description="Questions of a course's Moodle bank that can be practised, each with its topic and how hard it is.",
)
def practice_questions(context: dg.AssetExecutionContext, studium: Studium) -> dg.MaterializeResult[None]:
    """Follow the bank: new versions replace old ones, which stay for what was answered."""
    from studium.content.embed import open_embedder
    from studium.learning.practice.importing import bring

    course, embedder = CourseKey.parse(context.partition_key), open_embedder(studium.settings)
    with studium.connect() as connection:
        brought = bring(connection, embedder, course, datetime.now(UTC))
    return dg.MaterializeResult(
        metadata={
            "dagster/partition_row_count": brought.questions,
            "refused": dict(brought.refused),
            "retired": brought.retired,
            "answered_in_moodle": brought.known,
        }
    )


ASSETS = [practice_questions]
