"""One's cards as the API shows them: both sides ready, how well each is remembered now, and where it comes from."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from studium.analytics import keyset
from studium.learning import balancing, reviewing, scheduling
from studium.learning.balancing import Load
from studium.learning.cards import NoSuchCardError
from studium.learning.faces import faces
from studium.learning.scheduling import Memory
from studium.learning.sources import sources_of
from studium.learning.study_settings import Terms, terms_of
from studium.wire.base import Page
from studium.wire.cards import CardState, Choice, Flashcard, PastReview, Show, Source, TagCount

COLUMNS = """
c.card_id, c.deck_id, d.name as deck, c.course_id, c.topic_id, c.note_id, c.kind, c.cloze_number, c.front, c.back,
c.markup, c.tags, c.origin, c.document_id, c.chunk_id, c.source_sha256, c.quote, c.scheduler, c.memory, c.due_at,
c.reps, c.lapses, c.last_reviewed_at, c.suspended_at is not null as is_suspended, c.buried_until,
c.created_at, c.updated_at
"""
FROM = "from app.cards as c inner join app.decks as d on c.deck_id = d.deck_id"
LIST = """
where c.account_id = %(account)s and c.deleted_at is null
    and (%(course)s::text is null or c.course_id = %(course)s)
    and (%(topic)s::text is null or c.topic_id = %(topic)s)
    and (%(deck)s::uuid is null or c.deck_id = %(deck)s)
    and (%(tag)s::text is null or %(tag)s = any(c.tags))
    and not exists (
        select from unnest(%(words)s::text[]) as w (word)
        where concat_ws(' ', c.front, c.back, array_to_string(c.tags, ' ')) not ilike '%%' || w.word || '%%'
    )
    and case %(show)s::text
        when 'new' then c.due_at is null
        when 'learning' then c.due_at - c.last_reviewed_at < interval '1 day'
        when 'review' then c.due_at - c.last_reviewed_at >= interval '1 day'
        when 'suspended' then c.suspended_at is not null
        when 'buried' then c.buried_until > %(today)s
        else true
    end
    and (%(at)s::timestamptz is null or (c.created_at, c.card_id) < (%(at)s, %(id)s::uuid))
order by c.created_at desc, c.card_id desc limit %(limit)s
"""
TAGS = """
select t.tag, count(*) as cards
from app.cards as c cross join unnest(c.tags) as t (tag)
where c.account_id = %(account)s and c.deleted_at is null and (%(course)s::text is null or c.course_id = %(course)s)
group by t.tag order by lower(t.tag), t.tag
"""
PAST = """
select r.review_id, r.rating, r.reviewed_at, r.duration_ms, r.elapsed_days, r.predicted_recall, r.scheduler_version,
    r.due_after, r.source, r.undone_at
from app.card_reviews as r
where r.account_id = %(account)s and r.card_id = %(card_id)s
    and (%(at)s::timestamptz is null or (r.reviewed_at, r.review_id) < (%(at)s, %(id)s::uuid))
order by r.reviewed_at desc, r.review_id desc limit %(limit)s
"""
STATES: dict[int, CardState] = {1: "learning", 2: "review", 3: "relearning"}
WILD = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
Row = dict[str, Any]


def read(connection: Connection, account_id: UUID, card_id: UUID, moment: datetime) -> Flashcard:
    """One card."""
    found = by_ids(connection, account_id, [card_id], moment)
    if not found:
        raise NoSuchCardError("You have no such card.")
    return found[0]


def by_ids(
    connection: Connection, account_id: UUID, card_ids: Sequence[UUID], moment: datetime, *, with_choices: bool = False
) -> list[Flashcard]:
    """Those of the cards that there are, in the order asked for."""
    where = "where c.account_id = %(account)s and c.deleted_at is null and c.card_id = any(%(ids)s)"
    rows = _rows(connection, where, {"account": account_id, "ids": list(card_ids)})
    place = {card_id: number for number, card_id in enumerate(card_ids)}
    rows.sort(key=lambda row: place[row["card_id"]])
    return _shown(connection, account_id, rows, moment, with_choices=with_choices)


def listed(  # noqa: PLR0913 - each is a filter
    connection: Connection,
    account_id: UUID,
    moment: datetime,
    *,
    course_id: str | None = None,
    topic_id: str | None = None,
    deck_id: UUID | None = None,
    tag: str | None = None,
    query: str | None = None,
    show: Show | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[Flashcard]:
    """One's cards, the newest first; `query`: words that all stand on the card or in its tags."""
    seen = keyset.unpack(after, datetime.fromisoformat, UUID) or (None, None)
    today = terms_of(connection, account_id, [course_id])[course_id].today(moment)
    facts = {
        "account": account_id, "course": course_id, "topic": topic_id, "deck": deck_id, "tag": tag, "show": show,
        "words": [word.translate(WILD) for word in (query or "").split()], "today": today,
        "at": seen[0], "id": seen[1], "limit": limit + 1,
    }  # fmt: skip
    rows = _rows(connection, LIST, facts)
    page = keyset.page(rows, limit, lambda row: (row["created_at"], row["card_id"]))
    return Page(items=_shown(connection, account_id, page.items, moment), next=page.next)


