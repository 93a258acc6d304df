"""Leaderboards: of a course, by choice, under pseudonyms."""

from fastapi import APIRouter, HTTPException

from serving.dependencies import Db, Held, Member, SignedIn
from studium import events
from studium.analytics.leaderboard import read_leaderboard
from studium.events import Kind, Verb
from studium.motivation import membership
from studium.wire.analytics import Leaderboard, LeaderboardChoice, Period

router = APIRouter(prefix="/courses/{course_id}/leaderboard", tags=["numbers"])


@router.get("")
def leaderboard(standing: Member, connection: Db, held: Held, period: Period = "week") -> Leaderboard:
    """The first of those who chose to be compared, and one's neighbours: of the week, of the league, or of all time."""
    found = read_leaderboard(connection, held.keys, standing.course_id, period)
    if found is None:
        raise HTTPException(404)
    return found


@router.put("/me", responses={403: {}})
def choose_leaderboard(
    body: LeaderboardChoice, standing: Member, who: SignedIn, connection: Db, held: Held
) -> Leaderboard:
    """Join a course's leaderboard, or leave it."""
    mine = membership.read(connection, held.keys, standing.course_id)
    if mine is None:
        raise HTTPException(403, "Only learners of a course can be on its leaderboard.")
    if body.opted_in != mine.is_member:
        if body.opted_in:
            membership.join(connection, held.keys, standing.course_id, mine.learner_id)
        else:
            membership.leave(connection, standing.course_id, mine.learner_id)
        verb = Verb.JOINED if body.opted_in else Verb.LEFT
        course = standing.course_id
        events.record(connection, who.account_id, verb, Kind.COURSE, course, course_id=course)
        membership.stir(connection, course)
    return leaderboard(standing, connection, held)
