"""The extractive tutor on the real courses: what it answers, and what it does not pretend to know."""

from collections.abc import Iterable, Iterator
from uuid import UUID

import pytest
from psycopg import Connection

from studium.content.embed import Embedder, open_embedder
from studium.database import migrate
from studium.database.pool import Role, assume, connect
from studium.settings import Settings
from studium.tutor.extractive import ANSWERED, UNANSWERED, answer
from studium.wire.answers import Answer
from tests.integration.real_courses import bring_texts
from tests.tutor import questions

SITE = "test-site"
CVS201, PHA203 = f"{SITE}:2", f"{SITE}:4"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(home=tmp_path_factory.mktemp("tutor"), _env_file=None)
    migrate.upgrade(made)
    bring_texts(made, [2, 4], SITE)
    return made


@pytest.fixture(scope="module")
def embedder(installation: Settings) -> Embedder:
    return open_embedder(installation)


def person(settings: Settings, username: str, *, is_admin: bool = False) -> UUID:
    with connect(settings, Role.ADMIN) as connection:
        row = connection.execute(
            "insert into app.accounts (email, display_name, is_admin) values (lower(%s), %s, %s) returning account_id",
            [f"{username}@example.test", username, is_admin],
        ).fetchone()
        connection.execute(
            "insert into app.moodle_links (site_id, moodle_user_id, account_id) "
            "select site_id, user_id, %s from raw.users where username = %s",
            [row[0], username],
        )
    account_id: UUID = row[0]
    return account_id


@pytest.fixture(scope="module")
def student(installation: Settings) -> UUID:
    """In both courses, and in tutorial group C."""
    return person(installation, "s2026107")


@pytest.fixture
def asking(installation: Settings, student: UUID) -> Iterator[Connection]:
    with connect(installation, Role.API) as connection:
        assume(connection, student)
        yield connection


def ask_all(connection: Connection, embedder: Embedder, course_id: str, asked: Iterable[str]) -> dict[str, Answer]:
    return {question: answer(connection, embedder, question, course_id=course_id) for question in asked}


def quotes_it(said: Answer, words: str) -> bool:
    return any(words.casefold() in quote.text.casefold() for quote in said.quotes)


@pytest.mark.parametrize(
    ("course_id", "answerable", "unanswerable", "least_right", "most_sure"),
    [
        (CVS201, questions.CVS201_ANSWERED, questions.CVS201_UNANSWERED, 0.9, 0.2),
        (PHA203, questions.PHA203_ANSWERED, questions.PHA203_UNANSWERED, 0.9, 0.2),
        (PHA203, questions.PHA203_AS_STUDENTS_ASK, questions.PHA203_CLOSE_AS_STUDENTS_ASK, 0.65, 0.2),
    ],
    ids=["textbook", "another textbook", "students"],
)
def test_precision_and_recall(
    asking: Connection,
    embedder: Embedder,
    course_id: str,
    answerable: dict[str, str],
    unanswerable: tuple[str, ...],
    least_right: float,
    most_sure: float,
) -> None:
    said = ask_all(asking, embedder, course_id, answerable)
    right = [question for question, words in answerable.items() if quotes_it(said[question], words)]
    false = ask_all(asking, embedder, course_id, unanswerable)
    sure = [question for question, one in false.items() if one.statement == ANSWERED]
    tried = [question for question, one in false.items() if one.answered]
    assert len(right) >= least_right * len(answerable), sorted(set(answerable) - set(right))
    assert len(sure) <= most_sure * len(unanswerable), sure
    assert len(tried) <= 0.65 * len(unanswerable), tried


def test_a_quote_is_word_for_word_and_says_where_it_stands(
    installation: Settings, asking: Connection, embedder: Embedder
) -> None:
    said = answer(asking, embedder, "What is a normal QRS axis?", course_id=CVS201)
    assert said.answered
    assert said.statement == ANSWERED
    quote = said.quotes[0]
    assert "The mean QRS axis normally lies between \u221230\u00b0 and +90\u00b0." in quote.text
    assert quote.module_name == "Handbook of the ECG"
    assert quote.section_name == "The cardiac cycle and cardiac output"
    assert "Leads and axis" in (quote.chapter or "") + (quote.heading or "") + quote.title
    with connect(installation, Role.ADMIN) as connection:
        where = {"document": quote.document_id, "quote": quote.text}
        chunks = "select from content.chunks where document_id = %(document)s and strpos(text, %(quote)s) > 0"
        assert connection.execute(chunks, where).rowcount == 1
    assert quote.source_url
    assert str(quote.document_id) in quote.open_url


def test_a_page_of_a_pdf_is_named(asking: Connection, embedder: Embedder) -> None:
    said = answer(asking, embedder, "How do cardiac glycosides increase contractility?", course_id=CVS201)
    assert [(quote.page, quote.page_kind) for quote in said.quotes if "sodium pump" in quote.text] == [(2, "page")]
    said = answer(asking, embedder, "How is nitric oxide made?", course_id=CVS201)
    assert {quote.page_kind for quote in said.quotes if "L-arginine" in quote.text} == {"slide"}


@pytest.mark.parametrize("question", ["Who won the football world cup in 1966?", "?!", "xyzzy", "\u5fc3\u81df"])
def test_it_says_when_the_course_does_not_answer(asking: Connection, embedder: Embedder, question: str) -> None:
    said = answer(asking, embedder, question, course_id=CVS201)
    assert not said.answered
    assert said.quotes == []
    assert said.statement.startswith(UNANSWERED)


def test_reading_next_is_elsewhere_than_the_quotes(asking: Connection, embedder: Embedder) -> None:
    said = answer(asking, embedder, "How do baroreceptors work?", course_id=CVS201)
    quoted = {quote.document_id for quote in said.quotes}
    assert said.read_next
    assert not quoted & {reading.document_id for reading in said.read_next}


def test_what_a_student_may_not_see_is_not_quoted(
    installation: Settings, embedder: Embedder, asking: Connection
) -> None:
    question = "Which question of quiz 1 has a low discrimination index?"
    said = answer(asking, embedder, question, course_id=CVS201)
    assert not any("discrimination" in str(part) for part in [*said.quotes, *said.read_next])
    with connect(installation, Role.API) as connection:
        assume(connection, person(installation, "awhitfield"))
        said = answer(connection, embedder, question, course_id=CVS201)
    assert any("discrimination index is low" in quote.text for quote in said.quotes)


def test_an_outsider_gets_nothing(installation: Settings, embedder: Embedder) -> None:
    with connect(installation, Role.API) as connection:
        assume(connection, person(installation, "stranger"))
        said = answer(connection, embedder, "What is a normal QRS axis?", course_id=CVS201)
    assert (said.answered, said.quotes, said.read_next, said.statement) == (False, [], [], UNANSWERED)
