"""From a question to its answer, piece by piece. It knows neither HTTP nor who waits for it.

Nothing is held while pieces are taken: each look at the database is a short transaction of the asker's own.
"""

from collections.abc import Generator, Iterator
from typing import TypeVar, cast

from studium.tutor import open_quizzes
from studium.tutor.coaching import Coach
from studium.tutor.found import look, retrieved
from studium.tutor.hinting import ANSWER
from studium.tutor.modelled import BROKEN_OFF, COMPOSED, NO_MODEL, by_model
from studium.tutor.open_quizzes import refused
from studium.tutor.shaping import shaped
from studium.tutor.standalone import before, standalone
from studium.tutor.threads import Followed, followed
from studium.tutor.turn import Answered, Connect, Means, Piece, Turn, Words, told

__all__ = ["BROKEN_OFF", "COMPOSED", "NO_MODEL", "Answered", "Connect", "Means", "Piece", "Turn", "Words", "respond"]
T = TypeVar("T")


def respond(turn: Turn, connect: Connect, means: Means) -> Generator[Piece]:
    """Answer a turn: words as they come, then, last and once, the answer they make."""
    with connect() as connection:
        thread = followed(connection, turn.follows) if turn.follows else None
        held = open_quizzes.held(connection, means.embedder, turn.course_id)
    notes: list[str] = []
    question = yield from _question(turn, thread, connect, means, notes)
    quiz = held.by(question) or held.by(turn.content)
    is_answer = turn.mode == "answer" or (turn.rung == ANSWER and means.models is not None)
    if quiz is not None:
        answer = yield from told(refused(quiz.name))
        yield Answered(answer, [], question)
    elif not is_answer:
        yield from _coached(Coach(turn, question, connect, means, held, notes), thread)
    else:
        with connect() as connection:
            found = look(connection, means.embedder, question, held)
        if means.models is not None:
            yield from by_model(turn, means, means.models, found, notes)
        else:
            answer = yield from told(shaped(found))
            yield Answered(answer, retrieved(found))


def _coached(coach: Coach, thread: Followed | None) -> Iterator[Piece]:
    said = yield from _waiting(coach.coached(thread))
    answer = said.answer.model_copy(update={"cost_is_estimated": coach.turn.spending.is_estimated})
    answer = yield from told(answer)
    places = retrieved(said.found) if said.found else []
    route = "; ".join(coach.notes) or None
    yield Answered(answer, places, coach.question, route, said.prompt_version, said.expects)


def _question(
    turn: Turn, thread: Followed | None, connect: Connect, means: Means, notes: list[str]
) -> Generator[Piece, None, str]:
    """What is asked, as it reads by itself."""
    if thread is not None:
        return thread.question if turn.mode == "hints" else turn.content
    if means.models is None or turn.mode == "quiz":
        return turn.content
    with connect() as connection:
        said = before(connection, turn.turn_id)
    return (yield from _waiting(standalone(means.models, turn.content, said, turn.spending, notes)))


def _waiting(work: Generator[None, None, T]) -> Generator[Piece, None, T]:
    """Signs of life while something is worked on, and what comes of it."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return cast("T", end.value)
        yield Words("")
