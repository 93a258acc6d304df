"""Where somebody stands at a moment, as they are shown it: by the same rules that the next act will be counted by."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from studium.events import Kind
from studium.motivation import ledger, rules
from studium.motivation.badges import BADGES
from studium.motivation.days import day_of
from studium.motivation.levels import level_of
from studium.motivation.standing import Closing, Standing
from studium.motivation.streaks import FREEZE_EVERY, MOST_FREEZES, close
from studium.wire.motivation import BadgeMark, DayClosed, Earned, Goal, LevelReached, Motivation, Streak

DAYS_SHOWN = timedelta(days=28)
EARNED_SHOWN = 20
EARNED = """
select event_id, happened_at, object_type, course_id, xp, reason from app.xp_ledger
where account_id = %s order by happened_at desc limit %s
"""


def read(connection: Connection, account_id: UUID, moment: datetime) -> Motivation:
    """The bound account's standing, with its days closed as far as they are over."""
    zone, kept = _kept(connection, account_id, moment)
    today = day_of(moment, zone, kept.zone, kept.open_day)
    now, closed = close(kept, today)
    days = [*ledger.closings(connection, account_id), *closed]
    level = level_of(now.xp)
    return Motivation(
        timezone=zone,
        today=today,
        xp=now.xp,
        level=LevelReached(number=level.number, begins_at=level.begins_at, next_at=level.next_at),
        today_xp=now.today_xp,
        most_a_day=rules.DAY_XP,
        streak=Streak(
            days=now.running_streak,
            best=now.best,
            counts_today=now.today_counts,
            freezes=now.freezes,
            most_freezes=MOST_FREEZES,
            freeze_every=FREEZE_EVERY,
        ),
        goals=_goals(now, days, today),
        badges=_badges(connection, account_id, now),
        days=[_day(one) for one in reversed(days) if one.day > today - DAYS_SHOWN],
        earned=_earned(connection, account_id),
    )


def _kept(connection: Connection, account_id: UUID, moment: datetime) -> tuple[str, Standing]:
    row = connection.execute("select timezone from app.accounts where account_id = %s", [account_id]).fetchone()
    zone = str(row[0]) if row else "UTC"
    kept = ledger.read(connection, account_id)
    return zone, kept or Standing(zone=zone, open_day=day_of(moment, zone, zone, None))


def _goals(now: Standing, days: Sequence[Closing], today: date) -> list[Goal]:
    monday = today - timedelta(days=today.weekday())
    studied = sum(one.outcome == "counted" for one in days if one.day >= monday) + now.today_counts
    return [
        Goal(kind="daily_xp", target=now.daily_goal, done=max(now.today_xp, 0)),
        Goal(kind="weekly_days", target=now.weekly_goal, done=studied),
    ]


def _badges(connection: Connection, account_id: UUID, now: Standing) -> list[BadgeMark]:
    rows = connection.execute("select badge, awarded_at from app.badges_awarded where account_id = %s", [account_id])
    awarded: dict[str, datetime] = dict(rows.fetchall())
    return [
        BadgeMark(
            name=badge.name,
            title=badge.title,
            what=badge.what,
            least=badge.least,
            done=min(badge.reached(now), badge.least),
            awarded_at=awarded.get(badge.name),
        )
        for badge in BADGES
    ]


def _day(closing: Closing) -> DayClosed:
    return DayClosed.model_validate({name: getattr(closing, name) for name in DayClosed.model_fields})


def _earned(connection: Connection, account_id: UUID) -> list[Earned]:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(EARNED, [account_id, EARNED_SHOWN]).fetchall()
    return [Earned.model_validate({**row, "object_type": _word(row["object_type"])}) for row in rows]


def _word(kind: str) -> Literal["flashcard", "question"]:
    return "flashcard" if kind == Kind.FLASHCARD else "question"
