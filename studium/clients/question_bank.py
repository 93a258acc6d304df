"""The typed client's calls for a course's question bank, and for having questions made."""

from typing import IO, TYPE_CHECKING
from urllib.parse import quote
from uuid import UUID

from studium.clients.calling import Calls
from studium.wire.base import Page
from studium.wire.question_bank import (
    BankChange,
    BankQuestion,
    Difficulty,
    Format,
    ImportedQuestions,
    MadeQuestions,
    Making,
    NewBankQuestion,
    Origin,
    QuestionFile,
    Standing,
)

if TYPE_CHECKING:
    from studium.client import Client


class QuestionBank(Calls):
    """A course's questions to practise, as `Client.question_bank(course_id)`."""

    def __init__(self, client: "Client", course_id: str) -> None:
        super().__init__(client)
        self._course_id = course_id
        self._course = f"/courses/{quote(course_id, safe=':')}"
        self._path = f"{self._course}/question-bank"

    def list(
        self, *, topic_id: str | None = None, origin: Origin | None = None, show: Standing | None = None,
        q: str | None = None, after: str | None = None, limit: int = 50,
    ) -> Page[BankQuestion]:  # fmt: skip
        """Questions with their answers, the newest first."""
        params = {"topic_id": topic_id, "origin": origin, "show": show, "q": q, "after": after, "limit": limit}
        return self._get(Page[BankQuestion], self._path, **params)

    def read(self, question_id: UUID) -> BankQuestion:
        """One question."""
        return self._get(BankQuestion, f"{self._path}/{question_id}")

    def add(self, new: NewBankQuestion) -> BankQuestion:
        """Add one by hand."""
        return self._send(BankQuestion, "POST", self._path, new)

    def change(self, question_id: UUID, wanted: BankChange) -> BankQuestion:
        """Put one elsewhere, retire it, or let it be used."""
        json = wanted.model_dump(mode="json", exclude_unset=True)
        told = self._client.send("PATCH", f"{self._path}/{question_id}", json=json)
        return BankQuestion.model_validate_json(told.content)

    def take_in(
        self, filename: str, data: bytes | IO[bytes], *, topic_id: str | None = None, is_trial: bool = False
    ) -> ImportedQuestions:
        """Take in a file of GIFT or Moodle XML; `is_trial`: only say what would become of it."""
        fields = {"course_id": self._course_id, "is_trial": str(is_trial).lower()}
        fields |= {"topic_id": topic_id} if topic_id else {}
        told = self._client.send("POST", "/question-files", files={"file": (filename, data)}, data=fields)
        return ImportedQuestions.model_validate_json(told.content)

    def give_out(self, form: Format, *, topic_id: str | None = None) -> QuestionFile:
        """The questions in use as a file."""
        return self._get(QuestionFile, "/question-files", course_id=self._course_id, format=form, topic_id=topic_id)

    def make(self, *, topic_id: str | None = None, difficulty: Difficulty = "medium", count: int = 5) -> MadeQuestions:
        """Have questions made for the course; they wait until a teacher lets them be used."""
        body = Making(topic_id=topic_id, difficulty=difficulty, count=count)
        return self._send(MadeQuestions, "POST", f"{self._path}/generated", body)

    def make_own(
        self, *, topic_id: str | None = None, difficulty: Difficulty = "medium", count: int = 5
    ) -> MadeQuestions:
        """Have questions made for oneself, to practise."""
        body = Making(topic_id=topic_id, difficulty=difficulty, count=count)
        return self._send(MadeQuestions, "POST", f"{self._course}/practice/generated", body)
