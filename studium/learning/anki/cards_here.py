"""Cards as they are kept here, for packages: read, added with their state, and put to a state that a file knows.

Everyday cards are `learning.cards`' and `learning.reviewing`'s; here are those whose memory comes from elsewhere.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from studium.learning.anki.records import ReviewRow
from studium.learning.anki.states import LEARNING, RELEARNING, REVIEW, Known

CARDS = """
select c.card_id, d.name as deck, c.course_id, c.topic_id, c.note_id, c.kind, c.cloze_number, c.front, c.back, c.markup,
    c.tags, c.quote, c.scheduler, c.memory, c.due_at, c.reps, c.lapses, c.last_reviewed_at, c.suspended_at,
    c.buried_until, c.deleted_at, c.created_at, c.updated_at
from app.cards as c inner join app.decks as d on c.deck_id = d.deck_id
where c.account_id = %(account)s
"""
ADD = """
insert into app.cards (card_id, account_id, deck_id, course_id, note_id, kind, cloze_number, front, back, markup, tags,
                       origin, scheduler, memory, due_at, reps, lapses, last_reviewed_at, suspended_at, buried_until,
                       created_at, updated_at)
select r.card_id, app.current_account(), r.deck_id, r.course_id, r.note_id, r.kind, r.cloze_number, r.front, r.back,
    r.markup, r.tags, 'anki', r.scheduler, r.memory, r.due_at, r.reps, r.lapses, r.last_reviewed_at, r.suspended_at,
    r.buried_until, r.created_at, r.moment
from jsonb_to_recordset(%s) as r (
    card_id uuid, deck_id uuid, course_id text, note_id uuid, kind text, cloze_number integer, front text, back text,
    markup text, tags text[], scheduler text, memory jsonb, due_at timestamptz, reps integer, lapses integer,
    last_reviewed_at timestamptz, suspended_at timestamptz, buried_until date, created_at timestamptz,
    moment timestamptz
)
"""
CHANGE_TEXT = """
update app.cards set front = %(front)s, back = %(back)s, markup = %(markup)s, tags = %(tags)s, updated_at = %(moment)s
where card_id = %(card_id)s
"""
CHANGE_STATE = """
update app.cards
set scheduler = %(scheduler)s, memory = %(memory)s, due_at = %(due_at)s, reps = %(reps)s, lapses = %(lapses)s,
    last_reviewed_at = %(last_reviewed_at)s, updated_at = %(moment)s
where card_id = %(card_id)s
"""
RESTORE = "update app.cards set deleted_at = null, updated_at = %(moment)s where card_id = %(card_id)s"
REVIEWS = """
select card_id, rating, reviewed_at, duration_ms, memory_before, memory_after, due_before, due_after, scheduler
from app.card_reviews
where account_id = %(account)s and card_id = any(%(cards)s) and undone_at is null
order by reviewed_at, review_id
"""
KNOWN_REVIEWS = """
select r.card_id, r.reviewed_at, r.rating from app.card_reviews as r
where r.account_id = app.current_account() and r.card_id = any(%s)
"""
ADD_REVIEW = """
insert into app.card_reviews (account_id, card_id, course_id, idempotency_key, rating, reviewed_at, duration_ms,
                              elapsed_days, scheduler, scheduler_version, memory_after, due_after, source)
select app.current_account(), r.card_id, r.course_id, r.key, r.rating, r.reviewed_at, r.duration_ms, r.elapsed_days,
    r.scheduler, 'Anki', r.memory_after, r.due_after, 'import'
from jsonb_to_recordset(%s) as r (
    card_id uuid, course_id text, key text, rating smallint, reviewed_at timestamptz, duration_ms integer,
    elapsed_days double precision, scheduler text, memory_after jsonb, due_after timestamptz
)
on conflict (account_id, idempotency_key) do nothing
"""
AT_ONCE = 5000


@dataclass(frozen=True)
class CardHere:
    """A card of one's own, deleted ones as well."""

    card_id: UUID
    deck: str
    course_id: str | None
    topic_id: str | None
    note_id: UUID | None
    kind: str
    cloze_number: int | None
    front: str
    back: str
    markup: str
    tags: list[str]
    quote: str | None
    scheduler: str
    memory: dict[str, Any] | None
    due_at: datetime | None
    reps: int
    lapses: int
    last_reviewed_at: datetime | None
    suspended_at: datetime | None
    buried_until: date | None
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def known(self) -> Known:
        """What is remembered of it."""
        return Known(self.scheduler, self.memory, self.due_at, self.last_reviewed_at)


