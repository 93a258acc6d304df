"""A review of a card, and its undoing: one step however often it is sent, in the caller's transaction.

The card's row is locked first, so that reviews of one card come one after another, each on what the one before made.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from studium.days import day_start
from studium.events import Kind, Verb
from studium.learning import balancing, scheduling, sessions
from studium.learning.cards import NoSuchCardError
from studium.learning.limits import is_due
from studium.learning.scheduling import Memory
from studium.learning.study_settings import Terms, terms
from studium.motivation.acts import record_act

LOCK = """
select c.card_id, c.course_id, c.topic_id, c.memory, c.due_at, c.reps, c.last_reviewed_at
from app.cards as c
where c.card_id = %s and c.account_id = %s and c.deleted_at is null
for update
"""
FACTS = """
select a.timezone, p.parameters, s.scheduler, s.desired_retention, s.easy_days,
    array(
        select r.reviewed_at from app.card_reviews as r
        where r.card_id = %(card_id)s and r.source = 'review' and r.reviewed_at > %(since)s
    ) as lately
from app.accounts as a
left join app.memory_parameters as p on a.account_id = p.account_id
left join app.study_settings as s on a.account_id = s.account_id and s.course_id = %(course)s
where a.account_id = %(account)s
"""
HISTORY = """
select r.rating, r.reviewed_at from app.card_reviews as r
where r.card_id = %s and r.undone_at is null order by r.reviewed_at, r.review_id
"""
LOAD = """
select (c.due_at at time zone %(zone)s)::date, count(*)
from app.cards as c
where c.account_id = %(account)s and c.due_at >= %(first)s
    and (%(last)s::timestamptz is null or c.due_at < %(last)s)
    and c.deleted_at is null and c.suspended_at is null
group by 1
"""
KEEP = """
with kept as (
    insert into app.card_reviews (account_id, card_id, course_id, topic_id, idempotency_key, rating, reviewed_at,
                                  duration_ms, elapsed_days, predicted_recall, scheduler, scheduler_version,
                                  memory_before, memory_after, due_before, due_after)
    values (%(account)s, %(card_id)s, %(course_id)s, %(topic_id)s, %(key)s, %(rating)s, %(reviewed_at)s,
            %(duration_ms)s, %(elapsed_days)s, %(predicted_recall)s, %(scheduler)s, %(version)s, %(before)s, %(after)s,
            %(due_before)s, %(due_at)s)
    on conflict (account_id, idempotency_key) do nothing
    returning review_id
)

update app.cards as c
set memory = %(after)s, due_at = %(due_at)s, scheduler = %(scheduler)s, reps = c.reps + 1,
    lapses = c.lapses + %(lapsed)s, last_reviewed_at = %(reviewed_at)s, buried_until = null
from kept where c.card_id = %(card_id)s
returning kept.review_id
"""
KEPT = """
select r.review_id, r.card_id, r.rating, r.reviewed_at, r.elapsed_days, r.predicted_recall, r.memory_before,
    r.memory_after, r.due_after as due_at, r.undone_at
from app.card_reviews as r
"""
UNDO = """
with undone as (
    update app.card_reviews set undone_at = %(moment)s
    where review_id = %(review_id)s and account_id = %(account)s and undone_at is null
    returning *
)

update app.cards as c
set memory = u.memory_before, due_at = u.due_before, reps = c.reps - 1, lapses = c.lapses - %(lapsed)s,
    scheduler = case when u.memory_before is null then c.scheduler
        when u.memory_before ? 'ease' then 'sm2' else 'fsrs' end,
    last_reviewed_at = (u.memory_before ->> 'last_review')::timestamptz
from undone as u where c.card_id = u.card_id
"""
LATER = """
select exists (
    select from app.card_reviews as r
    where r.card_id = %s and r.undone_at is null and (r.reviewed_at, r.review_id) > (%s, %s)
)
"""
TICK = timedelta(microseconds=1)
LONGEST_DAY = timedelta(hours=48)
"""No day anywhere lasts as long."""


class ReviewConflictError(Exception):
    """A review that contradicts one that is kept."""


class NoSuchReviewError(LookupError):
    """The account has no such review."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a rating makes of a card."""

    card_id: UUID
    rating: int
    reviewed_at: datetime
    elapsed_days: float | None
    predicted_recall: float | None
    memory_before: Memory | None
    memory_after: Memory
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed(Step):
    """A step as it is kept."""

    review_id: UUID
    undone_at: datetime | None = None
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Card:
    """A locked card, and what holds for it."""

    card_id: UUID
    course_id: str | None
    topic_id: str | None
    memory: Memory | None
    due_at: datetime | None
    reps: int
    last_reviewed_at: datetime | None


