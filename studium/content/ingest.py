"""Registered documents to searchable ones: read, cut, embed what is new, store. The one way, for courses and uploads.

Killed at any moment, it leaves each document as it was or whole; what is still `processing` is the next run's.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from uuid import UUID

from obstore.store import ObjectStore
from pgvector import HalfVector
from psycopg import Connection

from studium.content import in_force, spaces, store
from studium.content.chunk import Chunk, Chunking, chunk
from studium.content.embed import Embedder
from studium.content.records import Parsed, Reason, UnreadableError
from studium.content.sandbox import Sandbox, warm_sandbox
from studium.content.spaces import LiveSpace
from studium.content.store import StoredDocument, Vectors
from studium.settings import Settings
from studium.storage import get

Connect = Callable[[], AbstractContextManager[Connection]]
"""Opens a transaction as `studium_pipeline`, committed when its block ends well."""

BATCH_PASSAGES = 256
"""So many are embedded together: enough to keep every core busy, few enough to lose little when killed."""
_log = logging.getLogger(__name__)


@dataclass
class Report:
    """What a run did."""

    ready: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    left: int = 0
    """Changed or deleted while they were read: the next run's."""
    chunks: int = 0
    passages: int = 0
    embedded: int = 0
    reused: int = 0
    read_seconds: float = 0
    embed_seconds: float = 0
    store_seconds: float = 0
    space_is_active: bool = False


@dataclass(frozen=True)
class Draft:
    """A document, read and cut, not written yet."""

    document: StoredDocument
    parsed: Parsed
    chunks: list[Chunk]
    chunking: Chunking

    @property
    def texts(self) -> dict[str, str]:
        """What is to be embedded, by name."""
        return {passage.sha256: passage.embedded_text for one in self.chunks for passage in one.passages}

    def write(self, connection: Connection, vectors: Mapping[int, Vectors], run_id: str | None) -> bool:
        """Store it; whether it is still the document that was read."""
        return store.write_document(connection, self.document, self.parsed, self.chunks, vectors, run_id, self.chunking)


@dataclass(frozen=True)
class Reader:
    """Reads kept files and cuts their text."""

    files: ObjectStore
    sandbox: Sandbox
    chunking: Chunking

    def draft(self, document: StoredDocument) -> Draft:
        """A document's text; `UnreadableError` says why it has none."""
        try:
            data = get(self.files, document.object_path or "")
        except (FileNotFoundError, ValueError) as error:
            raise UnreadableError(Reason.MISSING, "The file is no longer kept; bring it again.") from error
        parsed = self.sandbox.parse(data, document.filename or "", document.media_type)
        is_page = document.source == "moodle" and parsed.media_type == "text/html"
        is_chapter = document.source == "moodle" and ":chapter:" in (document.material_key or "")
        title = document.title
        chunks = chunk(
            parsed, chapter=title if is_chapter else None, heading=title if is_page else None, chunking=self.chunking
        )
        return Draft(document, parsed, chunks, self.chunking)


def ingest(
    connect: Connect,
    files: ObjectStore,
    settings: Settings,
    document_ids: Sequence[UUID],
    *,
    run_id: str | None = None,
    sandbox: Sandbox | None = None,
) -> Report:
    """Take documents all the way. One that cannot be read is marked so, and the rest goes on."""
    report = Report()
    with connect() as connection:
        live = spaces.open_spaces(connection, settings)
        chunking = in_force.chunking(connection, settings)
        documents = store.read_documents(connection, document_ids)
    batch: list[Draft] = []
    reader = Reader(files, sandbox or warm_sandbox(), chunking)
    for draft in _read(connect, reader, documents, run_id, report):
        batch.append(draft)
        if sum(len(waiting.texts) for waiting in batch) >= BATCH_PASSAGES:
            _finish(connect, live, batch, run_id, report)
            batch = []
    _finish(connect, live, batch, run_id, report)
    with connect() as connection:
        report.space_is_active = spaces.activate(connection, live[0])
    return report


def _read(
    connect: Connect, reader: Reader, documents: Iterable[StoredDocument], run_id: str | None, report: Report
) -> Iterator[Draft]:
    """Documents, read and cut; those that cannot be are marked at once."""
    for document in documents:
        started = time.perf_counter()
        try:
            draft = reader.draft(document)
        except UnreadableError as error:
            _log.info("document %s failed: %s", document.document_id, error.reason)
            with connect() as connection:
                written = store.write_failure(connection, document, error, run_id)
            report.failed[error.reason.value] += written
            report.left += not written
            continue
        finally:
            report.read_seconds += time.perf_counter() - started
        yield draft


def _finish(
    connect: Connect, live: Sequence[LiveSpace], batch: Sequence[Draft], run_id: str | None, report: Report
) -> None:
    """Embed what no space knows yet, then store document by document."""
    if not batch:
        return
    started = time.perf_counter()
    texts = {name: text for draft in batch for name, text in draft.texts.items()}
    vectors: dict[int, dict[str, HalfVector]] = {}
    for space in live:
        with connect() as connection:
            known = store.known_vectors(connection, space.space_id, texts)
        new = {name: text for name, text in texts.items() if name not in known}
        vectors[space.space_id] = known | embed_named(space.embedder, new)
        report.embedded += len(new)
    embedded = time.perf_counter()
    with connect() as connection:
        for draft in batch:
            with connection.transaction():  # each document's own: the connection is idle between them
                written = draft.write(connection, vectors, run_id)
            report.ready += written
            report.left += not written
            report.chunks += len(draft.chunks)
            report.passages += sum(len(one.passages) for one in draft.chunks)
    report.reused = report.passages * len(live) - report.embedded
    report.embed_seconds += embedded - started
    report.store_seconds += time.perf_counter() - embedded


def embed_named(embedder: Embedder, texts: dict[str, str]) -> dict[str, HalfVector]:
    """Vectors of texts that have names."""
    if not texts:
        return {}
    return {name: HalfVector(row) for name, row in zip(texts, embedder.embed_matrix(list(texts.values())), strict=True)}
