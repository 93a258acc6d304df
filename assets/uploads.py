"""Files that come one at a time, outside a course's refresh: people's uploads, and loose files handed to a course."""

from uuid import UUID

import dagster as dg

from assets.knowledge import metadata
from pipelines.resources import Studium
from studium.content.intake import waiting


class Waiting(dg.Config):
    """Which file to read."""

    document_id: str | None = None
    """None: every upload that waits."""


@dg.asset(
    key=["content", "uploads"],
    group_name="uploads",
    owners=["team:data"],
    kinds={"python", "onnx", "postgres"},
    description="Files handed in one at a time, with their chunks and vectors; a run reads one, or all that wait.",
)
def uploads(context: dg.AssetExecutionContext, config: Waiting, studium: Studium) -> dg.MaterializeResult[None]:
    """Read, cut and embed a file by the same path as a course's."""
    from studium.content.fill import fill_space
    from studium.content.ingest import ingest

    with studium.connect() as connection:
        found = [UUID(config.document_id)] if config.document_id else waiting(connection, None)
    report = ingest(studium.connect, studium.store, studium.settings, found, run_id=context.run.run_id)
    filled = 0 if config.document_id else fill_space(studium.connect, studium.settings, None)
    return dg.MaterializeResult(
        metadata={
            **metadata(report),
            "dagster/row_count": report.passages,
            "embedded": report.embedded,
            "reused": report.reused,
            "filled": filled,
            "embed_seconds": round(report.embed_seconds, 2),
        }
    )


ASSETS = [uploads]