def review_card(
    connection: Connection,
    account_id: UUID,
    card_id: UUID,
    rating: int,
    *,
    idempotency_key: str,
    duration_ms: int | None,
    moment: datetime,
) -> Reviewed:
    """Rate a card: its next state, the review for ever, and the act. The same key again changes nothing.

    Raises:
        NoSuchCardError: the account has no such card.
        ReviewConflictError: the key was used for another card or rating.
    """
    card = _lock(connection, account_id, card_id)
    # strictly after the review before, whatever two processes' clocks say
    now = max(moment, card.last_reviewed_at + TICK) if card.last_reviewed_at else moment
    held, lately = _facts(connection, account_id, card, now)
    before = memory_by(connection, card_id, card.memory, card.reps, held)
    after = scheduling.reviewed(before, rating, now, held.rules)
    days = balancing.choices(after)
    if len(days) > 1:
        load = load_of(connection, account_id, held, now, days)
        after = balancing.spread(after, held.today(now), load, held.easy_days)
    step = Step(
        card_id=card_id,
        rating=rating,
        reviewed_at=now,
        elapsed_days=(now - card.last_reviewed_at) / scheduling.WHOLE_DAY if card.last_reviewed_at else None,
        predicted_recall=scheduling.predicted_recall(before, now, held.rules.parameters),
        memory_before=card.memory,
        memory_after=after,
        due_at=scheduling.due_of(after),
    )
    review_id = _keep(connection, account_id, card, step, idempotency_key, duration_ms)
    if review_id is None:
        return _repeated(connection, account_id, card_id, rating, idempotency_key)
    done = Reviewed(review_id=review_id, **{one.name: getattr(step, one.name) for one in fields(step)})
    _tell(connection, account_id, card, done, held, duration_ms, lately)
    return done


def undo(connection: Connection, account_id: UUID, review_id: UUID, moment: datetime) -> Reviewed:
    """Take a card's last review back, as if it had not been; the review stays on record as undone.

    Raises:
        NoSuchReviewError: the account has no such review, or it came from a file.
        ReviewConflictError: the card was reviewed again since.
    """
    mine = "r.account_id = %s and r.review_id = %s and r.source = 'review'"
    found = _kept(connection, mine, [account_id, review_id])
    if found is None:
        raise NoSuchReviewError("You have no such review.")
    card = _lock(connection, account_id, found.card_id)
    found = _kept(connection, mine, [account_id, review_id])
    assert found is not None  # noqa: S101 - reviews are never removed
    if found.undone_at is not None:
        return replace(found, is_repeated=True)
    [(is_old,)] = connection.execute(LATER, [found.card_id, found.reviewed_at, review_id]).fetchall()
    if is_old:
        raise ReviewConflictError("The card was reviewed again since. Undo that first.")
    facts = {"account": account_id, "review_id": review_id, "moment": moment, "lapsed": _lapsed(found)}
    connection.execute(UNDO, facts)
    if card.course_id:
        sessions.take_back(connection, account_id, card.course_id, found.reviewed_at)
    record_act(
        connection, account_id, Verb.VOIDED, Kind.FLASHCARD, str(card.card_id),
        course_id=card.course_id, result={}, context={"review_id": str(review_id)}, moment=moment,
    )  # fmt: skip
    return replace(found, undone_at=moment)


def load_of(
    connection: Connection, account_id: UUID, held: Terms, now: datetime, days: range | None = None
) -> dict[date, int]:
    """How many of the account's cards are due on each day to come, or on those that many days ahead."""
    today = held.today(now)
    first, last = (today + timedelta(days=one) for one in (days.start, days.stop)) if days else (today, None)
    facts = {
        "account": account_id,
        "zone": held.zone.key,
        "first": day_start(first, held.zone),
        "last": day_start(last, held.zone) if last else None,
    }
    return dict(connection.execute(LOAD, facts).fetchall())


