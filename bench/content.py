"""How fast files are read and embedded: `python bench/content.py [documents]`.

Embedding is measured beside the bare onnxruntime loop over the same texts, in turns, so that a busy machine is busy for
both. Everything is as in an installation: object store, reading child, embedded PostgreSQL. What Dagster adds, and how
long an upload takes, is bench/journey.py's.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnxruntime
from psycopg import Connection
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.support.installation import new_home
from bench.support.prose import Prose
from bench.support.report import judged, show, table
from studium.content.embed import open_embedder, usable_cores
from studium.content.ingest import Report, ingest
from studium.content.intake import sync_course, waiting
from studium.content.minilm import load, model_path
from studium.content.sandbox import Sandbox, warm_sandbox
from studium.database.pool import Role, connect
from studium.moodle.keys import CourseKey
from studium.storage import open_store, put_content

COURSE = CourseKey("bench", 1)
ROUNDS = 4
BATCHES = (1, 8, 32)
LEAST_SHARE = 0.9
MATERIAL = """
insert into raw.materials (site_id, course_id, cmid, section_id, material_key, title, media_type, byte_size,
                           content_sha256, object_path, url)
values (%s, %s, %s, 1, %s, 'A page', 'text/html', %s, %s, %s, '')
"""
NEWEST = """
select c.heading || E'\\n' || p.text from content.passages as p join content.chunks as c using (chunk_id)
order by p.passage_id desc limit %s
"""


class Materials:
    """A course to read, in an installation of its own."""

    def __init__(self) -> None:
        self.settings = new_home()
        self.store = open_store(self.settings)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A transaction as the pipeline."""
        with connect(self.settings, Role.PIPELINE) as connection:
            yield connection

    def read(self, pages: list[bytes], first: int) -> Report:
        """Add pages to the course and bring them all the way."""
        with self.connect() as connection:
            for number, page in enumerate(pages, start=first):
                path = put_content(self.store, "materials", page)
                name = path.rpartition("/")[2]
                connection.execute(MATERIAL, [*COURSE, number, f"page:{number}", len(page), name, path])
            sync_course(connection, COURSE)
            found = waiting(connection, str(COURSE))
        return ingest(self.connect, self.store, self.settings, found)

    def newest(self, count: int) -> list[str]:
        """What was embedded last: passages under their headings, as near as makes no difference."""
        with self.connect() as connection:
            rows = connection.execute(NEWEST, [count]).fetchall()
        return [row[0] for row in rows]


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


def embedding(course: Materials, documents: int, prose: Prose) -> Table:
    seconds: dict[str, float] = {"embed": 0.0, "embed and store": 0.0} | {f"bare, batches of {b}": 0.0 for b in BATCHES}
    passages = chunks = 0
    for turn in range(ROUNDS):
        report = course.read([prose.page() for _ in range(documents)], turn * documents)
        seconds["embed"] += report.embed_seconds
        seconds["embed and store"] += report.embed_seconds + report.store_seconds
        passages, chunks = passages + report.embedded, chunks + report.chunks
        texts = course.newest(report.embedded)
        for batch in BATCHES:
            seconds[f"bare, batches of {batch}"] += bare(texts, batch)
    best = min(taken for way, taken in seconds.items() if way.startswith("bare"))
    made = table(f"Embedding {passages} passages", "way", "passages/s", "chunks/s", "of the fastest bare loop")
    for way, taken in seconds.items():
        share = best / taken
        said = judged(share, ".2f", at_least=LEAST_SHARE) if way == "embed" else f"{share:.2f}"
        made.add_row(way, f"{passages / taken:.1f}", f"{chunks / taken:.1f}", said)
    return made


def parsing(prose: Prose) -> Table:
    made = table("Reading, in the warm child", "file", "pages", "seconds", "pages/s")
    with Sandbox() as sandbox:
        for name, data, pages in (
            ("PDF", prose.pdf(200), 200),
            ("HTML", b"".join(prose.page() for _ in range(30)), 90),
            ("text", "\n\n".join(prose.paragraph() for _ in range(500)).encode(), 100),
        ):
            sandbox.parse(data, f"warm.{name.lower()}")
            started = time.perf_counter()
            sandbox.parse(data, f"x.{name.lower()}")
            taken = time.perf_counter() - started
            made.add_row(name, str(pages), f"{taken:.2f}", f"{pages / taken:.0f}")
    return made


def main(documents: int) -> None:
    prose, course = Prose(1), Materials()
    open_embedder(course.settings).embed_query("warm")
    course.read([prose.page()], 10**6)
    show(embedding(course, documents, prose), parsing(prose))
    warm_sandbox().close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12)
