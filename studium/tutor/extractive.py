"""The tutor without a model: it quotes the course word for word, or says that the course does not answer.

It never composes a sentence about the subject. Which sentences answer is `evidence`'s to say, what may be read is the
database's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from psycopg import Connection

from studium.retrieval.quotes import as_quote
from studium.retrieval.search import Passage, search
from studium.tutor.evidence import (
    SURE_SCORE,
    Sentence,
    by_evidence,
    choose,
    distinct,
    score,
    sentences_of,
    weigh,
)
from studium.tutor.further import readings
from studium.tutor.sentence_vectors import vectors_of
from studium.wire.answers import Answer

if TYPE_CHECKING:
    from studium.content.embed import Embedder

FOUND = 24
"""Passages whose sentences are weighed: each costs some five embeddings the first time somebody asks near it."""
ANSWERED = (
    "This is what the course says, word for word. It is quoted, not composed: read around it before you rely on it."
)
UNSURE = (
    "The course may not answer this. These are its words that come nearest, word for word: read around them and judge."
)
UNANSWERED = "What you can see of this course does not answer this."
NEAREST = " These are the places nearest to it."
LEXEMES = """
select array(select w.lexeme from unnest(to_tsvector('pg_catalog.english', normalize(t.text, NFKC))) as w)
from unnest(%s::text[]) with ordinality as t (text, place) order by t.place
"""


@dataclass(frozen=True)
class Findings:
    """Passages, the best evidence first, and what their sentences are worth."""

    passages: list[Passage]
    sentences: list[Sentence]
    scores: list[float]


def find(connection: Connection, embedder: "Embedder", question: str, *, course_id: str) -> Findings:
    """What is searched for an answer, put in the order of the best sentence each passage has; nothing twice.

    Args:
        connection: bound to an account by `studium.database.pool.assume`.
        embedder: of the active space.
        question: as it was asked.
        course_id: the course asked; the account's own uploads that belong to no course are read too.
    """
    passages = distinct(search(connection, embedder, question, course_id=course_id, limit=FOUND))
    sentences = sentences_of(passages)
    scores = _scores(connection, embedder, question, passages, sentences)
    return Findings(by_evidence(passages, sentences, scores), sentences, scores)


def answer(connection: Connection, embedder: "Embedder", question: str, *, course_id: str) -> Answer:
    """What the course says about `question` to the transaction's account, quoted with its place; see `find`."""
    return compose(question, course_id, find(connection, embedder, question, course_id=course_id))


def compose(question: str, course_id: str, found: Findings) -> Answer:
    """The answer that what was found gives."""
    quotes = choose(found.sentences, found.scores)
    further = readings(question, found.passages, quotes)
    if quotes:
        statement = ANSWERED if quotes[0].score >= SURE_SCORE else UNSURE
    else:
        statement = UNANSWERED + (NEAREST if further else "")
    return Answer(
        question=question,
        course_id=course_id,
        answered=bool(quotes),
        statement=statement,
        quotes=[as_quote(quote.passage, quote.start, quote.end, quote.score) for quote in quotes],
        read_next=further,
    )


def _scores(
    connection: Connection,
    embedder: "Embedder",
    question: str,
    passages: Sequence[Passage],
    sentences: Sequence[Sentence],
) -> list[float]:
    if not sentences:
        return []
    vectors = vectors_of(embedder, [sentence.in_context for sentence in sentences])
    asked_vector = np.asarray(embedder.embed_query(question), dtype=np.float32)
    likeness = vectors @ asked_vector / (np.linalg.norm(asked_vector) or 1)
    around = {
        passage.passage_id: f"{passage.title}\n{passage.heading or ''}\n{passage.chunk_text}" for passage in passages
    }
    texts = [question, *around.values(), *(sentence.in_context for sentence in sentences)]
    asked, *said = [set(row[0]) for row in connection.execute(LEXEMES, [texts]).fetchall()]
    chunks, spoken = dict(zip(around, said[: len(around)], strict=True)), said[len(around) :]
    weights = weigh(asked, list(chunks.values()))
    return [
        score(float(alike), _around(sentence, float(alike)), weights, words, chunks[sentence.passage.passage_id])
        for alike, words, sentence in zip(likeness, spoken, sentences, strict=True)
    ]


def _around(sentence: Sentence, otherwise: float) -> float:
    """The passage's likeness; while its space lacks the passage, the sentence's own."""
    similarity = sentence.passage.similarity
    return otherwise if similarity is None else similarity
