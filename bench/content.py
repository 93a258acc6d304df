"""How fast files become searchable: `python bench/content.py [documents]`.

Embedding is measured beside the bare onnxruntime loop over the same texts, in turns, so that a busy machine is busy for
both. Everything is as in an installation: object store, reading child, embedded PostgreSQL.
"""

import atexit
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from uuid import UUID

import numpy as np
import onnxruntime
from psycopg import Connection
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate
from rich.console import Console
from rich.table import Table

from studium.content.embed import open_embedder, usable_cores
from studium.content.ingest import ingest
from studium.content.intake import register_upload, sync_course, waiting
from studium.content.minilm import load, model_path
from studium.content.sandbox import Sandbox, warm_sandbox
from studium.content.tokens import weights_folder
from studium.database import migrate
from studium.database.pool import Role, connect
from studium.moodle.keys import CourseKey
from studium.settings import Settings
from studium.storage import open_store, put_content

COURSE = CourseKey("bench", 1)
ROUNDS = 4
BATCHES = (1, 8, 32)
PAGES, UPLOADS = 50, 8
MATERIAL = """
insert into raw.materials (site_id, course_id, cmid, section_id, material_key, title, media_type, byte_size,
                           content_sha256, object_path, url)
values (%s, %s, %s, 1, %s, 'A page', 'text/html', %s, %s, %s, '')
"""


class Installation:
    """One of its own, thrown away at the end."""

    def __init__(self) -> None:
        self.settings = Settings(home=Path(tempfile.mkdtemp(prefix="studium-bench-")), _env_file=None)
        atexit.register(shutil.rmtree, self.settings.home, ignore_errors=True)
        migrate.upgrade(self.settings)
        self.store = open_store(self.settings)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A transaction as the pipeline."""
        with connect(self.settings, Role.PIPELINE) as connection:
            yield connection

    def add_pages(self, pages: list[bytes], first: int) -> None:
        """Materials of the course, not read yet."""
        with self.connect() as connection:
            for number, page in enumerate(pages, start=first):
                path = put_content(self.store, "materials", page)
                name = path.rpartition("/")[2]
                connection.execute(MATERIAL, [*COURSE, number, f"page:{number}", len(page), name, path])

    def refresh(self) -> float:
        """Bring the course up to date; seconds."""
        started = time.perf_counter()
        with self.connect() as connection:
            sync_course(connection, COURSE)
            found = waiting(connection, str(COURSE))
        self.report = ingest(self.connect, self.store, self.settings, found)
        return time.perf_counter() - started


class Prose:
    """Sentences of real words, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        vocabulary = (weights_folder() / "vocab.txt").read_text(encoding="utf-8").split()
        self.words = [word for word in vocabulary if word.isalpha() and len(word) > 2][2000:9000]
        self.rng = random.Random(seed)

    def paragraph(self) -> str:
        """Some 70 words."""
        sentences = (" ".join(self.rng.choices(self.words, k=self.rng.randint(8, 20))) for _ in range(5))
        return " ".join(f"{sentence.capitalize()}." for sentence in sentences)

    def page(self) -> bytes:
        """A page of a course: six headings with two paragraphs each, three printed pages."""
        parts = (
            f"<h3>{self.paragraph()[:40]}</h3><p>{self.paragraph()}</p><p>{self.paragraph()}</p>" for _ in range(6)
        )
        return "".join(parts).encode()

    def pdf(self, pages: int) -> bytes:
        """A printed page has some 350 words."""
        styles, out = getSampleStyleSheet(), BytesIO()
        story = []
        for number in range(pages):
            story.append(Paragraph(f"Part {number}", styles["h1"]))
            story += [Paragraph(self.paragraph(), styles["BodyText"]) for _ in range(5)]
            story.append(PageBreak())
        SimpleDocTemplate(out).build(story)
        return out.getvalue()


