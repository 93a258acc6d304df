"""From a question to its answer, piece by piece. It knows neither HTTP nor who waits for it.

Nothing is held while pieces are taken: each look at the database is a short transaction of the asker's own.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from psycopg import Connection

from studium.tutor.citing import Versions, cite, versions_of
from studium.tutor.composing import Composed, Composer, Given, Refused, within
from studium.tutor.extractive import Findings, compose, find
from studium.tutor.models import BrokenOffError, Models, NoModelError
from studium.tutor.spending import Spending
from studium.tutor.standalone import before, standalone
from studium.wire.answers import Answer
from studium.wire.chat import UNSUPPORTED, AnswerPart, ChatAnswer

if TYPE_CHECKING:
    from studium.content.embed import Embedder

Connect = Callable[[], AbstractContextManager[Connection]]
"""Opens a transaction bound to who asks."""
COMPOSED = (
    "A model composed this from the course. Its sentences are followed by the places that say so; what no place was "
    "found for is marked."
)
NO_MODEL = "No model could be asked just now, so that the course is quoted."
BROKEN_OFF = "The model's answer broke off. The course itself is quoted after it, word for word."
BROKEN_OFF_ALONE = "The model's answer broke off."
PARAGRAPH = "\n\n"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Means:
    """What answers are made with."""

    embedder: "Embedder"
    models: Models | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A question in its conversation."""

    session_id: UUID
    turn_id: UUID
    course_id: str
    content: str
    spending: Spending = field(default_factory=Spending)
    """Grows while it is answered; what it came to stands however that ends."""


@dataclass(frozen=True, slots=True)
class Words:
    """The next words of an answer; none: it is still being worked on."""

    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The end: the answer whose text the words before it are, and what was found for it."""

    answer: ChatAnswer
    retrieved: list[dict[str, Any]]
    standalone: str | None = None
    route: str | None = None
    prompt_version: str | None = None


Piece = Words | Answered


@dataclass(frozen=True, slots=True)
class Found:
    """What the course has on a question, and the answer that quoting it gives."""

    findings: Findings
    said: Answer
    versions: Versions

    def quoted(self) -> ChatAnswer:
        """The extractive answer."""
        citations = [cite(number, quote, self.versions) for number, quote in enumerate(self.said.quotes, start=1)]
        return ChatAnswer(
            statement=self.said.statement,
            shape="passages" if self.said.answered else "refusal",
            parts=[
                AnswerPart(text=one.quote.strip(), citations=[one.number], supported=True, made_by="course")
                for one in citations
            ],
            citations=citations,
            read_next=self.said.read_next,
            model=None,
        )

    def refusal(self) -> ChatAnswer:
        """That the course does not say, with the places nearest to it."""
        said = compose(self.said.question, self.said.course_id, replace(self.findings, sentences=[], scores=[]))
        return replace(self, said=said).quoted()


def respond(turn: Turn, connect: Connect, means: Means) -> Generator[Piece]:
    """Answer a turn: words as they come, then, last and once, the answer they make."""
    if means.models is None:
        found = _find(turn, connect, means.embedder, turn.content)
        answer = yield from _told(found.quoted())
        yield Answered(answer, _retrieved(found.said))
    else:
        yield from _by_model(turn, connect, means.embedder, means.models)


def _by_model(turn: Turn, connect: Connect, embedder: "Embedder", models: Models) -> Iterator[Piece]:
    notes: list[str] = []
    with connect() as connection:
        said = before(connection, turn.turn_id)
    question = yield from _waiting(standalone(models, turn.content, said, turn.spending, notes))
    found = _find(turn, connect, embedder, question)
    given = Given(question, within(found.findings.passages, models.context_tokens), found.versions)
    if not given.passages:
        answer = yield from _told(found.quoted())
        yield Answered(answer, [], question)
        return
    route = models.route(question, max(found.findings.scores, default=0.0))
    notes.insert(0, route.why)
    composer = Composer(models, embedder, given, turn.spending)
    answer = yield from _composed(models.first(route.models, composer.written, notes), found)
    answer = answer.model_copy(update={"cost_is_estimated": turn.spending.is_estimated})
    yield Answered(answer, _given(given), question, "; ".join(notes), models.answer_prompt)


def _composed(coming: Iterator[Composed | Refused | None], found: Found) -> Generator[Piece, None, ChatAnswer]:
    """Tell a model's sentences; where it fails, the course's."""
    answer = ChatAnswer(
        statement=COMPOSED, shape="explanation", parts=[], citations=[], read_next=found.said.read_next, model=None
    )
    model = None
    try:
        for one in coming:
            if isinstance(one, Refused):
                return (yield from _told(found.refusal()))
            if one is None:
                yield Words("")
                continue
            if not answer.parts:
                yield Words(answer.statement)
            answer.parts.append(one.part)
            answer.citations.extend(one.citations)
            model = one.model
            yield Words(_words(one.part))
    except NoModelError:
        return (yield from _told(found.quoted().model_copy(update={"notices": [NO_MODEL]})))
    except BrokenOffError:
        answer = yield from _ended_by_course(answer, found.quoted())
    return answer.model_copy(update={"model": model})


def _ended_by_course(answer: ChatAnswer, quoted: ChatAnswer) -> Generator[Piece, None, ChatAnswer]:
    """What a model left unsaid, in the course's words."""
    first = len(answer.citations)
    rest = ChatAnswer(
        statement=f"{PARAGRAPH}{BROKEN_OFF if quoted.parts else BROKEN_OFF_ALONE}",
        shape=answer.shape,
        parts=[
            part.model_copy(update={"citations": [first + number for number in part.citations]})
            for part in quoted.parts
        ],
        citations=[one.model_copy(update={"number": first + one.number}) for one in quoted.citations],
        read_next=[],
        model=None,
    )
    yield from _told(rest)
    return answer.model_copy(
        update={
            "parts": [*answer.parts, *rest.parts],
            "citations": [*answer.citations, *rest.citations],
            "notices": [rest.statement.strip()],
        }
    )


