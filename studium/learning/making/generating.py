"""Cards made when a learner asks for them: of a note, a file, some passages, or a part of a course.

By a model where there is one, whose cards are held against the passages (`modelled`); else, and for what it leaves, by
rule. They are proposals of the learner's own: nothing is learnt that was not accepted.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from uuid import UUID, uuid4

from psycopg import Connection

from studium.learning.making import accepting, modelled, proposing, reading
from studium.learning.making.candidate import GAP, Candidate
from studium.learning.making.candidates import candidates
from studium.learning.making.duplicates import Said, distinct, said_by
from studium.learning.making.material import Source
from studium.learning.sources import NoSuchPassageError
from studium.tutor import budgets
from studium.tutor.models import Models
from studium.tutor.turn import Turn
from studium.wire.proposals import CardsWanted, MadeCards

MOST_PASSAGES = 60
MOST_KNOWN = 3000
NO_MODEL = "No model could be asked just now, so that these were made by rule."
NOTHING = "There is nothing in it of which a card could be made that makes sense without the page."
KNOWN = """
select c.front, c.back, coalesce(c.quote, '') from app.cards as c
where c.account_id = %(account)s and c.deleted_at is null
    and (%(course)s::text is null or c.course_id = %(course)s)
order by c.created_at desc limit %(most)s
"""
Apart = Callable[[], AbstractContextManager[None]]


class SittingError(Exception):
    """A quiz of the course is being sat: nothing is made of its material meanwhile."""


def make(
    connection: Connection, account_id: UUID, wanted: CardsWanted, models: Models | None, apart: Apart
) -> MadeCards:
    """Make cards and keep them as proposals to whoever asked.

    Args:
        connection: bound to who asks.
        account_id: theirs.
        wanted: of what.
        models: the installation's.
        apart: while that is entered no transaction is open: making takes seconds.
    """
    sources = _sources(connection, wanted)
    for course in {source.course_id for source in sources}:
        if held := accepting.sitting(connection, course):
            raise SittingError(held)
    known = _known(connection, account_id, wanted.course_id)
    made_by, cards, notice = None, list[Candidate](), None
    if models and wanted.by != "rule":
        made_by, cards, notice = _by_model(connection, wanted, sources, models, apart)
    prints = proposing.own(connection, account_id, cards := distinct(cards, known)[: wanted.count], made_by or "")
    if len(prints) < wanted.count and (made_by is None or not cards):
        with apart():
            ruled = distinct(candidates(sources), [*known, *(said_by(one.shown, one.answer, "") for one in cards)])
        prints += proposing.own(connection, account_id, ruled[: wanted.count - len(prints)], proposing.BY_RULE)
        made_by = made_by if cards else proposing.BY_RULE
    proposals = accepting.undecided(connection, account_id, prints)
    return MadeCards(
        proposals=proposals, made_by=made_by if proposals else None, notice=notice or (None if proposals else NOTHING)
    )


def _sources(connection: Connection, wanted: CardsWanted) -> list[Source]:
    if wanted.text is not None:
        note = Source(
            text=wanted.text.replace("\r\n", "\n"), title=wanted.title or "", kind="note", course_id=wanted.course_id,
            topic_id=wanted.topic_id if wanted.course_id else None,
        )  # fmt: skip
        return [note]
    if wanted.document_id is not None:
        found = reading.document_sources(connection, [wanted.document_id])
    elif wanted.chunk_ids:
        found = reading.chunk_sources(connection, wanted.chunk_ids)
    else:
        found = reading.course_sources(connection, wanted.course_id or "")
        found = [one for one in found if wanted.topic_id in (None, one.topic_id)]
    if not found:
        raise NoSuchPassageError("There is nothing to read there for you.")
    return [one for one in found if not one.is_aside][:MOST_PASSAGES]


def _known(connection: Connection, account_id: UUID, course_id: str | None) -> list[Said]:
    facts = {"account": account_id, "course": course_id, "most": MOST_KNOWN}
    rows = connection.execute(KNOWN, facts).fetchall()
    return [said_by(GAP.sub("", front), f"{' '.join(GAP.findall(front))} {back}", quote) for front, back, quote in rows]


def _by_model(
    connection: Connection, wanted: CardsWanted, sources: Sequence[Source], models: Models, apart: Apart
) -> tuple[str | None, list[Candidate], str | None]:
    """Who made them, the cards, and what the learner is told of it."""
    passages = modelled.shown(sources, models)
    if not passages:
        return None, [], None
    turn = Turn(uuid4(), uuid4(), wanted.course_id or "", "")
    granted = budgets.reserve(connection, turn, models)
    if granted.models is None:
        return None, [], granted.notice
    try:
        with apart():
            told = modelled.written(granted.models, passages, wanted.count, turn.spending, [])
    finally:
        budgets.settle(connection, turn, granted)
    if told is None:
        return None, [], NO_MODEL
    return *told, granted.notice
