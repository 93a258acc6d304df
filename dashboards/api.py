"""What the pages know: the API's answers for the person who looks, each kept for a short while.

A loader here is one call of `studium.client` and nothing more. Answers are cached in the person's own browser session,
never across people; what changes while one looks (uploads, imports) is not cached.
"""

from collections.abc import Callable
from functools import partial
from typing import IO, Any
from uuid import UUID

import streamlit as st

from studium.client import (
    SESSION_COOKIE,
    Chats,
    Client,
    Cohort,
    CohortLearner,
    Course,
    Document,
    Import,
    Leaderboard,
    Material,
    Me,
    MoodleLink,
    Page,
    Progress,
    SyncStatus,
    TextChunk,
    Upload,
    every,
)
from studium.clients.cards import Cards
from studium.clients.mastery import Learning
from studium.clients.plan import Plans
from studium.clients.practice import Practice
from studium.clients.proposals import CardProposals
from studium.clients.question_bank import QuestionBank
from studium.clients.questions import Questions
from studium.motivation.standing import GoalKind
from studium.settings import get_settings
from studium.wire.analytics import ExportName, Period
from studium.wire.card_files import CalendarFeed, CardsImported, FileKind
from studium.wire.cards import Flashcard, Topic
from studium.wire.feedback import Feedback, FeedbackGiven
from studium.wire.motivation import Motivation
from studium.wire.questions import Correction, GoldenQuestion, QuestionsAsked, ReportedAnswer
from studium.wire.tutoring import Preferences, Spending
from studium.wire.work import ImportKind

FRESH = "5m"
A_LARGE_FILE = 300.0


def address() -> str:
    """Where this process reaches the API."""
    settings = get_settings()
    return settings.api_url or f"http://127.0.0.1:{settings.port}"


def open_client(timeout: float = 30.0) -> Client:
    """A client that acts as the person whose browser opened this page."""
    return Client(address(), session=st.context.cookies.get(SESSION_COOKIE), timeout=timeout)


@st.cache_resource(scope="session", show_spinner=False, on_release=lambda client: client.close())
def client() -> Client:
    """The session's one client, so that its connections are kept."""
    return open_client()


@st.cache_data(scope="session", ttl="1m", show_spinner=False)
def me() -> Me:
    """Who looks, and their courses."""
    return client().me()


@st.cache_data(scope="session", ttl=FRESH, show_spinner=False)
def course(course_id: str) -> Course:
    """One course."""
    return client().course(course_id)


@st.cache_data(scope="session", ttl=FRESH, show_spinner=False)
def materials(course_id: str) -> list[Material]:
    """What the person may read in a course."""
    return list(every(client().materials, course_id))


@st.cache_data(scope="session", ttl=FRESH, show_spinner=False)
def progress(course_id: str, learner_id: str | None = None) -> Progress:
    """A learner's way through a course; one's own when nobody is named."""
    return client().progress(course_id, learner_id=learner_id)


@st.cache_data(scope="session", ttl=FRESH, show_spinner=False)
def cohort(course_id: str) -> Cohort:
    """A course at a glance."""
    return client().cohort(course_id)


@st.cache_data(scope="session", ttl=FRESH, show_spinner=False)
def learners(course_id: str) -> list[CohortLearner]:
    """Everybody who learns in a course."""
    return list(every(client().cohort_learners, course_id))


def leaderboard(course_id: str, period: Period) -> Leaderboard:
    """The leaderboard as this person may see it, at this moment."""
    return client().leaderboard(course_id, period)


def choose_leaderboard(course_id: str, opted_in: bool) -> None:
    """Join or leave the leaderboard."""
    client().join_leaderboard(course_id, opted_in)


def motivation() -> Motivation:
    """What one has earned, at this moment."""
    return client().motivation.read()


def set_goal(kind: GoalKind, target: int | None) -> None:
    """Set out to do so much, or nothing."""
    client().motivation.set_goal(kind, target)


def set_timezone(name: str) -> None:
    """Have one's days counted in another zone."""
    client().motivation.set_timezone(name)
    me.clear()


@st.cache_data(scope="session", ttl="1m", show_spinner=False)
def spending(course_id: str) -> Spending:
    """What chat has cost in a course, and may."""
    return client().spending(course_id)


def preferences(course_id: str) -> Preferences:
    """How one wants a course explained."""
    return client().preferences(course_id)


def prefer(course_id: str, wanted: Preferences) -> None:
    """Have a course explained so from now on."""
    client().prefer(course_id, wanted)


def chats() -> Chats:
    """One's conversations with the tutor, as they stand now."""
    return client().chats


@st.cache_data(scope="session", ttl="1m", show_spinner=False)
def ratings() -> dict[UUID, Feedback]:
    """What one has said of answers, by turn."""
    return {one.turn_id: one for one in every(client().feedback.list, limit=200)}


def rate(turn_id: UUID, given: FeedbackGiven) -> None:
    """Say whether an answer was good."""
    client().feedback.give(turn_id, given)
    ratings.clear()


def unrate(turn_id: UUID) -> None:
    """Have said nothing of an answer."""
    client().feedback.take_back(turn_id)
    ratings.clear()


def plans(course_id: str) -> Plans:
    """The way to the exam of a course, as it stands now."""
    return client().plans(course_id)


