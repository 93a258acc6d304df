"""The courses one is in."""

from fastapi import APIRouter, HTTPException

from serving.dependencies import After, Db, Limit, Member
from studium.analytics import courses
from studium.wire.base import Page
from studium.wire.courses import Course

router = APIRouter(prefix="/courses", tags=["courses"])


@router.get("")
def list_courses(connection: Db, after: After = None, limit: Limit = 50) -> Page[Course]:
    """Courses one is in, by name; an admin is in all of them."""
    return courses.list_courses(connection, after, limit)


@router.get("/{course_id}")
def read_course(standing: Member, connection: Db) -> Course:
    """One course."""
    course = courses.read_course(connection, standing.course_id)
    if course is None:
        raise HTTPException(404)
    return course
