"""What search finds, in what order, and by which of its ways."""

import math
import random
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import pytest
from pgvector import HalfVector
from psycopg import Connection, errors

from studium.content.embed import Embedder, Matrix, Space
from studium.database.pool import assume
from studium.retrieval.search import Passage, search
from tests.integration.invented_site import COURSE, SITE, Site

HERE = f"{SITE}:{COURSE}"


class Fixed(Embedder):
    """Vectors by the text's own words: each known word is a direction."""

    def __init__(self, version: str = "1") -> None:
        self.words = ["vagus", "node", "aorta", "valve", "kidney", "lung", "brain", "vein"]
        self.space = Space("fixed", len(self.words), version)

    def embed_matrix(self, texts: list[str]) -> Matrix:
        rows = [[1.0 + text.count(word) * 9 for word in self.words] for text in texts]
        return np.array(rows, np.float32)


@dataclass
class Library:
    """Documents of a course, searchable."""

    site: Site
    embedder: Fixed
    space_id: int

    def add(self, *texts: str, heading: str | None = None, **values: object) -> UUID:
        connection = self.site.connection
        facts = {"source": "file", "course_id": HERE, "title": texts[0][:40]} | values
        columns, marks = ", ".join(facts), ", ".join(["%s"] * len(facts))
        row = connection.execute(
            f"insert into content.documents ({columns}) values ({marks}) returning document_id", list(facts.values())
        ).fetchone()
        document_id: UUID = row[0]
        for position, text in enumerate(texts):
            chunk = connection.execute(
                "insert into content.chunks (document_id, position, text, token_count, heading, page, content_sha256) "
                "values (%s, %s, %s, 9, %s, %s, 'x') returning chunk_id",
                [document_id, position, text, heading, position + 1],
            ).fetchone()
            passage = connection.execute(
                "insert into content.passages (chunk_id, document_id, position, text, content_sha256, token_count, "
                "start_offset, end_offset) values (%s, %s, 0, %s, 'x', 9, 0, %s) returning passage_id",
                [chunk[0], document_id, text, len(text)],
            ).fetchone()
            connection.execute(
                "insert into content.vectors (space_id, passage_id, document_id, content_sha256, embedding) "
                "values (%s, %s, %s, 'x', %s::halfvec)",
                [self.space_id, passage[0], document_id, HalfVector(self.embedder.embed_query(text)).to_text()],
            )
        connection.execute("select content.index_document(%s)", [document_id])
        return document_id

    def find(self, account: UUID, query: str, *, embedder: Fixed | None = None, **options: object) -> list[Passage]:
        with self.site.connection.transaction(force_rollback=True):
            self.site.connection.execute("set local role studium_api")
            assume(self.site.connection, account)
            return search(self.site.connection, embedder or self.embedder, query, **options)  # type: ignore[arg-type]


@pytest.fixture
def library(admin: Connection) -> Library:
    embedder = Fixed()
    space = embedder.space
    row = admin.execute("select content.create_space(%s, %s, %s)", [space.model, space.dimension, space.version])
    made = Library(Site(admin), embedder, row.fetchone()[0])
    admin.execute("select content.activate_space(%s::smallint)", [made.space_id])
    return made


def test_a_passage_comes_with_its_place(library: Library) -> None:
    student = library.site.add_person()
    page = library.site.add_module(name="Rhythm", indexed=False)
    library.site.connection.execute(
        "update raw.sections set name = 'Week 1' where section_id = %s", [library.site.section]
    )
    key = {"source": "moodle", "module_id": f"{SITE}:{page}", "material_key": "page:1", "source_url": "http://m.test/6"}
    document = library.add("The vagus slows the node.", heading="Vagal tone", title="Rhythm", **key)
    found = library.find(student, "What does the vagus do?")
    assert len(found) == 1
    one = found[0]
    assert (one.document_id, one.text, one.chunk_text) == (document, one.chunk_text, "The vagus slows the node.")
    assert (one.module_name, one.section_name, one.heading, one.page) == ("Rhythm", "Week 1", "Vagal tone", 1)
    assert (one.module_id, one.section_id, one.course_id) == (f"{SITE}:{page}", f"{SITE}:{library.site.section}", HERE)
    assert one.source_url == "http://m.test/6"
    assert one.similarity == pytest.approx(1, abs=0.25)
    assert one.lexical_score > 0


