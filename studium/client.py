"""The typed client of Studium's API: what the pages use, and anybody's program can.

It carries messages (`studium.wire`) and turns problems into exceptions. It decides nothing and caches nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any, TypeVar
from urllib.parse import quote
from uuid import UUID

from studium.api_errors import (
    ApiError,
    Forbidden,
    NotFound,
    NotSignedIn,
    Rejected,
    TooManyRequests,
    Unavailable,
)
from studium.clients.calling import SESSION_COOKIE, Caller
from studium.clients.card_files import CardFiles
from studium.clients.cards import Cards
from studium.clients.chats import Chats
from studium.clients.mastery import Learning
from studium.clients.motivation import Motivations
from studium.clients.plan import Plans
from studium.clients.practice import Practice
from studium.clients.proposals import CardProposals
from studium.clients.question_bank import QuestionBank
from studium.clients.questions import Feedbacks, Questions
from studium.wire.accounts import AcceptInvitation, Credentials, Me, MyCourse, PasswordChange, RefreshRequest, Tokens
from studium.wire.analytics import (
    Cohort,
    CohortLearner,
    ExportName,
    Leaderboard,
    LeaderboardChoice,
    Period,
    Progress,
)
from studium.wire.answers import Answer, Question, SearchResults
from studium.wire.base import Page, Problem
from studium.wire.chat import ChatSession, ChatTurn
from studium.wire.courses import Course, Document, Material, TextChunk
from studium.wire.links import MoodleLink
from studium.wire.live import LiveEvent, SyncChoice, SyncRequest, SyncsStarted, SyncStatus
from studium.wire.tutoring import Preferences, Spending
from studium.wire.work import Import, ImportKind, Upload

__all__ = [
    "SESSION_COOKIE",
    "Answer",
    "ApiError",
    "ChatSession",
    "ChatTurn",
    "Chats",
    "Client",
    "Cohort",
    "CohortLearner",
    "Course",
    "Document",
    "Forbidden",
    "Import",
    "Leaderboard",
    "LiveEvent",
    "Material",
    "Me",
    "MoodleLink",
    "MyCourse",
    "NotFound",
    "NotSignedIn",
    "Page",
    "Problem",
    "Progress",
    "Rejected",
    "SearchResults",
    "SyncStatus",
    "SyncsStarted",
    "TextChunk",
    "TooManyRequests",
    "Unavailable",
    "Upload",
    "every",
]

Item = TypeVar("Item")


class Client(Caller):
    """One caller's view of the API. Give a browser's session, an access token, or nothing and then `sign_in`."""

    @property
    def chats(self) -> Chats:
        """One's conversations with the tutor."""
        return Chats(self)

    @property
    def cards(self) -> Cards:
        """One's own cards."""
        return Cards(self)

    @property
    def card_files(self) -> CardFiles:
        """One's cards as files, and one's calendar."""
        return CardFiles(self)

    @property
    def motivation(self) -> Motivations:
        """What one has earned, and one's goals."""
        return Motivations(self)

    @property
    def feedback(self) -> Feedbacks:
        """What one says of answers."""
        return Feedbacks(self)

    def questions(self, course_id: str) -> Questions:
        """What is asked in a course one teaches, and what is made of it."""
        return Questions(self, course_id)

    def question_bank(self, course_id: str) -> QuestionBank:
        """Questions to practise, for those who teach a course; and having some made."""
        return QuestionBank(self, course_id)

    def learning(self, course_id: str) -> Learning:
        """What one knows of a course, and what to do next."""
        return Learning(self, course_id)

    @property
    def card_proposals(self) -> CardProposals:
        """Cards one could learn."""
        return CardProposals(self)

    def plans(self, course_id: str) -> Plans:
        """The way to the exam of a course."""
        return Plans(self, course_id)

    def practice(self, course_id: str) -> Practice:
        """Questions to practise in a course."""
        return Practice(self, course_id)

    def spending(self, course_id: str) -> Spending:
        """What chat has cost in a course, and may."""
        return self._get(Spending, f"/courses/{_path(course_id)}/spending")

    def preferences(self, course_id: str) -> Preferences:
        """How one wants a course explained."""
        return self._get(Preferences, f"/courses/{_path(course_id)}/tutor-preferences")

    def prefer(self, course_id: str, wanted: Preferences) -> Preferences:
        """Have a course explained so from now on."""
        told = self.send("PUT", f"/courses/{_path(course_id)}/tutor-preferences", json=wanted.model_dump())
        return Preferences.model_validate_json(told.content)

    # Accounts

    def sign_in(self, email: str, password: str) -> Tokens:
        """Prove who one is, and act as that account from here on."""
        return self._keep(self._post(Tokens, "/auth/login", Credentials(email=email, password=password)))

    def refresh(self, refresh_token: str) -> Tokens:
        """Exchange a refresh token for new tokens, and use them from here on."""
        return self._keep(self._post(Tokens, "/auth/refresh", RefreshRequest(refresh_token=refresh_token)))

    def accept_invitation(self, token: str, password: str, display_name: str | None = None) -> Tokens:
        """Become, or link, the account an invitation is for, and act as it from here on."""
        body = AcceptInvitation(token=token, password=password, display_name=display_name)
        return self._keep(self._post(Tokens, "/auth/invitations/accept", body))

    def sign_out(self) -> None:
        """End the session or every token of this sign-in."""
        self.send("POST", "/auth/logout")
        self._headers = {}

    def change_password(self, current_password: str, new_password: str) -> None:
        """Give the account a new password; it stays signed in here and nowhere else."""
        body = PasswordChange(current_password=current_password, new_password=new_password)
        self.send("POST", "/auth/password", json=body.model_dump())

    def me(self) -> Me:
        """The account that asks, with its courses."""
        return self._get(Me, "/auth/me")

    def moodle_link(self) -> MoodleLink:
        """Which Moodle one may link, and how one's link with it stands."""
        return self._get(MoodleLink, "/me/moodle")

    def link_moodle(
        self, *, username: str | None = None, password: str | None = None, token: str | None = None
    ) -> MoodleLink:
        """Prove who one is on the university's Moodle: by user name and password, or by a token."""
        body = _present({"username": username, "password": password, "token": token})
        return MoodleLink.model_validate_json(self.send("PUT", "/me/moodle", json=body).content)

    def unlink_moodle(self) -> None:
        """Have the token forgotten."""
        self.send("DELETE", "/me/moodle")

    def _keep(self, tokens: Tokens) -> Tokens:
        self._headers = {"Authorization": f"Bearer {tokens.access_token}"}
        return tokens

    # Courses and documents

    def courses(self, *, after: str | None = None, limit: int = 50) -> Page[Course]:
        """Courses one may see."""
        return self._get(Page[Course], "/courses", after=after, limit=limit)

    def course(self, course_id: str) -> Course:
        """One course."""
        return self._get(Course, f"/courses/{_path(course_id)}")

    def materials(self, course_id: str, *, after: str | None = None, limit: int = 100) -> Page[Material]:
        """Modules of a course one may see, in its order, with the documents to open."""
        return self._get(Page[Material], f"/courses/{_path(course_id)}/materials", after=after, limit=limit)

    def document(self, document_id: UUID) -> Document:
        """One document."""
        return self._get(Document, f"/documents/{document_id}")

    def document_text(self, document_id: UUID, *, after: str | None = None, limit: int = 50) -> Page[TextChunk]:
        """A document's text, in order."""
        return self._get(Page[TextChunk], f"/documents/{document_id}/text", after=after, limit=limit)

    def document_content(self, document_id: UUID) -> bytes:
        """A document's file as it was handed in."""
        return self.send("GET", f"/documents/{document_id}/content").content

    # Following a Moodle

    def sync_status(self) -> SyncStatus:
        """Whether a Moodle is connected, and how one's courses stand with it."""
        return self._get(SyncStatus, "/courses/sync")

    def sync(self, course_ids: list[str] | None = None) -> SyncsStarted:
        """Sync courses one teaches now; those of them that are being synced already are joined."""
        return self._post(SyncsStarted, "/courses/sync", SyncRequest(course_ids=course_ids))

    def change_course(self, course_id: str, *, sync_enabled: bool) -> Course:
        """Let a course one teaches follow its Moodle, or not."""
        body = SyncChoice(sync_enabled=sync_enabled).model_dump()
        return Course.model_validate_json(self.send("PATCH", f"/courses/{_path(course_id)}", json=body).content)

    # Asking

    def search(self, query: str, *, course_id: str | None = None, limit: int = 8) -> SearchResults:
        """Passages nearest to `query` among what one may see."""
        return self._get(SearchResults, "/search", q=query, course_id=course_id, limit=limit)

    def ask(self, course_id: str, question: str) -> Answer:
        """What a course says about a question, quoted; or that it does not say."""
        return self._post(Answer, "/ask", Question(course_id=course_id, question=question))

    # Files handed in

    def upload(
        self,
        filename: str,
        data: bytes | IO[bytes],
        *,
        title: str | None = None,
        course_id: str | None = None,
        subject: str | None = None,
        tags: list[str] | None = None,
    ) -> Upload:
        """Hand in a file of one's own; it is answerable once its status is `ready`."""
        fields = {"title": title, "course_id": course_id, "subject": subject, "tags": tags or None}
        response = self.send("POST", "/uploads", files={"file": (filename, data)}, data=_present(fields))
        return Upload.model_validate_json(response.content)

    def uploads(self, *, after: str | None = None, limit: int = 50) -> Page[Upload]:
        """One's own uploads, newest first."""
        return self._get(Page[Upload], "/uploads", after=after, limit=limit)

    def upload_status(self, document_id: UUID) -> Upload:
        """How far an upload got."""
        return self._get(Upload, f"/uploads/{document_id}")

    def delete_upload(self, document_id: UUID) -> None:
        """Remove an upload and everything made of it."""
        self.send("DELETE", f"/uploads/{document_id}")

    def start_import(
        self,
        kind: ImportKind,
        filename: str,
        data: bytes | IO[bytes],
        *,
        course_id: str | None = None,
        timezone: str | None = None,
    ) -> Import:
        """Hand in a course backup, a log file, or a file for everybody in a course."""
        fields = {"kind": kind, "course_id": course_id, "timezone": timezone}
        response = self.send("POST", "/imports", files={"file": (filename, data)}, data=_present(fields))
        return Import.model_validate_json(response.content)

    def imports(self, *, after: str | None = None, limit: int = 50) -> Page[Import]:
        """Imports one may see, newest first."""
        return self._get(Page[Import], "/imports", after=after, limit=limit)

    def import_status(self, import_id: UUID) -> Import:
        """How an import goes."""
        return self._get(Import, f"/imports/{import_id}")

    # Numbers

    def progress(self, course_id: str, *, learner_id: str | None = None) -> Progress:
        """One's own way through a course; an instructor may name a learner of it."""
        return self._get(Progress, f"/courses/{_path(course_id)}/progress", learner_id=learner_id)

    def cohort(self, course_id: str) -> Cohort:
        """A course at a glance, for its instructors."""
        return self._get(Cohort, f"/courses/{_path(course_id)}/cohort")

    def cohort_learners(self, course_id: str, *, after: str | None = None, limit: int = 100) -> Page[CohortLearner]:
        """The people of a cohort by name, for its instructors."""
        return self._get(Page[CohortLearner], f"/courses/{_path(course_id)}/cohort/learners", after=after, limit=limit)

    def leaderboard(self, course_id: str, period: Period = "week") -> Leaderboard:
        """Who chose to be compared, by points."""
        return self._get(Leaderboard, f"/courses/{_path(course_id)}/leaderboard", period=period)

    def join_leaderboard(self, course_id: str, opted_in: bool) -> Leaderboard:
        """Choose to be on a course's leaderboard, or not to be."""
        body = LeaderboardChoice(opted_in=opted_in).model_dump()
        response = self.send("PUT", f"/courses/{_path(course_id)}/leaderboard/me", json=body)
        return Leaderboard.model_validate_json(response.content)

    def export(self, course_id: str, name: ExportName) -> bytes:
        """A table of a course as CSV (UTF-8), for its instructors."""
        return self.send("GET", f"/courses/{_path(course_id)}/exports/{name}.csv").content


def every(fetch: Callable[..., Page[Item]], *arguments: Any, **named: Any) -> Iterator[Item]:
    """Everything a paged call has, page after page: `every(client.materials, course_id)`."""
    after = None
    while True:
        page = fetch(*arguments, after=after, **named)
        yield from page.items
        if (after := page.next) is None:
            return


def _path(text: str) -> str:
    return quote(text, safe=":")


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
