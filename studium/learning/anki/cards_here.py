"""Cards as they are kept here, for packages: read, added with their state, and put to a state that a file knows.

Everyday cards are `learning.cards`' and `learning.reviewing`'s; here are those whose memory comes from elsewhere.
"""

from collections.abc import Iterable, Sequence
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
values (%(card_id)s, %(account)s, %(deck_id)s, %(course_id)s, %(note_id)s, %(kind)s, %(cloze_number)s, %(front)s,
        %(back)s, %(markup)s, %(tags)s, 'anki', %(scheduler)s, %(memory)s, %(due_at)s, %(reps)s, %(lapses)s,
        %(last_reviewed_at)s, %(suspended_at)s, %(buried_until)s, %(created_at)s, %(moment)s)
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
ADD_REVIEW = """
insert into app.card_reviews (account_id, card_id, course_id, idempotency_key, rating, reviewed_at, duration_ms,
                              elapsed_days, scheduler, scheduler_version, memory_after, due_after, source)
values (%(account)s, %(card_id)s, %(course_id)s, %(key)s, %(rating)s, %(reviewed_at)s, %(duration_ms)s,
        %(elapsed_days)s, %(scheduler)s, 'Anki', %(memory_after)s, %(due_after)s, 'import')
on conflict (account_id, idempotency_key) do nothing
"""


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


def read_reviews(connection: Connection, account_id: UUID, cards: Sequence[UUID]) -> dict[UUID, list[ReviewHere]]:
    """The reviews of cards, the oldest first."""
    found: dict[UUID, list[ReviewHere]] = {}
    with connection.cursor(row_factory=class_row(ReviewHere)) as cursor:
        for one in cursor.execute(REVIEWS, {"account": account_id, "cards": list(cards)}):
            found.setdefault(one.card_id, []).append(one)
    return found


def write(connection: Connection, statement: str, rows: Iterable[dict[str, Any]]) -> int:
    """Run one of the statements above for each row; returns how many rows it met."""
    with connection.cursor() as cursor:
        cursor.executemany(statement, list(rows))
        return max(cursor.rowcount, 0)


def state_values(known: Known) -> dict[str, Any]:
    """A state, for those statements."""
    memory = Jsonb(known.memory) if known.memory is not None else None
    return {
        "scheduler": known.scheduler,
        "memory": memory,
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
