"""The typed client's calls for practice: the next question, answers, and what they say of oneself."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import UUID, uuid4

from pydantic import TypeAdapter

from studium.clients.calling import Calls
from studium.wire.base import Page
from studium.wire.practice import AnswerGiven, Attempt, Calibration, Judged, Next, Standing, StudySession

if TYPE_CHECKING:
    from studium.client import Client

_STANDINGS = TypeAdapter(list[Standing])


class Practice(Calls):
    """Practice in a course, as `Client.practice(course_id)`."""

    def __init__(self, client: "Client", course_id: str) -> None:
        super().__init__(client)
        self._path = f"/courses/{quote(course_id, safe=':')}"

    def next(self, topic_id: str | None = None, *, without: Sequence[UUID] = ()) -> Next:
        """The question to answer now, of one topic or of all, none of those `without`."""
        unwanted = ",".join(map(str, without)) or None
        return self._get(Next, f"{self._path}/practice/next", topic_id=topic_id, without=unwanted)

    def answer(self, given: AnswerGiven, *, key: str | None = None) -> Judged:
        """Answer a question; sent again with the same key, it counts once."""
        headers = {"Idempotency-Key": key or str(uuid4())}
        body = given.model_dump(mode="json", exclude_none=True)
        said = self._client.send("POST", f"{self._path}/practice/attempts", json=body, headers=headers)
        return Judged.model_validate_json(said.content)

    def attempts(self, *, after: str | None = None, limit: int = 50) -> Page[Attempt]:
        """One's answers, the newest first."""
        return self._get(Page[Attempt], f"{self._path}/practice/attempts", after=after, limit=limit)

    def standing(self) -> list[Standing]:
        """How far one is in each topic."""
        return _STANDINGS.validate_json(self._client.send("GET", f"{self._path}/practice/standing").content)

    def calibration(self) -> Calibration:
        """How sure one was, beside how often one was right."""
        return self._get(Calibration, f"{self._path}/practice/calibration")

    def sessions(self, *, after: str | None = None, limit: int = 50) -> Page[StudySession]:
        """One's stretches of practice and review, the newest first."""
        return self._get(Page[StudySession], f"{self._path}/study-sessions", after=after, limit=limit)
