"""What is in a course, as Moodle would show it to the one who asks."""

from fastapi import APIRouter

from serving.dependencies import After, Db, Limit, Member
from studium.content import catalogue
from studium.wire.base import Page
from studium.wire.courses import Material

router = APIRouter(prefix="/courses/{course_id}/materials", tags=["courses"])


@router.get("")
def list_materials(standing: Member, connection: Db, after: After = None, limit: Limit = 100) -> Page[Material]:
    """Modules in the course's order, with the documents to open; files of the whole course come last."""
    return catalogue.list_materials(connection, standing.course_id, after, limit)
