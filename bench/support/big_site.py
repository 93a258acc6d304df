"""A big site for `bench/retrieval.py`: passages made of the two real courses' sentences, by the hundred thousand.

A passage is three to six real sentences, four in five of one module, and its vector the weighted mean of theirs with
some noise, so that topics stay clustered. A course teaches two topics (one passage in five is of any), so that who may
see what goes with what it is about.
"""

import re
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from pgvector.psycopg import register_vector
from psycopg import Connection

from studium.content.embed import Embedder
from studium.content.sentences import sentence_starts
from studium.database.pool import Role, connect
from studium.settings import Settings
from tests.integration.real_courses import bring_texts

COURSES = 50
SMALL = COURSES
"""One course more, of a five-hundredth of all passages."""
PER_MODULE = 50
STRAY = 0.2
NOISE = 0.25
SHARES = {"everything": None, "50 %": range(25), "10 %": range(20, 25), "2 %": range(30, 31), "0.2 %": (SMALL,)}
Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Sentences:
    """Real sentences, their vectors, and where each topic's are."""

    texts: list[str]
    vectors: Matrix
    topics: list[NDArray[np.int64]]


def real_sentences(settings: Settings, embedder: Embedder) -> Sentences:
    """Import the two courses as an installation would, and take their passages apart."""
    bring_texts(settings, [2, 4], "real")
    with connect(settings, Role.ADMIN) as connection:
        rows = connection.execute(
            "select coalesce(d.module_id, d.course_id), p.text from content.passages as p "
            "join content.documents as d using (document_id) order by p.passage_id"
        ).fetchall()
    by_topic: dict[str, list[str]] = {}
    for topic, text in rows:
        starts = [0, *sentence_starts(text)]
        parts = [" ".join(text[a:b].split()) for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
        by_topic.setdefault(topic, []).extend(part for part in parts if re.search(r"\w+ \w+ \w+ \w+", part))
    kept = [texts for texts in by_topic.values() if len(texts) > 2]
    texts = [text for topic in kept for text in topic]
    ends = np.cumsum([len(topic) for topic in kept])
    topics = [np.arange(end - len(topic), end) for end, topic in zip(ends, kept, strict=True)]
    return Sentences(texts, embedder.embed_matrix(texts), topics)


@dataclass(frozen=True)
class Module:
    """A module of the big site."""

    number: int
    course: int
    topic: int


def modules(passages: int, topics: int, chance: np.random.Generator) -> list[Module]:
    """Modules of all courses, in the order of their courses."""
    total = passages // PER_MODULE
    small = max(1, total // 500)
    courses = [*(np.arange(total - small) * COURSES // (total - small)), *[SMALL] * small]
    made = []
    for number, course in enumerate(courses):
        own = (int(course) * topics // (COURSES + 1) + int(chance.integers(2))) % topics
        topic = own if chance.random() > STRAY else int(chance.integers(topics))
        made.append(Module(number + 1, int(course), topic))
    return made


def compose(module: Module, sentences: Sentences, chance: np.random.Generator) -> Iterator[tuple[str, Matrix]]:
    """The passages of a module, with their vectors."""
    for _ in range(PER_MODULE):
        count = int(chance.integers(3, 7))
        strays = chance.random(count) < STRAY
        topics = np.where(strays, chance.integers(len(sentences.topics), size=count), module.topic)
        chosen = [int(chance.choice(sentences.topics[topic])) for topic in topics]
        vector = chance.dirichlet(np.full(count, 2.0)) @ sentences.vectors[chosen]
        vector = vector / np.linalg.norm(vector)
        vector = vector + chance.normal(0, NOISE / np.sqrt(len(vector)), len(vector))
        yield " ".join(sentences.texts[index] for index in chosen), (vector / np.linalg.norm(vector)).astype(np.float32)


def build(settings: Settings, embedder: Embedder, passages: int, say: Callable[[str], None]) -> dict[str, UUID]:
    """Fill the database; the accounts, by the share of passages each may see."""
    sentences = real_sentences(settings, embedder)
    say(f"{len(sentences.texts)} real sentences of {len(sentences.topics)} modules")
    chance = np.random.default_rng(20261122)
    plan = modules(passages, len(sentences.topics), chance)
    with connect(settings, Role.ADMIN) as connection:
        connection.execute("set synchronous_commit = off")
        connection.execute("set maintenance_work_mem = '2GB'")
        connection.execute("set max_parallel_maintenance_workers = 2")
        space_id = connection.execute("select space_id from content.spaces where status = 'active'").fetchone()[0]
        connection.execute("delete from content.documents")
        indexes = _drop_indexes(connection)
        accounts = _people(connection)
        _modules(connection, plan)
        connection.commit()
        _timed(say, "copied", lambda: _passages(connection, plan, sentences, space_id, chance))
        connection.execute(
            "update content.lexicon set average_length = (select avg(w.length) from content.passages as p, "
            "content.weights_of(p.text, 50) as w where p.passage_id % 500 = 0)"
        )
        connection.commit()
        _timed(say, "lexemes weighed", lambda: _weigh(settings))
        for name, definition in indexes.items():
            _timed(say, f"index {name}", lambda definition=definition: connection.execute(definition))
        connection.execute("delete from content.scopes where passages = 0")
        _timed(say, "terms counted", lambda: connection.execute("select content.refresh_terms()"))
        connection.commit()
        connection.autocommit = True
        _timed(say, "vacuumed", lambda: connection.execute("vacuum analyze"))
    return accounts


def _timed(say: Callable[[str], None], what: str, work: Callable[[], object]) -> None:
    started = time.perf_counter()
    work()
    say(f"{what}: {time.perf_counter() - started:.0f} s")


def _drop_indexes(connection: Connection) -> dict[str, str]:
    """The two that are faster built at the end; their definitions stay those of the migration."""
    rows = connection.execute(
        "select indexname, indexdef from pg_indexes where schemaname = 'content' "
        "and (indexdef like '% USING hnsw %' or indexdef like '% USING gin %')"
    ).fetchall()
    for name, _ in rows:
        connection.execute(f"drop index content.{name}")
    return dict(rows)


def _people(connection: Connection) -> dict[str, UUID]:
    connection.execute("insert into raw.sites (site_id, wwwroot) values ('bench', 'http://bench.test')")
    connection.execute(
        "insert into raw.courses (site_id, course_id, shortname, fullname, is_visible, group_mode, group_mode_forced, "
        "completion_enabled, backup_sha256, backup_at) select 'bench', n, 'C' || n, 'Course ' || n, true, 0, false, "
        "true, '', now() from generate_series(0, %s) as n",
        [SMALL],
    )
    connection.execute(
        "insert into raw.sections (site_id, course_id, section_id, number, is_visible, sequence) "
        "select 'bench', n, n, 0, true, '{}' from generate_series(0, %s) as n",
        [SMALL],
    )
    accounts: dict[str, UUID] = {}
    for number, (name, courses) in enumerate(SHARES.items(), 1):
        row = connection.execute(
            "insert into app.accounts (email, display_name, is_admin) values (%s, %s, %s) returning account_id",
            [f"{number}@bench.test", name, courses is None],
        ).fetchone()
        accounts[name] = row[0]
        connection.execute(
            "insert into raw.users (site_id, user_id, is_deleted, seen_at) values ('bench', %s, false, now())", [number]
        )
        connection.execute(
            "insert into app.moodle_links (site_id, moodle_user_id, account_id) values ('bench', %s, %s)",
            [number, row[0]],
        )
        for course in courses or ():
            connection.execute(
                "insert into raw.enrolments (site_id, course_id, enrolment_id, user_id, method, status, method_status) "
                "values ('bench', %s, %s, %s, 'manual', 0, 0)",
                [course, number * 1000 + course, number],
            )
    return accounts


def _modules(connection: Connection, plan: list[Module]) -> None:
    cursor = connection.cursor()
    columns = "site_id, course_id, cmid, section_id, modname, name, position, is_visible, is_visible_on_page, "
    with cursor.copy(f"copy raw.modules ({columns} group_mode, completion_mode, url) from stdin") as copy:
        for one in plan:
            place = ("bench", one.course, one.number, one.course, "page", f"Page {one.number}", one.number)
            copy.write_row((*place, True, True, 0, 0, "http://bench.test"))
    connection.execute(
        "insert into content.documents (source, course_id, module_id, material_key, title, status) "
        "select 'moodle', site_id || ':' || course_id, site_id || ':' || cmid, 'page:' || cmid, name, 'ready' "
        "from raw.modules where site_id = 'bench'"
    )
    connection.execute(
        "insert into content.chunks (document_id, position, text, token_count, content_sha256) "
        "select document_id, 0, title, 5, '' from content.documents where course_id like 'bench:%'"
    )


def _passages(
    connection: Connection, plan: list[Module], sentences: Sentences, space_id: int, chance: np.random.Generator
) -> None:
    """Straight into the tables: with the triggers off, scopes are written here."""
    rows = connection.execute(
        "select split_part(d.module_id, ':', 2)::integer, d.document_id, d.scope_id, c.chunk_id "
        "from content.documents as d join content.chunks as c using (document_id) where d.course_id like 'bench:%'"
    ).fetchall()
    places = {number: place for number, *place in rows}
    connection.execute("set session_replication_role = replica")
    register_vector(connection)
    cursor = connection.cursor()
    passage_id = connection.execute("select coalesce(max(passage_id), 0) from content.lexemes").fetchone()[0]
    to_vectors = "space_id, passage_id, document_id, content_sha256, scope_id, embedding"
    with tempfile.TemporaryFile("w+", encoding="utf-8") as texts:
        with cursor.copy(f"copy content.vectors ({to_vectors}) from stdin (format binary)") as copy:
            copy.set_types(["int2", "int8", "uuid", "text", "int4", "halfvec"])
            for one in plan:
                document, scope, chunk = places[one.number]
                for position, (text, vector) in enumerate(compose(one, sentences, chance)):
                    passage_id += 1
                    copy.write_row((space_id, passage_id, document, str(passage_id), scope, HalfVector(vector)))
                    columns = (passage_id, chunk, document, position, text, passage_id, 99, 0, 4, scope)
                    texts.write("\t".join(map(str, columns)) + "\n")
        texts.seek(0)
        to_passages = "passage_id, chunk_id, document_id, position, text, content_sha256, token_count, "
        with cursor.copy(
            f"copy content.passages ({to_passages} start_offset, end_offset, scope_id) from stdin"
        ) as copy:
            while block := texts.read(1 << 20):
                copy.write(block)
    connection.execute("set session_replication_role = origin")
    connection.execute("update content.scopes set passages = %s where course_id like 'bench:%%'", [PER_MODULE])
    connection.commit()


def _weigh(settings: Settings) -> None:
    """As content.index_document does, in two halves side by side."""

    def half(number: int) -> None:
        with connect(settings, Role.ADMIN) as connection:
            connection.execute("set synchronous_commit = off")
            connection.execute(
                "insert into content.lexemes (passage_id, document_id, scope_id, length, terms, weights) "
                "select p.passage_id, p.document_id, p.scope_id, w.* from content.passages as p "
                "cross join content.lexicon as l cross join lateral content.weights_of(p.text, l.average_length) as w "
                "where p.scope_id %% 2 = %s",
                [number],
            )

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(half, range(2)))
