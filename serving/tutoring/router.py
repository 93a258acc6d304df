"""What chat costs in a course, and how one wants it explained there."""

from decimal import Decimal

from fastapi import APIRouter

from serving.dependencies import Db, Held, Member
from studium.analytics.spending import days
from studium.tutor import budgets, preferences
from studium.tutor.spending import Limits, budgets_of
from studium.wire.tutoring import Preferences, Purse, Spending

router = APIRouter(prefix="/courses/{course_id}", tags=["chat"])


@router.get("/spending")
def read_spending(standing: Member, held: Held, connection: Db) -> Spending:
    """What models have cost oneself today; to those who teach the course, what they cost it this month."""
    teaches = standing.role != "student"
    currency, limits = held.settings.chat_currency, budgets_of(held.settings)
    listed = days(connection, standing.course_id, teaches=teaches)
    spent = budgets.spent(connection, standing.course_id, currency)
    return Spending(
        currency=currency,
        has_model=held.models is not None,
        today=_purse(spent.learner, limits.learner),
        month=_purse(spent.course, limits.course) if teaches else None,
        days=listed,
    )


@router.get("/tutor-preferences")
def read_preferences(standing: Member, connection: Db) -> Preferences:
    """One's own wishes for this course."""
    return preferences.read(connection, standing.course_id)


@router.put("/tutor-preferences")
def keep_preferences(standing: Member, wanted: Preferences, connection: Db) -> Preferences:
    """Have this course explained so from the next question on."""
    return preferences.keep(connection, standing.course_id, wanted)


def _purse(spent: Decimal, limits: Limits) -> Purse:
    return Purse(
        spent=float(spent),
        soft=None if limits.soft is None else float(limits.soft),
        hard=None if limits.hard is None else float(limits.hard),
    )