def tags(connection: Connection, account_id: UUID, course_id: str | None) -> list[TagCount]:
    """One's tags, and how many cards carry each."""
    with connection.cursor(row_factory=class_row(TagCount)) as cursor:
        return cursor.execute(TAGS, {"account": account_id, "course": course_id}).fetchall()


def reviews(connection: Connection, account_id: UUID, card_id: UUID, after: str | None, limit: int) -> Page[PastReview]:
    """A card's reviews, the latest first, those that were undone included."""
    seen = keyset.unpack(after, datetime.fromisoformat, UUID) or (None, None)
    facts = {"account": account_id, "card_id": card_id, "at": seen[0], "id": seen[1], "limit": limit + 1}
    with connection.cursor(row_factory=class_row(PastReview)) as cursor:
        rows = cursor.execute(PAST, facts).fetchall()
    return keyset.page(rows, limit, lambda one: (one.reviewed_at, one.review_id))


def state_of(memory: Memory | None) -> CardState:
    """How far a card is."""
    if memory is None:
        return "new"
    if scheduling.scheduler_of(memory) == "sm2":
        return "review" if scheduling.is_learnt(memory) else "learning"
    return STATES[int(memory["state"])]


def choices_of(memory: Memory | None, moment: datetime, held: Terms, load: Load) -> list[Choice]:
    """When each rating would bring a card back."""
    steps = {rating: scheduling.reviewed(memory, rating, moment, held.rules) for rating in scheduling.RATINGS}
    return [
        Choice(
            rating=rating, due_at=scheduling.due_of(balancing.spread(step, held.today(moment), load, held.easy_days))
        )
        for rating, step in steps.items()
    ]


def _rows(connection: Connection, where: LiteralString, facts: Row) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(f"select {COLUMNS} {FROM} {where}", facts).fetchall()


def _shown(
    connection: Connection, account_id: UUID, rows: Sequence[Row], moment: datetime, *, with_choices: bool = False
) -> list[Flashcard]:
    if not rows:
        return []
    held = terms_of(connection, account_id, {row["course_id"] for row in rows})
    load = reviewing.load_of(connection, account_id, next(iter(held.values())), moment) if with_choices else {}
    sources = sources_of(connection, rows)
    cards = []
    for row in rows:
        its = held[row["course_id"]]
        choices = []
        if with_choices:
            memory = reviewing.memory_by(connection, row["card_id"], row["memory"], row["reps"], its)
            choices = choices_of(memory, moment, its, load)
        cards.append(_card(row, its, moment, choices, sources.get(row["card_id"])))
    return cards


def _card(row: Row, held: Terms, moment: datetime, choices: list[Choice], source: Source | None) -> Flashcard:
    memory = row["memory"]
    question, answer = faces(row["kind"], row["cloze_number"], row["front"], row["back"], row["markup"])
    buried_until = row["buried_until"]
    return Flashcard(
        **{
            **row,
            "question_html": question,
            "answer_html": answer,
            "state": state_of(memory),
            "stability_days": memory.get("stability") if memory else None,
            "difficulty": memory.get("difficulty") if memory else None,
            "recall": scheduling.predicted_recall(memory, moment, held.rules.parameters),
            "buried_until": buried_until if buried_until and buried_until > held.today(moment) else None,
            "source": source,
            "choices": choices,
        }
    )