def learning(course_id: str) -> Learning:
    """What one knows of a course and what to do next, as it stands now."""
    return client().learning(course_id)


def practice(course_id: str) -> Practice:
    """Practice in a course, as it stands now."""
    return client().practice(course_id)


def cards() -> Cards:
    """One's own cards, as they stand now."""
    return client().cards


def card_proposals() -> CardProposals:
    """Cards one could learn, as they stand now."""
    return client().card_proposals


def find_cards(count: int, **wanted: Any) -> Page[Flashcard]:
    """The first `count` of one's cards that are looked for, the newest first, as they stand now."""
    items: list[Flashcard] = []
    page = Page[Flashcard](items=[])
    while len(items) < count:
        page = cards().list(**wanted, after=page.next, limit=min(count - len(items), 200))
        items += page.items
        if page.next is None:
            break
    return Page[Flashcard](items=items, next=page.next)


@st.cache_resource(scope="session", show_spinner=False, on_release=lambda client: client.close())
def patient_client() -> Client:
    """A client that waits for large files."""
    return open_client(A_LARGE_FILE)


def take_in_cards(filename: str, data: IO[bytes], course_id: str | None, deck: str) -> CardsImported:
    """Take in a file of cards."""
    return patient_client().card_files.take_in(filename, data, course_id=course_id, deck=deck or None)


def card_exporter(kind: FileKind, *, course_id: str | None, deck_id: UUID | None) -> Callable[[], bytes]:
    """Loads cards as a file when it is called; from any thread, as the session's client is taken now."""
    return partial(patient_client().card_files.export, kind, course_id=course_id, deck_id=deck_id)


def calendar_feeds() -> list[CalendarFeed]:
    """One's calendar addresses, as they stand now."""
    return client().card_files.feeds()


@st.cache_data(scope="session", ttl=FRESH, show_spinner=False)
def topics(course_id: str) -> list[Topic]:
    """A course's sections, in its order."""
    return list(client().cards.topics(course_id))


def question_bank(course_id: str) -> QuestionBank:
    """The questions a course is practised with, at this moment."""
    return client().question_bank(course_id)


def questions(course_id: str) -> Questions:
    """What is asked in a course one teaches, as it stands now."""
    return client().questions(course_id)


def questions_asked(course_id: str) -> QuestionsAsked:
    """What is asked, as it was last put together."""
    return questions(course_id).read()


def reported(course_id: str) -> list[ReportedAnswer]:
    """Answers that wait for a teacher, those that wait longest first."""
    return list(every(questions(course_id).reports, status="open"))


def corrections(course_id: str) -> list[Correction]:
    """What the course's teachers wrote, the newest first."""
    return list(every(questions(course_id).corrections))


def golden(course_id: str) -> list[GoldenQuestion]:
    """Questions the tutor is measured by."""
    return list(every(questions(course_id).golden))


@st.cache_data(scope="session", ttl=FRESH, show_spinner=False)
def document(document_id: UUID) -> Document:
    """One document."""
    return client().document(document_id)


@st.cache_data(scope="session", ttl=FRESH, max_entries=20, show_spinner=False)
def document_text(document_id: UUID) -> list[TextChunk]:
    """All of a document's text, in order."""
    return list(every(client().document_text, document_id, limit=100))


def uploads() -> list[Upload]:
    """One's own files, newest first, as they stand now."""
    return list(every(client().uploads))


def upload(filename: str, data: IO[bytes], course_id: str | None) -> Upload:
    """Hand in one file."""
    return client().upload(filename, data, course_id=course_id)


def delete_upload(document_id: UUID) -> None:
    """Remove one file and everything made of it."""
    client().delete_upload(document_id)


def start_import(
    kind: ImportKind, filename: str, data: IO[bytes], course_id: str | None, timezone: str | None
) -> Import:
    """Hand in a backup, a log or a handout."""
    return client().start_import(kind, filename, data, course_id=course_id, timezone=timezone)


def imports() -> list[Import]:
    """The latest imports, newest first, as they stand now."""
    return client().imports(limit=20).items


def sync_status() -> SyncStatus:
    """Whether a Moodle is connected and how one's courses stand with it, now."""
    return client().sync_status()


def sync(course_id: str) -> bool:
    """Sync a course now; returns whether that was under way already."""
    return all(one.joined for one in client().sync([course_id]).items)


def follow(course_id: str, enabled: bool) -> None:
    """Let a course follow its Moodle, or not."""
    client().change_course(course_id, sync_enabled=enabled)


def moodle_link() -> MoodleLink:
    """Which Moodle the person may link, and how their link with it stands, now."""
    return client().moodle_link()


def link_moodle(*, username: str | None = None, password: str | None = None, token: str | None = None) -> None:
    """Prove who one is on the university's Moodle; more courses may be one's own from then on."""
    client().link_moodle(username=username, password=password, token=token)
    forget()


def unlink_moodle() -> None:
    """Have the token forgotten."""
    client().unlink_moodle()


def exporter(course_id: str, name: ExportName) -> Callable[[], bytes]:
    """Loads a table as CSV when it is called; from any thread, as the session's client is taken now."""
    return partial(client().export, course_id, name)


def forget() -> None:
    """Drop what is kept for this session, after the data behind it changed."""
    for loader in (me, course, materials, progress, cohort, learners, ratings):
        loader.clear()