def bare(texts: list[str], batch: int) -> float:
    """Seconds of tokenizer and session alone, sorted by length, in batches."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = usable_cores()
    session = onnxruntime.InferenceSession(model_path(), options, providers=["CPUExecutionProvider"])
    tokenizer = load().tokenizer
    started = time.perf_counter()
    ids = sorted((encoding.ids for encoding in tokenizer.encode_batch_fast(texts)), key=len)
    for first in range(0, len(ids), batch):
        group = ids[first : first + batch]
        padded = np.zeros((len(group), len(group[-1])), np.int64)
        mask = np.zeros_like(padded)
        for row, found in enumerate(group):
            padded[row, : len(found)], mask[row, : len(found)] = found, 1
        session.run(None, {"input_ids": padded, "attention_mask": mask})
    return time.perf_counter() - started


def embedding(home: Installation, documents: int, prose: Prose) -> Table:
    seconds: dict[str, float] = {"embed": 0.0, "embed and store": 0.0} | {f"bare, batches of {b}": 0.0 for b in BATCHES}
    passages = chunks = 0
    for turn in range(ROUNDS):
        home.add_pages([prose.page() for _ in range(documents)], turn * documents)
        home.refresh()
        seconds["embed"] += home.report.embed_seconds
        seconds["embed and store"] += home.report.embed_seconds + home.report.store_seconds
        passages, chunks = passages + home.report.embedded, chunks + home.report.chunks
        texts = newest(home, home.report.embedded)
        for batch in BATCHES:
            seconds[f"bare, batches of {batch}"] += bare(texts, batch)
    best = min(taken for way, taken in seconds.items() if way.startswith("bare"))
    table = Table("way", "passages/s", "chunks/s", "of the fastest bare loop", title=f"Embedding ({passages} passages)")
    for way, taken in seconds.items():
        table.add_row(way, f"{passages / taken:.1f}", f"{chunks / taken:.1f}", f"{best / taken:.2f}")
    return table


def newest(home: Installation, count: int) -> list[str]:
    """What was embedded last: passages under their headings, as near as makes no difference."""
    with home.connect() as connection:
        rows = connection.execute(
            "select c.heading || E'\\n' || p.text from content.passages as p join content.chunks as c using (chunk_id) "
            "order by p.passage_id desc limit %s",
            [count],
        ).fetchall()
    return [row[0] for row in rows]


def parsing(prose: Prose) -> Table:
    table = Table("file", "pages", "seconds", "pages/s", title="Reading, in the warm child")
    with Sandbox() as sandbox:
        for name, data, pages in (
            ("PDF", prose.pdf(200), 200),
            ("HTML", b"".join(prose.page() for _ in range(30)), 90),
            ("text", "\n\n".join(prose.paragraph() for _ in range(500)).encode(), 100),
        ):
            sandbox.parse(data, f"warm.{name.lower()}")
            taken = timed(lambda data=data, name=name: sandbox.parse(data, f"x.{name.lower()}"))
            table.add_row(name, str(pages), f"{taken:.2f}", f"{pages / taken:.0f}")
    return table


def timed(act: object) -> float:
    started = time.perf_counter()
    act()  # type: ignore[operator]
    return time.perf_counter() - started


def again(prose: Prose, documents: int) -> Table:
    home = Installation()
    home.add_pages([prose.page() for _ in range(documents)], 0)
    first, second = home.refresh(), home.refresh()
    table = Table("run", "seconds", "of the first", title=f"The same course of {documents} pages twice")
    table.add_row("first", f"{first:.2f}", "")
    table.add_row("second", f"{second:.3f}", f"{second / first:.4f}")
    return table


def uploads(home: Installation, prose: Prose) -> Table:
    with connect(home.settings, Role.ADMIN) as connection:
        row = connection.execute(
            "insert into app.accounts (email, display_name) values ('b@example.org', 'B') returning account_id"
        ).fetchone()
    assert row is not None
    taken = [timed(lambda: upload(home, row[0], prose.pdf(PAGES))) for _ in range(UPLOADS + 1)][1:]
    ends = sorted(taken)[max(0, round(0.95 * len(taken)) - 1)]
    table = Table(
        "uploads", "p50 s", "p95 s", title=f"A PDF of {PAGES} pages, handed in to answerable (warm, without Dagster)"
    )
    table.add_row(str(UPLOADS), f"{statistics.median(taken):.2f}", f"{ends:.2f}")
    return table


def upload(home: Installation, owner: UUID, data: bytes) -> None:
    with home.connect() as connection:
        document = register_upload(home.store, connection, owner, "x.pdf", data, title="x")
    assert ingest(home.connect, home.store, home.settings, [document]).ready == 1


def main() -> None:
    documents = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    console, prose, home = Console(), Prose(1), Installation()
    open_embedder(home.settings).embed_query("warm")
    home.add_pages([prose.page()], 10**6)
    home.refresh()
    console.print(embedding(home, documents, prose))
    console.print(parsing(prose))
    console.print(again(prose, documents))
    console.print(uploads(home, prose))
    console.print(f"{usable_cores()} cores, load {os.getloadavg()[0]:.1f}")
    warm_sandbox().close()


if __name__ == "__main__":
    main()
