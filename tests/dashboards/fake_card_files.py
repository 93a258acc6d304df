"""Files of cards and calendar addresses, kept in memory."""

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import FastAPI, Form, UploadFile
from fastapi.responses import JSONResponse, Response

from studium.wire.base import Problem
from studium.wire.card_files import CalendarFeed, CardsImported, NewCalendarFeed
from tests.dashboards.examples import AS_OF


@dataclass
class FakeCardFiles:
    """What was handed in."""

    taken: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    feeds: list[CalendarFeed] = field(default_factory=list)
    problem: Problem | None = None


def add_card_files(app: FastAPI, known: FakeCardFiles) -> None:
    """The endpoints."""

    @app.post("/api/v1/card-files", response_model=None)
    def take_in(
        file: UploadFile, course_id: Annotated[str | None, Form()] = None, deck: Annotated[str | None, Form()] = None
    ) -> CardsImported | Response:
        if known.problem:
            return JSONResponse(known.problem.model_dump(), known.problem.status)
        known.taken.append((file.filename or "", course_id, deck))
        return CardsImported(
            kind="anki", cards_added=3, cards_changed=1, cards_known=2, reviews_added=4, media_added=1, decks=["Heart"],
            left_out=["2 cards with nothing to ask."],
        )  # fmt: skip

    @app.get("/api/v1/calendar/feeds")
    def feeds() -> list[CalendarFeed]:
        return known.feeds

    @app.post("/api/v1/calendar/feeds", status_code=201)
    def begin() -> NewCalendarFeed:
        known.feeds.append(CalendarFeed(feed_id=uuid4(), created_at=AS_OF, last_read_at=None))
        return NewCalendarFeed(**known.feeds[-1].model_dump(), url="https://x.test/feed.ics?key=secret")

    @app.delete("/api/v1/calendar/feeds/{feed_id}", status_code=204)
    def end(feed_id: UUID) -> None:
        known.feeds = [one for one in known.feeds if one.feed_id != feed_id]
