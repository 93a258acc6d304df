"""Modes in which the learner is not simply answered: hints, asking back, a quiz. What each says is its own module's.

Where a model is set up it words hints, questions and reactions. What is asked for, and how a reply is judged, is by
rule all the same, so that something the course says stands behind every question.
"""

from collections.abc import Generator
from dataclasses import dataclass, field

from studium.tutor import hinting, prompts, quizzing, socratic
from studium.tutor.citing import versions_of
from studium.tutor.evidence import Quote
from studium.tutor.found import Found, look
from studium.tutor.open_quizzes import Held, refused
from studium.tutor.targets import Expected, Target, again, gone
from studium.tutor.threads import Followed, any_topics, asked_before, topic_of
from studium.tutor.turn import Connect, Means, Turn
from studium.tutor.wording import Task, Worded, held_against, worded
from studium.tutor.words import words
from studium.wire.chat import AnswerPart, ChatAnswer

RUNGS = {hinting.NUDGE: "nudge", hinting.POINTER: "pointer", hinting.WORKED: "worked step"}
WORDED = "A model worded this from the course. What it says is not the course's own wording."
PASSAGES = 3
"""Of those found, what a model that words a hint is shown."""


@dataclass(frozen=True, slots=True)
class Coached:
    """What is told, what is expected of the learner, and what was found."""

    answer: ChatAnswer
    expects: Expected | None = None
    found: Found | None = None
    prompt_version: str | None = None


Coaching = Generator[None, None, Coached]


@dataclass(frozen=True)
class Coach:
    """One turn to coach in."""

    turn: Turn
    question: str
    connect: Connect
    means: Means
    held: Held
    notes: list[str] = field(default_factory=list)

    def coached(self, thread: Followed | None) -> Coaching:
        """What to tell; None is yielded while a model is at it."""
        if self.turn.mode == "hints":
            return (yield from self._hint())
        if thread is not None and thread.expects is not None:
            return (yield from self._reply(Expected.model_validate(thread.expects)))
        return (yield from self._ask() if self.turn.mode == "socratic" else self._quiz())

    def _hint(self) -> Coaching:
        found = self._look(self.question)
        rung = self.turn.rung or hinting.NUDGE
        answer = hinting.hint(found, rung)
        if answer.shape != "hint":
            return Coached(answer, found=found)
        passages = [("passage", passage.chunk_text) for passage in found.findings.passages[:PASSAGES]]
        blocks = [("rung", RUNGS[rung]), *passages, ("question", self.question)]
        said = yield from self._worded(Task(prompts.HINT, blocks, hinting.gaps_of(found)))
        return Coached(_led_by(said, answer), found=found, prompt_version=prompts.HINT if said else None)

    def _ask(self) -> Coaching:
        found = self._look(self.question)
        answer, expected = socratic.ask(found)
        return (yield from self._put(found, answer, expected))

    def _quiz(self) -> Coaching:
        with self.connect() as connection:
            before = asked_before(connection, self.turn.session_id, "quiz")
            others = any_topics(connection, self.turn.course_id, self.turn.turn_id)
        named = topic_of(self.turn.content)
        topics = [named] if named else [*dict.fromkeys(one["asked"] for one in before[:1]), *others]
        known = {one["target"]["text"] for one in before}
        for topic in topics:
            found = self._look(topic)
            answer, expected = quizzing.ask(found, topic, known)
            if expected is not None or topic == topics[-1]:
                return (yield from self._put(found, answer, expected))
        return Coached(quizzing.nothing())

    def _put(self, found: Found, answer: ChatAnswer, expected: Expected | None) -> Coaching:
        """A question back; a model may word it, and is then replied to in one's own words."""
        if expected is None:
            return Coached(answer, found=found)
        wanted = words(expected.target.text) - words(expected.asked) or words(expected.target.text)
        blocks = [("target", expected.target.text), ("question", expected.asked)]
        said = yield from self._worded(Task(prompts.ASK, blocks, wanted))
        if said is None:
            return Coached(answer, expected, found)
        asked = _led_by(said, answer.model_copy(update={"parts": []}))
        expected = expected.model_copy(update={"kind": "words", "wanted": sorted(wanted)})
        return Coached(asked, expected, found, prompts.ASK)

    def _reply(self, expected: Expected) -> Coaching:
        """What to say of a reply to what was asked."""
        shut = next(filter(None, self.held.says([expected.target.text, expected.asked])), None)
        if shut is not None:
            return Coached(refused(shut))
        quote = self._again(expected.target)
        if quote is None:
            return Coached(gone())
        with self.connect() as connection:
            versions = versions_of(connection, [quote.passage.document_id])
        if self.turn.mode == "quiz":
            answer, further = quizzing.judge(expected, quote, self.turn.content, versions), None
        else:
            following = next(filter(None, map(self._again, expected.left[:1])), None)
            answer, further = socratic.react(expected, quote, following, self.turn.content, versions)
        if answer.shape != "judgement":
            return Coached(answer, further)
        blocks = [("asked", expected.asked), ("target", quote.text), ("reply", self.turn.content)]
        said = yield from self._worded(Task(prompts.REACT, blocks))
        if said is None:
            return Coached(answer, further)
        parts = [*held_against(self.means.embedder, said.text, quote.passage.chunk_text), *answer.parts]
        return Coached(
            answer.model_copy(update={"parts": parts, "model": said.model}), further, prompt_version=prompts.REACT
        )

    def _look(self, question: str) -> Found:
        with self.connect() as connection:
            return look(connection, self.means.embedder, question, self.held)

    def _again(self, wanted: Target) -> Quote | None:
        if any(self.held.says([wanted.text])):
            return None
        with self.connect() as connection:
            return again(connection, self.means.embedder, wanted, self.turn.course_id)

    def _worded(self, task: Task) -> Generator[None, None, Worded | None]:
        if self.means.models is None:
            return None
        return (yield from worded(self.means.models, task, self.turn.spending, self.notes))


def _led_by(said: Worded | None, answer: ChatAnswer) -> ChatAnswer:
    """An answer whose first part is a model's; what stands in it by rule follows."""
    if said is None:
        return answer
    part = AnswerPart(text=said.text, citations=[], supported=None, made_by="model")
    return answer.model_copy(update={"statement": WORDED, "parts": [part, *answer.parts], "model": said.model})
