"""What models may cost: one learner a day, a course a month, the whole site a month; days and months are UTC's.

From a soft bound on, the cheap model answers alone; where a hard one leaves too little, none does, and the course is
quoted. A turn reserves the most it may cost before it begins, and asks no model for more: many at once overspend none.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from psycopg import Connection

from studium.tutor.spending import NO_BUDGETS, Budgets
from studium.tutor.turn import PARAGRAPH, Answered, Piece, Turn, Words

if TYPE_CHECKING:
    from studium.tutor.models import Models

RESERVE = """
insert into app.chat_spending as s (turn_id, account_id, course_id, reserved, currency)
values (%s, app.current_account(), %s, %s, %s)
on conflict (turn_id) do update set reserved = s.reserved + excluded.reserved
"""
SETTLE = """
update app.chat_spending set reserved = reserved - %s, cost = cost + %s, tokens_in = tokens_in + %s,
    tokens_out = tokens_out + %s, settled_at = now()
where turn_id = %s
"""
SAVING = "{} is nearly used up: until the next begins, the simpler model answers."
USED_UP = "{} is used up: until the next begins, the course is quoted, and no model asked."


class Spent(NamedTuple):
    """What is spent or promised, by purse."""

    learner: Decimal
    course: Decimal
    site: Decimal


@dataclass(frozen=True, slots=True)
class Grant:
    """What a turn may use, and what it promised."""

    models: "Models | None"
    reserved: Decimal = Decimal(0)
    notice: str | None = None


def decide(budgets: Budgets, spent: Spent, models: "Models") -> Grant:
    """What a turn may use after this was spent. Pure."""
    saving, notice, has_simpler = models.saving(), None, models.strong is not models.cheap
    for name, told, limits in budgets.purses:
        used = getattr(spent, name)
        if limits.hard is not None and used + saving.most > limits.hard:
            return Grant(None, notice=USED_UP.format(told))
        is_low = limits.hard is not None and used + models.most > limits.hard
        if has_simpler and (is_low or (limits.soft is not None and used >= limits.soft)):
            notice = notice or SAVING.format(told)
    chosen = saving if notice else models
    return Grant(chosen, chosen.most, notice)


def spent(connection: Connection, course_id: str, currency: str) -> Spent:
    """Of the bound account, a course and the site; nobody else looks until the transaction ends."""
    [row] = connection.execute("select * from app.chat_spent(%s, %s)", [course_id, currency]).fetchall()
    return Spent(*row)


def reserve(connection: Connection, turn: Turn, models: "Models | None") -> Grant:
    """Promise what a turn may cost, in a short transaction of its own."""
    if models is None:
        return Grant(None)
    granted = decide(models.budgets, spent(connection, turn.course_id, models.currency), models)
    if granted.models:
        connection.execute(RESERVE, [turn.turn_id, turn.course_id, granted.reserved, models.currency])
        turn.spending.limit = None if models.budgets == NO_BUDGETS else granted.reserved
    return granted


def settle(connection: Connection, turn: Turn, granted: Grant) -> None:
    """Put what a turn has cost in the place of what it promised, also of one that was stopped or deleted."""
    if granted.models:
        cost = turn.spending
        connection.execute(SETTLE, [granted.reserved, cost.amount, cost.tokens_in, cost.tokens_out, turn.turn_id])


def noticed(pieces: Iterator[Piece], granted: Grant) -> Iterator[Piece]:
    """An answer that says what the budget did to it."""
    for piece in pieces:
        if isinstance(piece, Answered) and granted.notice:
            yield Words(f"{PARAGRAPH}{granted.notice}")
            answer = piece.answer.model_copy(update={"notices": [*piece.answer.notices, granted.notice]})
            route = "; ".join(filter(None, [piece.route, granted.notice]))
            yield replace(piece, answer=answer, route=route)
        else:
            yield piece
