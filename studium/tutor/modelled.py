"""An answer that a model composes, told as it comes; where it fails, the course is quoted."""

from collections.abc import Generator, Iterator

from studium.tutor.composing import Composed, Composer, Given, Refused, within
from studium.tutor.found import Found
from studium.tutor.models import BrokenOffError, Models, NoModelError
from studium.tutor.shaping import notices, shaped
from studium.tutor.turn import PARAGRAPH, Answered, Means, Piece, Turn, Words, part_text, told
from studium.wire.chat import ChatAnswer

COMPOSED = (
    "A model composed this from the course. Its sentences are followed by the places that say so; what no place was "
    "found for is marked."
)
NO_MODEL = "No model could be asked just now, so that the course is quoted."
BROKEN_OFF = "The model's answer broke off. The course itself is quoted after it, word for word."
BROKEN_OFF_ALONE = "The model's answer broke off."


def by_model(turn: Turn, means: Means, models: Models, found: Found, notes: list[str]) -> Iterator[Piece]:
    """Have a model answer from what was found; `notes` grows by why which model did."""
    question = found.said.question
    passages = found.findings.passages
    ordered = models.reranker(question, passages, notes) if models.reranker else passages
    given = Given(question, within(ordered, models.context_tokens), found.versions)
    if not given.passages:
        answer = yield from told(shaped(found))
        yield Answered(answer, [], question)
        return
    route = models.route(question, max(found.findings.scores, default=0.0))
    notes.insert(0, route.why)
    composer = Composer(models, means.embedder, given, turn.spending)
    answer = yield from _composed(models.first(route.models, composer.written, notes), found)
    answer = answer.model_copy(update={"cost_is_estimated": turn.spending.is_estimated})
    retrieved = [
        {"document_id": str(one.document_id), "page": one.page, "chunk_id": str(one.chunk_id), "score": one.score}
        for one in given.passages
    ]
    yield Answered(answer, retrieved, question, "; ".join(notes), models.answer_prompt)


def _composed(coming: Iterator[Composed | Refused | None], found: Found) -> Generator[Piece, None, ChatAnswer]:
    """Tell a model's sentences; where it fails, the course's."""
    answer = ChatAnswer(
        statement=COMPOSED, shape="explanation", parts=[], citations=[], read_next=found.readings, model=None
    )
    model = None
    try:
        for one in coming:
            if isinstance(one, Refused):
                return (yield from told(shaped(found.without_quotes())))
            if one is None:
                yield Words("")
                continue
            if not answer.parts:
                yield Words(answer.statement)
            answer.parts.append(one.part)
            answer.citations.extend(one.citations)
            model = one.model
            yield Words(part_text(one.part))
    except NoModelError:
        return (yield from told(shaped(found).model_copy(update={"notices": [*notices(found), NO_MODEL]})))
    except BrokenOffError:
        answer = yield from _ended_by_course(answer, shaped(found))
    for notice in notices(found):
        yield Words(f"{PARAGRAPH}{notice}")
    return answer.model_copy(update={"model": model, "notices": [*answer.notices, *notices(found)]})


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
    yield from told(rest)
    return answer.model_copy(
        update={
            "parts": [*answer.parts, *rest.parts],
            "citations": [*answer.citations, *rest.citations],
            "notices": [rest.statement.strip()],
        }
    )
