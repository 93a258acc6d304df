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

LEAST_ALIKE = 0.45
"""Cosine of question with answer and passage; below, the course says something else."""
SHOWN, LOOKED_AT = 2, 6


def pages(connection: Connection, embedder: "Embedder", question: Question, right_answer: str) -> list[Quote]:
    """Where to read on, the nearest first. What a quiz the learner is sitting asks is left out."""
    wanted = question.quote or f"{plain(question.record.text)} {right_answer}"
    found = search(connection, embedder, wanted, course_id=question.course_id, limit=LOOKED_AT)
    near = [one for one in found if one.course_id == question.course_id and _is_near(one, question)]
    told = held(connection, embedder, question.course_id).says([one.text for one in near])
    return [as_quote(one) for one, quiz in zip(near, told, strict=True) if quiz is None][:SHOWN]


def _is_near(passage: Passage, question: Question) -> bool:
    if question.document_id is not None:
        return passage.document_id == question.document_id
    return passage.similarity is None or passage.similarity >= LEAST_ALIKE
