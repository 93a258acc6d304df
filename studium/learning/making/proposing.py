"""Proposals of a course, put in the place of what was proposed before; for the pipeline.

They follow the material: a passage that is read anew takes its proposals with it, and brings its own. What learners
decided is kept by what a card says, so that nobody is asked twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from json import dumps
from typing import Any
from uuid import UUID

from psycopg import Connection

from studium.learning.making.candidate import Candidate
from studium.learning.making.candidates import RULES, candidates
from studium.learning.making.language import stems
from studium.learning.making.material import Source
from studium.learning.making.reading import course_questions, course_sources

BY_RULE = "rule"
ADD = """
insert into app.card_proposals (account_id, course_id, topic_id, document_id, chunk_id, question_id, fingerprint, kind,
    front, back, origin, rule, made_by, quote, source_sha256, score, run_id)
values (%(account)s, %(course)s, %(topic)s, %(document)s, %(chunk)s, %(question)s, %(fingerprint)s, %(kind)s, %(front)s,
    %(back)s, %(origin)s, %(rule)s, %(made_by)s, %(quote)s, %(sha256)s, %(score)s, %(run_id)s)
on conflict (account_id, course_id, document_id, question_id, fingerprint) do nothing
"""
GONE = "delete from app.card_proposals where course_id = %s and account_id is null"
MADE_OF = "select made_of, proposed from app.card_makings where course_id = %s for update"
HELD = "select count(*) from app.card_proposals where course_id = %s and account_id is null"
KEEP = """
insert into app.card_makings (course_id, made_of, proposed, made_at, run_id)
values (%(course)s, %(made_of)s, %(proposed)s, %(moment)s, %(run_id)s)
on conflict (course_id) do update
set made_of = excluded.made_of, proposed = excluded.proposed, made_at = excluded.made_at, run_id = excluded.run_id
"""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a run did."""

    cards: int
    is_new: bool
    """False: nothing had changed."""


def propose(connection: Connection, course_id: str, moment: datetime, run_id: str | None) -> Proposed:
    """Look a course's material through for cards, unless it is what it was."""
    sources = course_sources(connection, course_id)
    bank = course_questions(connection, course_id)
    made_of = _made_of([*sources, *(source for _, source in bank)])
    before = connection.execute(MADE_OF, [course_id]).fetchone()
    held = connection.execute(HELD, [course_id]).fetchone()
    if before and held and before == (made_of, held[0]):
        return Proposed(before[1], is_new=False)
    rows = [_row(card, None, BY_RULE, run_id, place) for card, place in _everywhere(candidates(sources, bank), sources)]
    connection.execute(GONE, [course_id])
    add(connection, rows)
    kept = connection.execute(HELD, [course_id]).fetchone()
    proposed = kept[0] if kept else 0
    facts = {"course": course_id, "made_of": made_of, "proposed": proposed, "moment": moment, "run_id": run_id}
    connection.execute(KEEP, facts)
    return Proposed(proposed, is_new=True)


def own(connection: Connection, account_id: UUID, cards: Iterable[Candidate], made_by: str) -> list[str]:
    """Keep what was made for one learner; the fingerprints, in their order."""
    rows = [_row(card, account_id, made_by, None, card.source) for card in cards]
    add(connection, rows)
    return [row["fingerprint"] for row in rows]


def add(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write them; what is there stays."""
    with connection.cursor() as cursor:
        cursor.executemany(ADD, rows)


def fingerprint(kind: str, front: str, back: str) -> str:
    """The name of what a card asks and answers."""
    return sha256(dumps([kind, front, back]).encode()).hexdigest()


def _everywhere(cards: Iterable[Candidate], sources: Sequence[Source]) -> Iterable[tuple[Candidate, Source]]:
    """Each card at each place that says the very same: who may see one of them is proposed it."""
    places: dict[str | None, list[Source]] = {}
    for source in sources:
        places.setdefault(source.sha256, []).append(source)
    for card in cards:
        same = places.get(card.source.sha256, []) if card.source.sha256 else []
        yield from ((card, place) for place in same or [card.source])


def _row(card: Candidate, account_id: UUID | None, made_by: str, run_id: str | None, place: Source) -> dict[str, Any]:
    return {
        "account": account_id,
        "course": place.course_id,
        "topic": place.topic_id,
        "document": place.document_id,
        "chunk": place.chunk_id,
        "question": place.question_id,
        "fingerprint": fingerprint(card.kind, card.front, card.back),
        "kind": card.kind,
        "front": card.front,
        "back": card.back,
        "origin": card.rule if card.rule in {"glossary", "question"} else "generated",
        "rule": card.rule,
        "made_by": made_by,
        "quote": _standing(card.quote, place.text),
        "sha256": place.sha256,
        "score": card.score,
        "run_id": run_id,
    }


def _standing(quote: str, text: str) -> str:
    """The words a card rests on as they stand in the passage: by them it is known again when the page changes."""
    if quote in text:
        return quote
    said = stems(quote)
    return max(text.split("\n"), key=lambda line: len(said & stems(line)))


def _made_of(sources: Iterable[Source]) -> str:
    facts = [
        (str(one.chunk_id), str(one.question_id), one.sha256, one.title, one.topic_id, one.text) for one in sources
    ]
    return sha256(dumps([RULES, facts]).encode()).hexdigest()