def _told(answer: ChatAnswer) -> Generator[Piece, None, ChatAnswer]:
    """Tell an answer that is whole already."""
    yield Words(answer.statement)
    for part in answer.parts:
        yield Words(_words(part))
    for notice in answer.notices:
        yield Words(f"{PARAGRAPH}{notice}")
    return answer


def _words(part: AnswerPart) -> str:
    """A part as it stands in the text: quoted as such, with its places, marked where it has none."""
    text = f"\u201c{part.text}\u201d" if part.made_by == "course" else part.text
    marks = [f"[{number}]" for number in part.citations]
    mark = f" ({UNSUPPORTED})" if part.supported is False else ""
    return f"{' ' if part.goes_on else PARAGRAPH}{text}{' ' if marks else ''}{''.join(marks)}{mark}"


def _waiting(work: Generator[None, None, T]) -> Generator[Piece, None, T]:
    """Signs of life while something is worked on, and what comes of it."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return cast("T", end.value)
        yield Words("")


def _find(turn: Turn, connect: Connect, embedder: "Embedder", question: str) -> Found:
    with connect() as connection:
        findings = find(connection, embedder, question, course_id=turn.course_id)
        said = compose(question, turn.course_id, findings)
        documents = [passage.document_id for passage in findings.passages]
        return Found(findings, said, versions_of(connection, documents))


def _retrieved(said: Answer) -> list[dict[str, Any]]:
    quotes = [{"document_id": str(one.document_id), "page": one.page, "score": one.score} for one in said.quotes]
    return [*quotes, *({"document_id": str(one.document_id), "page": one.page} for one in said.read_next)]


def _given(given: Given) -> list[dict[str, Any]]:
    return [
        {"document_id": str(one.document_id), "page": one.page, "chunk_id": str(one.chunk_id), "score": one.score}
        for one in given.passages
    ]
