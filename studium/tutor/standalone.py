"""A question made such that it can be searched for without the conversation before it."""

from collections.abc import Generator
from uuid import UUID

from psycopg import Connection

from studium.tutor import prompts
from studium.tutor.models import BrokenOffError, Model, Models, NoModelError
from studium.tutor.short_texts import short_text
from studium.tutor.spending import Spending

TURNS_BEFORE = 3
LONGEST_ANSWER = 600
LONGEST = 400
"""Characters."""
BEFORE = """
select before.content, before.text
from app.chat_turns as this join app.chat_turns as before on before.session_id = this.session_id
where this.turn_id = %s and before.number < this.number and before.status = 'done'
order by before.number desc limit %s
"""


def before(connection: Connection, turn_id: UUID) -> list[tuple[str, str]]:
    """What was asked and answered before a turn, the last of it, in order."""
    return list(reversed(connection.execute(BEFORE, [turn_id, TURNS_BEFORE]).fetchall()))


def standalone(
    models: Models, question: str, said: list[tuple[str, str]], spending: Spending, notes: list[str]
) -> Generator[None, None, str]:
    """The question by itself, by the cheap model; as it was asked, when nothing was before it or no model helps."""
    if not said:
        return question
    try:
        for one in models.first([models.cheap], lambda model: _written(model, models, question, said, spending), notes):
            if one is not None:
                return one
            yield None
    except (NoModelError, BrokenOffError):
        notes.append("the question was taken as it was asked")
    return question


def _written(
    model: Model, models: Models, question: str, said: list[tuple[str, str]], spending: Spending
) -> Generator[str | None]:
    turns = [f"Question: {asked}\nAnswer: {answer[:LONGEST_ANSWER]}" for asked, answer in said]
    blocks = [("conversation", "\n\n".join(turns)), ("question", question)]
    yield (yield from short_text(model, models, prompts.STANDALONE, blocks, LONGEST, spending))