@dataclass(frozen=True)
class ReviewHere:
    """A review that counts."""

    card_id: UUID
    rating: int
    reviewed_at: datetime
    duration_ms: int | None
    memory_before: dict[str, Any] | None
    memory_after: dict[str, Any]
    due_before: datetime | None
    due_after: datetime
    scheduler: str

    @property
    def millis(self) -> int:
        """When, as Anki says it."""
        return millis_of(self.reviewed_at)


def read_cards(connection: Connection, account_id: UUID, condition: str = "", **values: object) -> list[CardHere]:
    """One's cards; `condition` is one of ours, with its values beside it."""
    with connection.cursor(row_factory=class_row(CardHere)) as cursor:
        return cursor.execute(f"{CARDS} {condition}", {"account": account_id, **values}).fetchall()


def known_reviews(connection: Connection, cards: Sequence[UUID]) -> dict[UUID, list[tuple[int, int]]]:
    """When, in milliseconds, and how each of the cards was rated; what was undone does not come back by a file."""
    found: dict[UUID, list[tuple[int, int]]] = {}
    for card_id, reviewed_at, rating in connection.execute(KNOWN_REVIEWS, [list(cards)]):
        found.setdefault(card_id, []).append((millis_of(reviewed_at), rating))
    return found


def read_reviews(connection: Connection, account_id: UUID, cards: Sequence[UUID]) -> dict[UUID, list[ReviewHere]]:
    """The reviews of cards, the oldest first."""
    found: dict[UUID, list[ReviewHere]] = {}
    with connection.cursor(row_factory=class_row(ReviewHere)) as cursor:
        for one in cursor.execute(REVIEWS, {"account": account_id, "cards": list(cards)}):
            found.setdefault(one.card_id, []).append(one)
    return found


def write_many(connection: Connection, statement: str, rows: Sequence[dict[str, Any]]) -> int:
    """Add rows, many with one statement; returns how many were not there."""
    added = 0
    for start in range(0, len(rows), AT_ONCE):
        added += connection.execute(statement, [Jsonb(rows[start : start + AT_ONCE], dumps=_dumps)]).rowcount
    return added


def _dumps(rows: object) -> str:
    return json.dumps(rows, default=str)


def write(connection: Connection, statement: str, rows: Sequence[dict[str, Any]]) -> None:
    """Run one of the statements that change a card for each row."""
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def state_values(known: Known) -> dict[str, Any]:
    """A state, for those statements."""
    return {
        "scheduler": known.scheduler,
        "memory": known.memory,
        "due_at": known.due_at,
        "last_reviewed_at": known.last_reviewed_at,
    }


def millis_of(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000 + 0.0001)


def as_row(review: ReviewHere, card_id: int) -> ReviewRow:
    """A review as a line of Anki's log: one that came from there as it came."""
    told = review.memory_after.get("anki")
    time = review.duration_ms or 0
    if told:
        interval, last, factor, kind = (int(told[name]) for name in ("interval", "last_interval", "factor", "type"))
        return ReviewRow(review.millis, card_id, review.rating, interval, last, factor, time, kind)
    before = review.memory_before or {}
    interval = _interval(review.reviewed_at, review.due_after)
    asked = before.get("last_review")
    last = _interval(datetime.fromisoformat(asked), review.due_before) if asked else 0
    factor = _factor(review.memory_after)
    return ReviewRow(review.millis, card_id, review.rating, interval, last, factor, time, _kind(review.memory_before))


def _interval(asked: datetime, due: datetime | None) -> int:
    """Days; seconds, where it is less than one, with a minus before them."""
    if due is None:
        return 0
    seconds = int((due - asked).total_seconds())
    days = round(seconds / 86_400)
    return days if days >= 1 else -max(seconds, 0)


def _factor(memory: dict[str, Any]) -> int:
    if "ease" in memory:
        return round(float(memory["ease"]) * 1000)
    return round((float(memory["difficulty"]) - 1) / 9 * 1000) + 100


def _kind(before: dict[str, Any] | None) -> int:
    """0 learning, 1 review, 2 learning anew."""
    state = (before or {}).get("state", REVIEW if before else LEARNING)
    return {LEARNING: 0, REVIEW: 1, RELEARNING: 2}[state]
