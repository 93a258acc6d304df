"""A trial: golden questions asked of what is in force, and of what is wanted in its place.

Each is put in place in a transaction that is rolled back. What the figures mean for both is `evaluations`' to say.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID, uuid4

from obstore.store import ObjectStore
from psycopg import Connection

from studium.content.embed import Embedder, open_named
from studium.content.ingest import Draft, Reader, embed_named
from studium.content.minilm import ModelError
from studium.content.records import UnreadableError
from studium.content.sandbox import warm_sandbox
from studium.content.store import Vectors, known_vectors, read_documents
from studium.database.pool import Role, connect
from studium.moodle.keys import CourseKey
from studium.settings import Settings
from studium.tutor import combinations, evaluations
from studium.tutor.combinations import Combination
from studium.tutor.evaluations import Asking
from studium.tutor.examination import Asked, examine, speaking_as
from studium.tutor.golden import Golden
from studium.tutor.golden_sources import all_golden
from studium.tutor.models import open_models
from studium.tutor.spending import Spending

MOST_BY_MODEL = 40
"""Questions of a course that are put to a model, where prompts are compared: each is paid for."""
DOCUMENTS = "select document_id from content.documents where course_id = %s and source <> 'upload' and status = 'ready'"
SILENCE = "update content.spaces set status = 'retired' where status = 'active' and space_id <> %s"
SPEAK = "update content.spaces set status = 'active', activated_at = now() where space_id = %s and status <> 'active'"


@dataclass(frozen=True)
class Trial:
    """Who stood against whom, before which questions."""

    trial_id: UUID
    standing: Combination
    wanted: Combination | None
    courses: Mapping[CourseKey, Sequence[Golden]]


def hold(settings: Settings, files: ObjectStore, run_id: str) -> Trial | None:
    """Ask every golden question of each; None before anything was embedded."""
    with connect(settings, Role.PIPELINE) as connection:
        old = combinations.standing(connection, settings)
        new = combinations.wanted(connection, settings)
        courses = all_golden(connection)
    if old is None:
        return None
    trial = Trial(uuid4(), old, new, courses)
    for combination in [old, new] if new else [old]:
        asking = Asking(trial.trial_id, run_id, combination, combination is new)
        for course, questions in courses.items():
            _ask(settings, files, trial, asking, course, questions)
    return trial


def _ask(
    settings: Settings,
    files: ObjectStore,
    trial: Trial,
    asking: Asking,
    course: CourseKey,
    questions: Sequence[Golden],
) -> None:
    models = open_models(settings, asking.combination.prompt) if _compares_prompts(trial) else None
    asked = Asked(_embedder(settings, asking.combination), models)
    spending = Spending()
    cut = []
    if asking.combination.chunking != trial.standing.chunking:
        cut = _cut(settings, files, asked.embedder, asking.combination, course)
    put = spread(questions, MOST_BY_MODEL) if models else questions
    with connect(settings, Role.ADMIN) as connection, connection.transaction(force_rollback=True):
        with speaking_as(connection, Role.PIPELINE):
            _put_in_place(connection, asking.combination, cut)
        outcomes = examine(connection, asked, course, put, spending=spending)
    with connect(settings, Role.PIPELINE) as connection:
        evaluations.keep(connection, asking, course, outcomes, models, spending)


def _compares_prompts(trial: Trial) -> bool:
    return trial.wanted is not None and trial.wanted.prompt != trial.standing.prompt


def _embedder(settings: Settings, combination: Combination) -> Embedder:
    """Of its space; where that cannot be opened any more the other one's, with which its words alone are searched."""
    try:
        return open_named(combination.space.split(" ")[0])
    except (ImportError, ValueError, ModelError):
        return open_named(settings.embeddings)


def spread(questions: Sequence[Golden], most: int) -> list[Golden]:
    """At most so many, of every kind its share."""
    ordered = sorted(questions, key=lambda one: (one.kind, one.id))
    count = min(most, len(ordered))
    return [ordered[place * len(ordered) // count] for place in range(count)]


def _cut(
    settings: Settings, files: ObjectStore, embedder: Embedder, combination: Combination, course: CourseKey
) -> list[tuple[Draft, Vectors]]:
    """The course's documents as this chunking cuts them; one that cannot be read any more is left as it is."""
    reader = Reader(files, warm_sandbox(), combination.chunking)
    with connect(settings, Role.PIPELINE) as connection:
        ids = [row[0] for row in connection.execute(DOCUMENTS, [str(course)])]
        documents = read_documents(connection, ids)
    made: list[tuple[Draft, Vectors]] = []
    for document in documents:
        with suppress(UnreadableError):
            draft = reader.draft(document)
            with connect(settings, Role.PIPELINE) as connection:
                known = known_vectors(connection, combination.space_id, draft.texts)
            new = {name: text for name, text in draft.texts.items() if name not in known}
            made.append((draft, known | embed_named(embedder, new)))
    return made


def _put_in_place(connection: Connection, combination: Combination, cut: Sequence[tuple[Draft, Vectors]]) -> None:
    for statement in (SILENCE, SPEAK):
        connection.execute(statement, [combination.space_id])
    for draft, vectors in cut:
        draft.write(connection, {combination.space_id: vectors}, None)
    if cut:
        connection.execute("select content.refresh_terms()")