def test_both_ways_are_fused_by_their_scores(library: Library) -> None:
    student = library.site.add_person()
    near = library.add("node node node")
    worded = library.add("An arrhythmia of the lung and brain")
    both = library.add("node arrhythmia")
    found = library.find(student, "node arrhythmia")
    assert found[0].document_id == both
    assert {found[1].document_id, found[2].document_id} == {near, worded}
    best = max(one.lexical_score for one in found)
    for one in found:
        assert one.score == pytest.approx(one.similarity + 0.06 * one.lexical_score / best)
    assert found[0].score > found[1].score >= found[2].score


def test_the_longer_a_question_the_more_its_words_count(library: Library) -> None:
    student = library.site.add_person()
    library.add("node arrhythmia")
    [one] = library.find(student, "node arrhythmia of lung brain vein valve kidney aorta")
    assert one.score == pytest.approx(one.similarity + 0.06 + 0.035 * 4)


def test_a_word_that_a_question_repeats_counts_as_often(library: Library) -> None:
    student = library.site.add_person()
    library.add("node", "arrhythmia", "aorta")
    scores = {one.text: one.lexical_score for one in library.find(student, "node arrhythmia arrhythmia")}
    assert scores["arrhythmia"] == pytest.approx(2 * scores["node"], rel=1e-3)


def test_the_heading_counts_as_words_of_the_passage(library: Library) -> None:
    student = library.site.add_person()
    library.add("It is short.", heading="Chronotropy")
    assert library.find(student, "chronotropy")[0].lexical_score > 0


def test_a_course_and_ones_own_loose_uploads_are_searched_together(library: Library) -> None:
    student = library.site.add_person()
    library.site.add_course(2)
    library.site.enrol(library.site.user_of(student), "student", course_id=2)
    library.site.add_section(course_id=2)
    here = library.add("The vagus here")
    there = library.add("The vagus there", course_id=f"{SITE}:2")
    loose = library.add("The vagus in my notes", source="upload", owner_id=student, course_id=None)
    filed = library.add("The vagus filed there", source="upload", owner_id=student, course_id=f"{SITE}:2")

    def documents(course_id: str | None) -> set[UUID]:
        return {one.document_id for one in library.find(student, "vagus", course_id=course_id)}

    assert documents(None) == {here, there, loose, filed}
    assert documents(HERE) == {here, loose}
    assert documents(f"{SITE}:2") == {there, loose, filed}
    assert documents(f"{SITE}:3") == {loose}


def test_the_vector_of_another_space_is_not_compared(library: Library) -> None:
    student = library.site.add_person()
    library.add("The vagus slows the node.")
    library.add("Nothing of the kind.")
    other = library.find(student, "vagus", embedder=Fixed("2"))
    assert [(one.similarity, one.lexical_score > 0) for one in other] == [(None, True)]
    library.site.connection.execute("update content.spaces set status = 'retired'")
    assert len(library.find(student, "vagus")) == 1


@pytest.mark.parametrize("query", ["", "   ", "\0", "\n"])
def test_a_blank_query_finds_nothing(library: Library, query: str) -> None:
    library.add("The vagus slows the node.")
    assert library.find(library.site.add_person(), query) == []


@pytest.mark.parametrize(
    "query", ["va\0gus", "vagus " * 5000, "vagus' & ) | !:*", "{1:2}/3 vagus %s :x", "迷走神経 vagus"]
)
def test_a_strange_query_is_only_words(library: Library, query: str) -> None:
    library.add("The vagus slows the node.")
    assert len(library.find(library.site.add_person(), query)) == 1


