"""A learner's cards of a course, as a plan sees them: what is remembered of each, in days from today."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import numpy as np
from psycopg import Connection
from psycopg.rows import dict_row

from studium.days import day_start, local_day
from studium.learning import scheduling
from studium.learning.memory import keeping
from studium.learning.memory.fsrs6 import Floats, Parameters
from studium.learning.memory.log import Log, Replay, replay
from studium.learning.plan import habits, recall
from studium.learning.plan.choosing import Cards
from studium.learning.plan.habits import Habits
from studium.learning.plan.recall import Correction, Past
from studium.learning.study_settings import Terms

# In the order in which new cards are asked.
CARDS = """
select c.card_id, c.memory, c.due_at, c.last_reviewed_at
from app.cards as c
where c.account_id = %s and c.course_id = %s and c.deleted_at is null and c.suspended_at is null
order by c.created_at, c.card_id
"""
TODAY = """
select count(*) filter (where r.memory_before is null) as begun, coalesce(sum(least(r.duration_ms, 60000)), 0) / 60000.0
from app.card_reviews as r
where r.account_id = %s and r.course_id = %s and r.undone_at is null and r.source = 'review' and r.reviewed_at >= %s
"""


@dataclass(frozen=True)
class Deck:
    """All a plan is made of."""

    ids: list[UUID]
    cards: Cards
    parameters: Parameters
    habits: Habits
    correction: Correction
    begun_today: int
    minutes_today: float
    """Spent already."""


def read(connection: Connection, account_id: UUID, course_id: str, terms: Terms, moment: datetime) -> Deck:
    """A learner's cards of a course, and what all their reviews tell of how they remember and answer."""
    parameters = keeping.in_use(connection, account_id)
    log, seconds, known_ids = keeping.read_log(connection, account_id)
    known = replay(log, parameters)
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(CARDS, [account_id, course_id]).fetchall()
    today = terms.today(moment)
    morning = day_start(today, terms.zone)
    [(begun, minutes)] = connection.execute(TODAY, [account_id, course_id, morning]).fetchall()
    table = _Table(len(rows))
    for column, row in enumerate(rows):
        table.put(column, row, terms, today)
    table.replayed(log, known, known_ids, rows)
    return Deck(
        [row["card_id"] for row in rows],
        table.cards(),
        parameters,
        habits.learn(log, seconds),
        recall.learn(log, known),
        begun,
        float(minutes),
    )


class _Table:
    """The arrays, as they are filled."""

    def __init__(self, count: int) -> None:
        self.stability, self.difficulty = np.ones(count), np.full(count, 5.0)
        self.last, self.due = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        self.seen = np.zeros(count, dtype=bool)
        self.past: tuple[Floats, ...] = tuple(np.zeros((3, count)))

    def put(self, column: int, row: dict[str, Any], terms: Terms, today: date) -> None:
        """A card as it is kept: also one that was brought from elsewhere without its reviews."""
        if row["memory"] is None:
            return
        memory = row["memory"]
        if scheduling.scheduler_of(memory) == "sm2":
            memory = scheduling.translated(memory, scheduling.Rules("fsrs", terms.rules.parameters))
        last = row["last_reviewed_at"] or scheduling.last_review_of(memory)
        self.seen[column] = True
        self.stability[column], self.difficulty[column] = memory["stability"], memory["difficulty"]
        self.last[column] = (local_day(last.astimezone(UTC), terms.zone) - today).days
        self.due[column] = (local_day(row["due_at"], terms.zone) - today).days

    def replayed(self, log: Log, known: Replay, ids: list[UUID], rows: list[dict[str, Any]]) -> None:
        """Of cards with reviews, what these come to by the parameters in use now."""
        columns = {row["card_id"]: column for column, row in enumerate(rows)}
        past = recall.past_of(log, known, after=True)
        for end in log.lasts:
            column = columns.get(ids[log.cards[end]])
            if column is None or not self.seen[column]:
                continue
            self.stability[column], self.difficulty[column] = known.stability[end], known.difficulty[end]
            for mine, theirs in zip(self.past, (past.better, past.weight, past.tested), strict=True):
                mine[column] = theirs[end]

    def cards(self) -> Cards:
        """One life's row of each."""
        better, weight, tested = (part[None, :].copy() for part in self.past)
        return Cards(
            self.stability[None, :],
            self.difficulty[None, :],
            self.last[None, :],
            self.due[None, :],
            self.seen[None, :],
            Past(better, weight, tested),
        )
