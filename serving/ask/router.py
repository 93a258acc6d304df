"""Searching and asking a course. What is found, and what is said, is studium's to decide."""

from typing import Annotated

from fastapi import APIRouter, Query

from serving.dependencies import Db, Held, MaybeCourseId, SignedIn, require_member
from studium import events
from studium.events import Kind, Verb
from studium.retrieval.quotes import as_quote
from studium.retrieval.search import search as find
from studium.tutor.found import asked
from studium.wire.answers import Answer, Question, SearchResults
from studium.wire.base import Words

router = APIRouter(tags=["ask"])
Wanted = Annotated[Words, Query(max_length=500, description="A question, or some words.")]
Most = Annotated[int, Query(ge=1, le=50)]


@router.get("/search", responses={404: {}})
def search(
    q: Wanted, who: SignedIn, connection: Db, held: Held, course_id: MaybeCourseId = None, limit: Most = 8
) -> SearchResults:
    """Passages nearest to some words, among what Moodle would show to the one who asks, and their own uploads."""
    require_member(connection, course_id)
    hits = [as_quote(passage) for passage in find(connection, held.embedder, q, course_id=course_id, limit=limit)]
    where = course_id or "all"
    result = {"found": len(hits)}
    events.record(connection, who.account_id, Verb.SEARCHED, Kind.COURSE, where, course_id=course_id, result=result)
    return SearchResults(query=q, course_id=course_id, hits=hits)


@router.post("/ask", responses={404: {}})
def ask(body: Question, who: SignedIn, connection: Db, held: Held) -> Answer:
    """What the course says about a question, quoted with module and page; or that it does not say.

    What a Moodle quiz asks of which one has an attempt open is not answered.
    """
    require_member(connection, body.course_id)
    said = asked(connection, held.embedder, body.question, body.course_id)
    course = body.course_id
    result = {"answered": said.answered, "quotes": len(said.quotes)}
    events.record(connection, who.account_id, Verb.ASKED, Kind.COURSE, course, course_id=course, result=result)
    return said
