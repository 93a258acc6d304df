"""The plan to the exam of a course, its cards of today, and how one's own memory was fitted. Nobody else sees them."""

from fastapi import APIRouter

from serving.dependencies import Db, Member, Now, SignedIn
from studium.learning.memory import keeping as fits
from studium.learning.plan import keeping
from studium.wire.plan import Memory, PlanChange, PlanToday, StudyPlan

router = APIRouter(tags=["plan"])
PLAN = "/courses/{course_id}/plan"


@router.get(PLAN)
def read_plan(member: Member, who: SignedIn, connection: Db, moment: Now) -> StudyPlan:
    """Day by day to the exam, what will be known on it, and what other minutes would change; as last worked out."""
    return keeping.read(connection, who.account_id, member.course_id, moment)


@router.patch(PLAN, status_code=202)
def change_plan(member: Member, body: PlanChange, who: SignedIn, connection: Db, moment: Now) -> StudyPlan:
    """Choose the day of the exam and the minutes a day; the plan is then worked out anew."""
    return keeping.change(connection, who.account_id, member.course_id, body, moment)


@router.post(PLAN, status_code=202)
def refresh_plan(member: Member, who: SignedIn, connection: Db, moment: Now) -> StudyPlan:
    """Have it worked out anew."""
    keeping.ask(connection, who.account_id)
    return keeping.read(connection, who.account_id, member.course_id, moment)


@router.get(f"{PLAN}/today")
def read_plan_today(member: Member, who: SignedIn, connection: Db, moment: Now) -> PlanToday:
    """What the plan has done today: cards that are due, new ones, and before the exam those likely to be forgotten."""
    return keeping.today(connection, who.account_id, member.course_id, moment)


@router.get("/memory")
def read_memory(who: SignedIn, connection: Db) -> Memory:
    """By which parameters one's cards are scheduled, and how well they foretold what one remembered."""
    return fits.read(connection, who.account_id)
