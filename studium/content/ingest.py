"""Registered documents to searchable ones: read, cut, embed what is new, store. The one way, for courses and uploads.

Killed at any moment, it leaves each document as it was or whole; what is still `processing` is the next run's.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from uuid import UUID

from obstore.store import ObjectStore
from pgvector import HalfVector
from psycopg import Connection

from studium.content import spaces, store
from studium.content.chunk import Chunk, chunk
from studium.content.embed import Embedder
from studium.content.records import Parsed, Reason, UnreadableError
from studium.content.sandbox import Sandbox, warm_sandbox
from studium.content.spaces import LiveSpace
from studium.content.store import StoredDocument
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
class _Draft:
    document: StoredDocument
    parsed: Parsed
    chunks: list[Chunk]

    @property
    def texts(self) -> dict[str, str]:
        """What is to be embedded, by name."""
        return {passage.sha256: passage.embedded_text for one in self.chunks for passage in one.passages}


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
        documents = store.read_documents(connection, document_ids)
    batch: list[_Draft] = []
    for draft in _read(connect, files, documents, sandbox or warm_sandbox(), run_id, report):
        batch.append(draft)
        if sum(len(waiting.texts) for waiting in batch) >= BATCH_PASSAGES:
            _finish(connect, live, batch, run_id, report)
            batch = []
    _finish(connect, live, batch, run_id, report)
    with connect() as connection:
        report.space_is_active = spaces.activate(connection, live[0])
    return report


def _read(
    connect: Connect,
    files: ObjectStore,
    documents: Iterable[StoredDocument],
    sandbox: Sandbox,
    run_id: str | None,
    report: Report,
) -> Iterator[_Draft]:
    """Documents, read and cut; those that cannot be are marked at once."""
    for document in documents:
        started = time.perf_counter()
        try:
            draft = _draft(files, document, sandbox)
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


def _draft(files: ObjectStore, document: StoredDocument, sandbox: Sandbox) -> _Draft:
    try:
        data = get(files, document.object_path or "")
    except (FileNotFoundError, ValueError) as error:
        raise UnreadableError(Reason.MISSING, "The file is no longer kept; bring it again.") from error
    parsed = sandbox.parse(data, document.filename or "", document.media_type)
    is_page = document.source == "moodle" and parsed.media_type == "text/html"
    is_chapter = document.source == "moodle" and ":chapter:" in (document.material_key or "")
    chunks = chunk(parsed, chapter=document.title if is_chapter else None, heading=document.title if is_page else None)
    return _Draft(document, parsed, chunks)


def _finish(
    connect: Connect, live: Sequence[LiveSpace], batch: Sequence[_Draft], run_id: str | None, report: Report
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
                written = store.write_document(connection, draft.document, draft.parsed, draft.chunks, vectors, run_id)
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