def memory_by(connection: Connection, card_id: UUID, memory: Memory | None, reps: int, held: Terms) -> Memory | None:
    """A card's memory by the scheduler in use; where that was another before, the card's reviews are replayed."""
    if memory is None or scheduling.scheduler_of(memory) == held.rules.scheduler:
        return memory
    history = connection.execute(HISTORY, [card_id]).fetchall()
    if len(history) < reps:  # it came from elsewhere without all of its reviews
        return scheduling.translated(memory, held.rules)
    return scheduling.replayed(history, held.rules)


def _lock(connection: Connection, account_id: UUID, card_id: UUID) -> _Card:
    with connection.cursor(row_factory=class_row(_Card)) as cursor:
        found = cursor.execute(LOCK, [card_id, account_id]).fetchone()
    if found is None:
        raise NoSuchCardError("You have no such card.")
    return found


def _facts(connection: Connection, account_id: UUID, card: _Card, now: datetime) -> tuple[Terms, list[datetime]]:
    """What holds for the card, and when it was reviewed lately, undone reviews included."""
    facts = {"account": account_id, "card_id": card.card_id, "course": card.course_id or ""}
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(FACTS, {**facts, "since": now - LONGEST_DAY}).fetchone() or {}
    return terms(row), row.get("lately", [])


def _keep(
    connection: Connection, account_id: UUID, card: _Card, step: Step, key: str, duration_ms: int | None
) -> UUID | None:
    """Write the review and the card's new state; `None` when the key is taken."""
    scheduler = scheduling.scheduler_of(step.memory_after)
    facts: dict[str, Any] = {
        **asdict(step),
        "account": account_id,
        "course_id": card.course_id,
        "topic_id": card.topic_id,
        "key": key,
        "duration_ms": duration_ms,
        "scheduler": scheduler,
        "version": scheduling.VERSIONS[scheduler],
        "before": Jsonb(card.memory) if card.memory else None,
        "after": Jsonb(step.memory_after),
        "due_before": card.due_at,
        "lapsed": _lapsed(step),
    }
    row = connection.execute(KEEP, facts).fetchone()
    return row[0] if row else None


def _tell(
    connection: Connection,
    account_id: UUID,
    card: _Card,
    done: Reviewed,
    held: Terms,
    duration_ms: int | None,
    lately: list[datetime],
) -> None:
    """Record the act."""
    today = held.today(done.reviewed_at)
    was_due = card.due_at is not None and is_due(card.due_at, card.last_reviewed_at, done.reviewed_at, held.zone)
    result = {
        "rating": done.rating,
        "duration_ms": duration_ms,
        "was_due": was_due,
        "was_new": card.memory is None,
        "elapsed_days": done.elapsed_days,
        "repeated_today": sum(held.today(moment) == today for moment in lately),
    }
    if card.course_id:
        sessions.touch(connection, account_id, card.course_id, done.reviewed_at, cards=1)
    record_act(
        connection, account_id, Verb.ANSWERED, Kind.FLASHCARD, str(card.card_id),
        course_id=card.course_id, result=result, context={"review_id": str(done.review_id)}, moment=done.reviewed_at,
    )  # fmt: skip


def _repeated(connection: Connection, account_id: UUID, card_id: UUID, rating: int, key: str) -> Reviewed:
    found = _kept(connection, "r.account_id = %s and r.idempotency_key = %s", [account_id, key])
    if found is None or (found.card_id, found.rating) != (card_id, rating):
        raise ReviewConflictError("This Idempotency-Key was used for another review.")
    return replace(found, is_repeated=True)


def _kept(connection: Connection, where: LiteralString, values: Sequence[object]) -> Reviewed | None:
    with connection.cursor(row_factory=class_row(Reviewed)) as cursor:
        return cursor.execute(f"{KEPT} where {where}", values).fetchone()


def _lapsed(done: Step) -> int:
    """1 when something learnt was forgotten."""
    return int(done.rating == scheduling.AGAIN and scheduling.is_learnt(done.memory_before))
