"""Golden questions asked, each as its asker, by the real search and tutor, in a transaction that leaves nothing.

What a figure means is `evaluation`'s.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from psycopg import Connection

from studium.content.embed import Embedder
from studium.database.pool import Role, assume
from studium.moodle.keys import CourseKey
from studium.retrieval.search import Passage
from studium.tutor.chain import Answered, Means, Turn, respond
from studium.tutor.evaluation import Outcome, contains_an_answer, ranks_of, stands_at
from studium.tutor.extractive import compose, find
from studium.tutor.golden import Golden, GoldenError
from studium.tutor.modelled import NO_MODEL
from studium.tutor.models import Models, NoModelError
from studium.tutor.oracle import forbidden
from studium.tutor.spending import Spending

ACCOUNT = """
select l.account_id from app.moodle_links as l
inner join raw.users as u on l.site_id = u.site_id and l.moodle_user_id = u.user_id
where u.site_id = %s and u.username = %s
"""
NEW_ACCOUNT = """
insert into app.accounts (email, display_name, is_admin) values (gen_random_uuid() || '@evaluation.invalid', %s, %s)
returning account_id
"""
NEW_LINK = """
insert into app.moodle_links (site_id, moodle_user_id, account_id)
select site_id, user_id, %s from raw.users where site_id = %s and username = %s
"""
FAITHFUL = "select from content.chunks where document_id = %s and strpos(text, %s) > 0 limit 1"


@dataclass(frozen=True)
class Asked:
    """Whom questions are put to."""

    embedder: Embedder
    models: Models | None = None
    """None: the course is quoted."""


@dataclass(frozen=True)
class Said:
    """What came of a question."""

    is_refused: bool
    quotes: Sequence[tuple[UUID, str]]
    shown: Sequence[UUID]
    """Documents that the answer names."""
    composed: Sequence[bool] = ()
    """Of a model's statements, whether what they cite says so."""


@contextmanager
def speaking_as(connection: Connection, role: Role) -> Iterator[None]:
    """The role whose rights hold for a while."""
    connection.execute(f"set local role {role.value}".encode())
    yield
    connection.execute("reset role")


def examine(
    connection: Connection,
    asked: Asked,
    course: CourseKey,
    questions: Sequence[Golden],
    say: Callable[[int], None] = lambda _: None,
    spending: Spending | None = None,
) -> list[Outcome]:
    """Ask all questions.

    Args:
        connection: as an administrator of the database, in a transaction that will be rolled back: askers who have no
            account yet get one for its time.
        asked: the embedder of the space that answers, and models.
        course: the course asked.
        questions: what to ask.
        say: told how many are done.
        spending: takes what models cost.
    """
    accounts = {golden.asker: _account(connection, course.site_id, golden) for golden in questions}
    spent = spending or Spending()
    if questions:  # nobody waits for the first
        _ask(connection, Asked(asked.embedder), course, questions[0], accounts[questions[0].asker], spent)
    outcomes: list[Outcome] = []
    for golden in questions:
        outcomes.append(_ask(connection, asked, course, golden, accounts[golden.asker], spent))
        say(len(outcomes))
    return outcomes


def _account(connection: Connection, site_id: str, golden: Golden) -> UUID:
    name = golden.asker.username
    known = connection.execute(ACCOUNT, [site_id, name]).fetchone() if name else None
    if known:
        return UUID(str(known[0]))
    is_admin = golden.asker.role == "admin"
    [(made,)] = connection.execute(NEW_ACCOUNT, [name or golden.asker.role, is_admin]).fetchall()
    if name and connection.execute(NEW_LINK, [made, site_id, name]).rowcount != 1 and not is_admin:
        raise GoldenError(f"question {golden.id!r}: {site_id} has no user called {name!r}")
    return UUID(str(made))


def _ask(
    connection: Connection, asked: Asked, course: CourseKey, golden: Golden, account: UUID, spending: Spending
) -> Outcome:
    as_of = golden.as_of or datetime.now(UTC)
    with speaking_as(connection, Role.API):
        assume(connection, account, as_of)
        started = time.perf_counter()
        passages, said = _quoted(connection, asked.embedder, course, golden)
        if asked.models:
            said = _composed(connection, Means(asked.embedder, asked.models), course, golden, spending)
        milliseconds = (time.perf_counter() - started) * 1000
    faithful = sum(connection.execute(FAITHFUL, quote).fetchone() is not None for quote in said.quotes)
    return Outcome(
        golden=golden,
        ranks=ranks_of(golden.answers, passages) if golden.kind == "answerable" else (),
        is_refused=said.is_refused,
        is_contained=contains_an_answer(golden.answers, [text for _, text in said.quotes]),
        quotes=len(said.quotes) + len(said.composed),
        faithful=faithful + sum(said.composed),
        leaks=_leaks(connection, golden, account, as_of, passages, said),
        milliseconds=milliseconds,
    )


def _quoted(
    connection: Connection, embedder: Embedder, course: CourseKey, golden: Golden
) -> tuple[Sequence[Passage], Said]:
    found = find(connection, embedder, golden.question, course_id=str(course))
    said = compose(golden.question, str(course), found)
    shown = [*(one.document_id for one in said.quotes), *(one.document_id for one in said.read_next)]
    return found.passages, Said(not said.answered, [(one.document_id, one.text) for one in said.quotes], shown)


def _composed(connection: Connection, means: Means, course: CourseKey, golden: Golden, spending: Spending) -> Said:
    @contextmanager
    def connect() -> Iterator[Connection]:
        yield connection

    turn, read_before = Turn(uuid4(), uuid4(), str(course), golden.question, spending=spending), spending.tokens_in
    answer = next(piece.answer for piece in respond(turn, connect, means) if isinstance(piece, Answered))
    if NO_MODEL in answer.notices and spending.tokens_in == read_before:  # quoted: that says nothing of a prompt
        raise NoModelError(f"Question {golden.id!r} could be put to no model.")
    return Said(
        answer.shape == "refusal",
        [(one.document_id, one.quote) for one in answer.citations],
        [*(one.document_id for one in answer.citations), *(one.document_id for one in answer.read_next)],
        [part.supported for part in answer.parts if part.made_by == "model" and part.supported is not None],
    )


def _leaks(
    connection: Connection,
    golden: Golden,
    account: UUID,
    as_of: datetime,
    passages: Sequence[Passage],
    said: Said,
) -> int:
    """Passages found, quotes and readings of documents the asker may not see, or that hold what is forbidden to say."""
    shown = [*(passage.document_id for passage in passages), *said.shown]
    hidden = forbidden(connection, account, as_of, shown)
    told = golden.answers if golden.kind == "forbidden" else []
    betrayed = [passage for passage in passages if any(stands_at(place, passage) for place in told)]
    return sum(document in hidden for document in shown) + len(
        [passage for passage in betrayed if passage.document_id not in hidden]
    )
