"""What crosses systems in content: every chunk can be found by meaning, and no document waits for nobody."""

import dagster as dg

from pipelines.resources import Studium
from studium.content.audit import OF_COURSES, OF_UPLOADS, left_behind, searchable

UPLOADS = dg.AssetKey(["content", "uploads"])
VECTORS = dg.AssetKey(["content", "vectors"])


def is_whole(studium: Studium, scope: str) -> dg.AssetCheckResult:
    """Whether everything there is to find can be found."""
    with studium.connect() as connection:
        found = searchable(connection, scope)
    return dg.AssetCheckResult(
        passed=found.is_whole,
        metadata={
            "chunks": found.chunks,
            "passages": found.passages,
            "chunks_without_passage": found.chunks_without_passage,
            "passages_without_vector": found.passages_without_vector,
            "ready_without_text": found.ready_without_text,
        },
    )


def nobody_waits(studium: Studium, scope: str) -> dg.AssetCheckResult:
    """Whether someone is going to read what is to be read."""
    with studium.connect() as connection:
        count, oldest = left_behind(connection, scope)
    return dg.AssetCheckResult(passed=count == 0, metadata={"documents": count, "oldest": ", ".join(oldest)})


@dg.asset_check(
    asset=VECTORS,
    description="Every chunk of a course has passages, and every passage its vector in the space that answers.",
)
def every_chunk_has_its_vector(studium: Studium) -> dg.AssetCheckResult:
    """Chunks and vectors agree."""
    return is_whole(studium, OF_COURSES)


@dg.asset_check(
    asset=VECTORS,
    description="No document of a course is left unread for ten minutes without a request that will read it.",
)
def no_document_is_left_behind(studium: Studium) -> dg.AssetCheckResult:
    """Nothing waits for nobody."""
    return nobody_waits(studium, OF_COURSES)


@dg.asset_check(asset=UPLOADS, description="Every chunk of an upload has its vector in the space that answers.")
def every_upload_has_its_vectors(studium: Studium) -> dg.AssetCheckResult:
    """Chunks and vectors agree."""
    return is_whole(studium, OF_UPLOADS)


@dg.asset_check(asset=UPLOADS, description="No upload is left unread for ten minutes without a request for it.")
def no_upload_is_left_behind(studium: Studium) -> dg.AssetCheckResult:
    """Nothing waits for nobody."""
    return nobody_waits(studium, OF_UPLOADS)


CHECKS = [
    every_chunk_has_its_vector,
    no_document_is_left_behind,
    every_upload_has_its_vectors,
    no_upload_is_left_behind,
]
