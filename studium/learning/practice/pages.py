"""The pages of the course that say what a question asks, as far as the bound account may read them."""

from typing import TYPE_CHECKING

from psycopg import Connection

from studium.learning.practice.bank import Question
from studium.learning.practice.texts import plain
from studium.retrieval.quotes import as_quote
from studium.retrieval.search import Passage, search
from studium.tutor.open_quizzes import held
from studium.wire.answers import Quote

if TYPE_CHECKING:
    from studium.content.embed import Embedder

NEAR = 0.58
"""Cosine of question with answer and passage, and a fortieth of BM25. All 30 questions of CVS201's and PHA203's banks
have a passage above it; by the cosine alone two had none that says the answer in other words."""
BM25 = 40
SHOWN, LOOKED_AT = 2, 6


def pages(connection: Connection, embedder: "Embedder", question: Question, right_answer: str) -> list[Quote]:
    """Where to read on, the nearest first. What a quiz the learner is sitting asks is left out."""
    wanted = question.quote or f"{plain(question.record.text)} {right_answer}"
    found = search(connection, embedder, wanted, course_id=question.course_id, limit=LOOKED_AT)
    of_course = sorted((one for one in found if one.course_id == question.course_id), key=_nearness, reverse=True)
    near = [one for one in of_course if _is_near(one, question)]
    told = held(connection, embedder, question.course_id).says([one.text for one in near])
    return [as_quote(one) for one, quiz in zip(near, told, strict=True) if quiz is None][:SHOWN]


def _nearness(passage: Passage) -> float:
    return (passage.similarity or 0.0) + passage.lexical_score / BM25


def _is_near(passage: Passage, question: Question) -> bool:
    if question.document_id is not None:
        return passage.document_id == question.document_id
    return passage.similarity is None or _nearness(passage) >= NEAR
