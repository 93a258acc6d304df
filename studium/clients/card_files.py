"""The typed client's calls for files of cards, and for one's calendar."""

from typing import IO
from uuid import UUID

from pydantic import TypeAdapter

from studium.clients.calling import Calls
from studium.wire.card_files import CalendarFeed, CardsImported, FileKind, NewCalendarFeed

FEEDS = TypeAdapter(list[CalendarFeed])


class CardFiles(Calls):
    """One's cards as files, and one's calendar, as `Client.card_files`."""

    def take_in(
        self, filename: str, data: bytes | IO[bytes], *, course_id: str | None = None, deck: str | None = None
    ) -> CardsImported:
        """Take in cards: an Anki package, or a table. `deck` is for tables that name none."""
        fields = {name: value for name, value in (("course_id", course_id), ("deck", deck)) if value}
        told = self._client.send("POST", "/card-files", files={"file": (filename, data)}, data=fields)
        return CardsImported.model_validate_json(told.content)

    def export(
        self,
        kind: FileKind,
        *,
        course_id: str | None = None,
        deck_id: UUID | None = None,
        with_scheduling: bool | None = None,
    ) -> bytes:
        """Cards as a file: all, those of a course, or those of a deck."""
        wanted = None if with_scheduling is None else str(with_scheduling).lower()
        params = {"kind": kind, "course_id": course_id, "deck_id": deck_id, "with_scheduling": wanted}
        return self._client.send("GET", "/card-files", params=params).content

    def medium(self, media_id: UUID) -> bytes:
        """A picture or sound of one's cards."""
        return self._client.send("GET", f"/card-media/{media_id}").content

    def feeds(self) -> list[CalendarFeed]:
        """One's calendar addresses."""
        return FEEDS.validate_json(self._client.send("GET", "/calendar/feeds").content)

    def begin_feed(self) -> NewCalendarFeed:
        """A new calendar address, told this once."""
        return self._send(NewCalendarFeed, "POST", "/calendar/feeds")

    def end_feed(self, feed_id: UUID) -> None:
        """End a calendar address."""
        self._client.send("DELETE", f"/calendar/feeds/{feed_id}")
