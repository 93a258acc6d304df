"""One's calendar for other programs: under a secret address that can be ended. It says how much is due, and exams."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from serving.dependencies import Db, Held, Now, SignedIn, Transaction, limit_address
from studium.database.pool import assume
from studium.learning import calendar_feeds
from studium.wire.card_files import CalendarFeed, NewCalendarFeed

router = APIRouter(prefix="/calendar", tags=["flashcards"])
ICS = {"content": {"text/calendar": {"schema": {"type": "string"}}}, "description": "The calendar."}
Key = Annotated[str, Query(min_length=1, max_length=200, description="The secret.")]
# asked by programs of others: never kept on the way, never named as where somebody came from
HEADERS = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}


@router.get("/feeds")
def list_calendar_feeds(who: SignedIn, connection: Db) -> list[CalendarFeed]:
    """One's calendar addresses; what stands in them was told once."""
    return calendar_feeds.listed(connection, who.account_id)


@router.post("/feeds", status_code=201, responses={409: {}})
def create_calendar_feed(request: Request, who: SignedIn, connection: Db, held: Held, moment: Now) -> NewCalendarFeed:
    """A new address, told this once. Whoever has it can read how much is due and when exams are, until it is ended."""
    feed, secret = calendar_feeds.begin(connection, who.account_id, moment)
    path = request.app.url_path_for("read_calendar")
    return NewCalendarFeed(**feed.model_dump(), url=f"{held.settings.url.rstrip('/')}{path}?key={secret}")


@router.delete("/feeds/{feed_id}", status_code=204, responses={404: {}})
def delete_calendar_feed(feed_id: UUID, who: SignedIn, connection: Db) -> None:
    """End an address."""
    calendar_feeds.end(connection, who.account_id, feed_id)


@router.get("/feed.ics", dependencies=[Depends(limit_address)], response_class=Response, responses={200: ICS, 404: {}})
def read_calendar(key: Key, connection: Transaction, held: Held, moment: Now) -> Response:
    """A calendar by its secret address, as iCalendar."""
    account_id = calendar_feeds.owner(connection, key)
    held.limiter.spend("read_calendar", str(account_id))
    assume(connection, account_id)
    data = calendar_feeds.read(connection, account_id, key, moment)
    return Response(data, media_type="text/calendar; charset=utf-8", headers=HEADERS)
