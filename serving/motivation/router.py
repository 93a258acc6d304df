"""Points, levels, streaks, badges and goals: one's own alone."""

from fastapi import APIRouter

from serving.dependencies import Db, Now, SignedIn
from studium.events import Kind, Verb
from studium.motivation import overview
from studium.motivation.acts import record_act
from studium.wire.motivation import GoalChoice, Motivation, ZoneChoice

router = APIRouter(prefix="/motivation", tags=["motivation"])


@router.get("")
def motivation(who: SignedIn, connection: Db, moment: Now) -> Motivation:
    """Where one stands: points, level, streak, goals, badges, the days that are over, and what each act earned."""
    return overview.read(connection, who.account_id, moment)


@router.put("/goals")
def set_goal(body: GoalChoice, who: SignedIn, connection: Db, moment: Now) -> Motivation:
    """Set a goal for the day or the week, or have none. Goals are worth no points."""
    act = Verb.UPDATED, Kind.OBJECTIVE, body.kind
    record_act(connection, who.account_id, *act, course_id=None, result={"target": body.target}, moment=moment)
    return overview.read(connection, who.account_id, moment)


@router.put("/timezone")
def set_timezone(body: ZoneChoice, who: SignedIn, connection: Db, moment: Now) -> Motivation:
    """Say where one is. A day that ended in the zone before is over; going west does not open it again."""
    connection.execute("update app.accounts set timezone = %s where account_id = %s", [body.timezone, who.account_id])
    act = Verb.UPDATED, Kind.ACCOUNT, str(who.account_id)
    record_act(connection, who.account_id, *act, course_id=None, result={"timezone": body.timezone}, moment=moment)
    return overview.read(connection, who.account_id, moment)
