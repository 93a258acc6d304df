"""Questions made when somebody asks for them: of the passages they may see, kept with the words they rest on.

By rule, or by a model whose questions are held against the passages (`modelled`). A learner's are theirs alone; a
teacher's wait until the teacher lets them be used.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection
from psycopg.types.json import Jsonb

from studium.learning.making.material import Source
from studium.learning.making.reading import course_sources
from studium.learning.questions import modelled, rules
from studium.learning.questions.cache import keep, kept, key_of
from studium.learning.questions.files import as_plain
from studium.learning.questions.making.made import Difficulty, Made
from studium.tutor import budgets
from studium.tutor.models import Models
from studium.tutor.turn import Turn
from studium.wire.question_bank import MadeQuestions

RULE = "rule"
MOST = 600
"""Passages. A topic's own come first; those beyond lend no wrong answers."""
MOST_TOLD = 30
"""Questions there are already that a model is told of."""
NO_MODEL = "No model could be asked just now, so that these were made by rule."
FEWER = "There are no more questions of this kind in these passages. Ask for another topic or difficulty."
NOTHING = "Nothing of this kind can be asked of these passages without guessing. Take another topic or difficulty."
SITS = "select 1 from app.open_quizzes() as z where z.course_id = %s limit 1"
HAD = """
select split_part(q.external_key, ':', 3), q.text from app.practice_questions as q
where q.course_id = %(course)s and q.origin = 'generated' and q.owner_id is not distinct from %(owner)s
"""
ADD = """
insert into app.practice_questions (course_id, topic_id, origin, external_key, owner_id, qtype, text, answers,
    general_feedback, settings, difficulty_hint, document_id, chunk_id, quote, checked, retired_at, created_at,
    created_by)
values (%(course)s, %(topic)s, 'generated', %(external_key)s, %(owner)s, %(qtype)s, %(text)s, %(answers)s,
    %(general_feedback)s, %(settings)s, %(difficulty)s, %(document)s, %(chunk)s, %(quote)s, %(checked)s, %(retired_at)s,
    %(moment)s, %(account)s)
on conflict (course_id, external_key) do nothing
returning question_id
"""


class SittingError(Exception):
    """A quiz of the course is being sat: nothing is made of its material meanwhile."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which questions, for whom."""

    course_id: str
    topic_id: str | None
    difficulty: Difficulty
    count: int
    account_id: UUID
    is_for_all: bool = False
    """Whether a teacher asks, for the course's bank."""

    @property
    def owner(self) -> UUID | None:
        """Whose they are."""
        return None if self.is_for_all else self.account_id


@dataclass(frozen=True, slots=True)
class Ground:
    """What they are made of, and which there are already (keys)."""

    sources: Sequence[Source]
    had: frozenset[str]
    texts: Sequence[str] = ()
    """What those ask."""


def ground(connection: Connection, wanted: Wanted) -> Ground:
    """What questions are made of, as far as who asks may see it.

    Raises:
        SittingError: they sit a quiz of the course just now.
    """
    if connection.execute(SITS, [wanted.course_id]).fetchone():
        raise SittingError("You have an attempt at a quiz of this course open. Hand it in first.")
    rows = connection.execute(HAD, {"course": wanted.course_id, "owner": wanted.owner}).fetchall()
    texts = sorted(as_plain(text) for _, text in rows)[-MOST_TOLD:]
    found = course_sources(connection, wanted.course_id)
    own_first = sorted(found, key=lambda one: one.topic_id != wanted.topic_id)
    return Ground(own_first[:MOST], frozenset(key for key, _ in rows), texts)


