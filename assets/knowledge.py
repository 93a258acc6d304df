"""A course's documents: materials -> documents -> chunks and vectors. People's uploads go the same way in `uploads`."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines.partitions import courses
from pipelines.resources import Studium
from studium.content.intake import sync_course, waiting
from studium.moodle.keys import CourseKey
from studium.moodle.standing import add_cost

DOCUMENTS = dg.AssetKey(["content", "documents"])
CHUNKS = dg.AssetKey(["content", "chunks"])
VECTORS = dg.AssetKey(["content", "vectors"])
STATES = """
select title, coalesce(media_type, ''), status, coalesce(status_reason, '')
from content.documents where course_id = %s and source <> 'upload' order by updated_at desc, title limit 10
"""


@dg.asset(
    key=DOCUMENTS,
    group_name="content",
    owners=["team:data"],
    kinds={"postgres"},
    partitions_def=courses,
    deps=[["raw", "materials"]],
    description="What a course gives to read: one row per material or loose file, with its status.",
)
def documents(context: dg.AssetExecutionContext, studium: Studium) -> dg.MaterializeResult[None]:
    """Bring a course's documents in line with its materials; unchanged ones are not touched."""
    course = CourseKey.parse(context.partition_key)
    with studium.connect() as connection:
        synced = sync_course(connection, course)
        preview = connection.execute(STATES, [str(course)]).fetchall()
    return dg.MaterializeResult(
        metadata={
            "dagster/partition_row_count": synced.materials,
            "added": synced.added,
            "changed": synced.changed,
            "removed": synced.removed,
            "preview": dg.MetadataValue.md(table(("title", "type", "status", "reason"), preview)),
        }
    )


@dg.multi_asset(
    name="knowledge",
    specs=[
        dg.AssetSpec(
            CHUNKS,
            deps=[DOCUMENTS],
            group_name="content",
            owners=["team:data"],
            kinds={"python", "postgres"},
            description="Text to read and cite, with its place; one row per stretch of at most 512 tokens.",
        ),
        dg.AssetSpec(
            VECTORS,
            deps=[CHUNKS],
            group_name="content",
            owners=["team:data"],
            kinds={"onnx", "postgres"},
            description="Meaning of passages of at most 256 tokens; one row per passage and embedding space.",
        ),
    ],
    partitions_def=courses,
)
def knowledge(context: dg.AssetExecutionContext, studium: Studium) -> Iterator[dg.MaterializeResult[None]]:
    """Read, cut and embed what waits. Both tables are written in one transaction a document: whole or absent."""
    from studium.content.fill import fill_space
    from studium.content.ingest import ingest

    course = context.partition_key
    with studium.connect() as connection:
        found = waiting(connection, course)
    report = ingest(studium.connect, studium.store, studium.settings, found, run_id=context.run.run_id)
    filled = fill_space(studium.connect, studium.settings, course)
    with studium.connect() as connection:
        chunks, vectors = totals(connection, course)
        if context.run.job_name == "course_sync":
            add_cost(connection, CourseKey.parse(course), chunks_embedded=report.embedded + filled)
    yield dg.MaterializeResult(asset_key=CHUNKS, metadata={"dagster/partition_row_count": chunks, **metadata(report)})
    yield dg.MaterializeResult(
        asset_key=VECTORS,
        metadata={
            "dagster/partition_row_count": vectors,
            "embedded": report.embedded,
            "reused": report.reused,
            "filled": filled,
            "embed_seconds": round(report.embed_seconds, 2),
        },
    )


def totals(connection: Any, course: str) -> tuple[int, int]:
    """Chunks and vectors a course has."""
    row = connection.execute(
        "with d as (select document_id from content.documents where course_id = %s) "
        "select (select count(*) from content.chunks join d using (document_id)), "
        "(select count(*) from content.vectors join d using (document_id))",
        [course],
    ).fetchone()
    return row[0], row[1]


def metadata(report: Any) -> dict[str, Any]:
    """What a run of the reader did, for people."""
    failed = [(reason, count) for reason, count in sorted(report.failed.items())]
    return {
        "documents": report.ready,
        "failed": sum(report.failed.values()),
        "failed_by_reason": dg.MetadataValue.md(table(("reason", "documents"), failed)),
        "chunks": report.chunks,
        "passages": report.passages,
        "left_for_next_run": report.left,
        "read_seconds": round(report.read_seconds, 2),
        "store_seconds": round(report.store_seconds, 2),
    }


def table(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """Rows as Markdown; a name that holds a bar does not break it."""
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


ASSETS = [documents, knowledge]