@pytest.mark.parametrize("limit", [0, -1, 51])
def test_the_limit_has_limits(library: Library, limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        library.find(library.site.add_person(), "vagus", limit=limit)


def test_the_graph_finds_only_what_is_permitted(library: Library) -> None:
    student = library.site.add_person()
    chance = random.Random(2)
    hidden = library.site.add_module(is_visible=False, indexed=False)
    texts = [" ".join(chance.choices(library.embedder.words, k=6)) for _ in range(300)]
    seen = [library.add(text) for text in texts[:12]]
    library.add(*texts[12:], source="moodle", module_id=f"{SITE}:{hidden}", material_key="page:9")
    vector = HalfVector(library.embedder.embed_query("vagus vagus node")).to_text()
    with library.site.connection.transaction(force_rollback=True):
        library.site.connection.execute("set local role studium_api")
        assume(library.site.connection, student)
        by_way = {
            exactly: library.site.connection.execute(
                "select document_id from content.search(%s::halfvec, %s, 'vagus node', wanted => 50, exactly => %s)",
                [vector, library.space_id, exactly],
            ).fetchall()
            for exactly in (0, 100_000)
        }
    assert {row[0] for row in by_way[0]} == set(seen)
    assert by_way[0] == by_way[100_000]


def test_a_graph_that_gives_up_costs_no_result(library: Library) -> None:
    student = library.site.add_person()
    hidden = library.site.add_module(is_visible=False, indexed=False)
    library.add(*["vagus node"] * 400, source="moodle", module_id=f"{SITE}:{hidden}", material_key="page:9")
    seen = {library.add(f"kidney {number}") for number in range(20)}
    connection = library.site.connection
    for option in ("hnsw.ef_search = 1", "hnsw.max_scan_tuples = 1"):
        kinds = "public.halfvec, smallint, text, text, integer, integer, integer, integer"
        connection.execute(f"alter function content.search({kinds}) set {option}")
    vector = HalfVector(library.embedder.embed_query("vagus node")).to_text()
    with connection.transaction(force_rollback=True):
        connection.execute("set local role studium_api")
        assume(connection, student)
        found = connection.execute(
            "select document_id from content.search(%s::halfvec, %s, null, wanted => 50, exactly => 0)",
            [vector, library.space_id],
        ).fetchall()
    assert {row[0] for row in found} == seen


def test_what_is_hidden_shifts_no_rank(library: Library) -> None:
    student = library.site.add_person()
    hidden = library.site.add_module(is_visible=False, indexed=False)
    library.add("The vagus slows the node.")
    before = library.find(student, "vagus node")
    for number in range(30):
        key = {"source": "moodle", "module_id": f"{SITE}:{hidden}", "material_key": f"page:{number}"}
        library.add("vagus node vagus node", **key)
    after = library.find(student, "vagus node")
    assert [(one.document_id, one.score) for one in after] == [(one.document_id, one.score) for one in before]


def bm25(texts: list[list[str]], query: list[str], index: int) -> float:
    """Lucene's formula, k1 1.2 and b 0.75."""
    average = sum(map(len, texts)) / len(texts)
    total = 0.0
    for word in query:
        holders = sum(word in text for text in texts)
        if holders:
            idf = math.log(1 + (len(texts) - holders + 0.5) / (holders + 0.5))
            tf = texts[index].count(word)
            total += idf * 2.2 * tf / (tf + 1.2 * (0.25 + 0.75 * len(texts[index]) / average))
    return total


def test_lexical_scores_are_bm25(library: Library) -> None:
    student = library.site.add_person()
    chance = random.Random(1)
    words = ["aorta", "valve", "lung", "brain", "vein", "node", "murmur", "stenosi", "reflex", "tone"]
    texts = [chance.choices(words, weights=range(1, 11), k=chance.randrange(3, 30)) for _ in range(40)]
    library.add(*[" ".join(text) for text in texts])
    library.site.connection.execute("select content.refresh_terms()")
    query = ["murmur", "aorta", "valve", "spleen"]
    found = library.find(student, " ".join(query), limit=40)
    assert len(found) > 20
    for one in found:
        index = next(number for number, text in enumerate(texts) if " ".join(text) == one.text)
        assert one.lexical_score == pytest.approx(bm25(texts, query, index), rel=2e-3)


def test_counts_never_drift_by_more_than_a_twentieth(library: Library) -> None:
    connection = library.site.connection
    for number in range(60):
        library.add(f"vagus number {number}", f"node number {number}")
        held, counted = connection.execute(
            "select (select count(*) from content.lexemes), (select passages from content.lexicon)"
        ).fetchone()
        assert abs(held - counted) * 20 <= max(held, counted)
    connection.execute("delete from content.documents where title < 'vagus number 3'")
    library.add("vagus again")
    counts = "select (select count(*) from content.lexemes), passages, average_length from content.lexicon"
    held, counted, average = connection.execute(counts).fetchone()
    assert held == counted
    mean = connection.execute("select avg(length) from content.lexemes").fetchone()[0]
    assert average == pytest.approx(float(mean), rel=0.11)


def test_indexing_twice_changes_nothing(library: Library) -> None:
    document = library.add("The vagus slows the node.", "The aorta is wide.")
    rows = "select passage_id, length, terms, weights::text from content.lexemes order by passage_id"
    before = library.site.connection.execute(rows).fetchall()
    library.site.connection.execute("select content.index_document(%s)", [document])
    assert library.site.connection.execute(rows).fetchall() == before


def test_a_document_leaves_with_all_it_had(library: Library) -> None:
    document = library.add("The vagus slows the node.", "The aorta is wide.")
    library.site.connection.execute("delete from content.documents where document_id = %s", [document])
    for table in ("chunks", "passages", "vectors", "lexemes"):
        assert library.site.connection.execute(f"select from content.{table}").rowcount == 0
    assert library.site.connection.execute("select sum(passages) from content.scopes").fetchone() == (0,)


def test_a_space_answers_only_when_it_is_complete(library: Library) -> None:
    connection = library.site.connection
    library.add("The vagus slows the node.", "The aorta is wide.")
    made = connection.execute("select content.create_space('fixed', 8, '2')").fetchone()[0]
    assert connection.execute("select content.create_space('fixed', 8, '2')").fetchone()[0] == made
    copy = (
        "insert into content.vectors (space_id, passage_id, document_id, content_sha256, embedding) "
        "select %s, passage_id, document_id, content_sha256, embedding from content.vectors where space_id = %s "
        "order by passage_id limit 1 offset %s"
    )
    activate = "select content.activate_space(%s::smallint)"
    connection.execute(copy, [made, library.space_id, 0])
    assert connection.execute(activate, [made]).fetchone() == (False,)
    connection.execute(copy, [made, library.space_id, 1])
    assert connection.execute(activate, [made]).fetchone() == (True,)
    states = connection.execute("select space_id, status from content.spaces").fetchall()
    assert dict(states) == {library.space_id: "retired", made: "active"}
    connection.execute("select content.drop_space(%s::smallint)", [library.space_id])
    assert connection.execute("select distinct space_id from content.vectors").fetchall() == [(made,)]
    with pytest.raises(errors.ObjectInUse):
        connection.execute("select content.drop_space(%s::smallint)", [made])


def test_vectors_are_kept_at_length_one(library: Library) -> None:
    library.add("vagus vagus vagus")
    row = library.site.connection.execute("select l2_norm(embedding) from content.vectors").fetchone()
    assert row[0] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    "statement",
    [
        "select from content.lexemes",
        "select from content.terms",
        "select from content.scopes",
        "select from content.citations",
        "select content.index_document(null)",
        "select content.create_space('x', 3, '1')",
        "select content.permitted(null)",
        "select content.permitted_places(null)",
        "insert into content.passages (text) values ('x')",
        "delete from content.vectors",
    ],
)
def test_serving_touches_nothing_else(library: Library, statement: str) -> None:
    library.site.connection.execute("set local role studium_api")
    with pytest.raises(errors.InsufficientPrivilege):
        library.site.connection.execute(statement)