def make(
    connection: Connection, wanted: Wanted, models: Models | None, moment: datetime,
    apart: Callable[[], AbstractContextManager[None]],
) -> MadeQuestions:  # fmt: skip
    """Make questions and keep them; by a model where there is one, else, and for what it leaves, by rule.

    Args:
        connection: bound to who asks.
        wanted: which.
        models: the installation's.
        moment: now.
        apart: while that is entered no transaction is open: making takes seconds.
    """
    on = ground(connection, wanted)
    ids: list[UUID] = []
    made_by = notice = None
    if models:
        made_by, made, notice = _by_model(connection, wanted, on, models, moment, apart)
        ids = store(connection, wanted, made, made_by or RULE, moment)
    if len(ids) < wanted.count:
        all_made = by_rule(connection, wanted, on, moment, apart)
        picked = rules.chosen(all_made, wanted.difficulty, wanted.count - len(ids), on.had)
        ruled = store(connection, wanted, picked, RULE, moment)
        made_by = made_by if ids else RULE if ruled else None
        ids += ruled
    if len(ids) < wanted.count:
        notice = notice or (FEWER if ids or on.had else NOTHING)
    return MadeQuestions(question_ids=ids, made_by=made_by, notice=notice)


def _by_model(
    connection: Connection, wanted: Wanted, on: Ground, models: Models, moment: datetime,
    apart: Callable[[], AbstractContextManager[None]],
) -> tuple[str | None, list[Made], str | None]:  # fmt: skip
    """Who made them, the questions, and what the learner is told of it."""
    passages = modelled.shown(on.sources, wanted.topic_id, models, len(on.had))
    prompts = (modelled.WRITE, modelled.CHECK)
    key = key_of(passages, models.names, prompts, wanted.topic_id, wanted.difficulty, wanted.count, sorted(on.had))
    if not passages:
        return None, [], None
    if found := kept(connection, key, wanted.course_id, passages, moment):
        return *found, None
    turn = Turn(uuid4(), uuid4(), wanted.course_id, "")
    granted = budgets.reserve(connection, turn, models)
    if granted.models is None:
        return None, [], granted.notice
    notes: list[str] = []
    try:
        with apart():
            told = modelled.written(
                granted.models, passages, wanted.difficulty, wanted.count, on.texts, turn.spending, notes
            )
    finally:
        budgets.settle(connection, turn, granted)
    if told is None:
        return None, [], NO_MODEL
    name, made = told
    keep(connection, key, wanted.course_id, name, made, moment)
    return name, made[: wanted.count], granted.notice


def by_rule(
    connection: Connection, wanted: Wanted, on: Ground, moment: datetime,
    apart: Callable[[], AbstractContextManager[None]],
) -> list[Made]:  # fmt: skip
    """All that can be asked by rule, as it was made within the hour, or made now."""
    key = key_of(on.sources, RULE, rules.VERSION, wanted.topic_id)
    if found := kept(connection, key, wanted.course_id, on.sources, moment):
        return found[1]
    with apart():
        made = rules.questions(on.sources, wanted.topic_id)
    keep(connection, key, wanted.course_id, RULE, made, moment)
    return made


def store(connection: Connection, wanted: Wanted, made: Sequence[Made], made_by: str, moment: datetime) -> list[UUID]:
    """Keep them: for the learner to practise, or for the teacher to look at first."""
    added: list[UUID] = []
    for one in made:
        row = connection.execute(ADD, _facts(wanted, one, made_by, moment)).fetchone()
        if row:
            added.append(row[0])
    return added


def _facts(wanted: Wanted, one: Made, made_by: str, moment: datetime) -> dict[str, Any]:
    stored = one.record.stored()
    return {
        "course": wanted.course_id,
        "topic": one.source.topic_id if wanted.topic_id is None else wanted.topic_id,
        "external_key": f"generated:{wanted.owner or 'all'}:{one.key}",
        "owner": wanted.owner,
        "qtype": stored["qtype"],
        "text": stored["text"],
        "answers": Jsonb(stored["answers"]),
        "general_feedback": stored["general_feedback"],
        "settings": Jsonb(stored["settings"]),
        "difficulty": one.difficulty,
        "document": one.source.document_id,
        "chunk": one.source.chunk_id,
        "quote": one.quote,
        "checked": Jsonb(
            {
                "by": made_by,
                "model": None if made_by == RULE else made_by,
                "kind": one.maker,
                "waits": wanted.is_for_all,
            }
        ),
        "retired_at": moment if wanted.is_for_all else None,
        "moment": moment,
        "account": wanted.account_id,
    }
