"""Modes of the tutor over HTTP, without a model, on the recorded courses: hints, Socratic, quiz, open quizzes."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from coaching_world import CVS201, PHA203, CoachingWorld, build
from model_server import ModelServer, model_server, says
from psycopg.types.json import Jsonb
from pydantic import SecretStr
from starlette.testclient import TestClient

from serving.app import create_app
from serving.limits import Limiter
from studium.client import ApiError, ChatSession, ChatTurn, Client
from studium.content.embed import open_embedder
from studium.database.pool import Role, assume, connect
from studium.settings import Settings
from studium.tutor import open_quizzes
from studium.tutor.coaching import WORDED
from studium.tutor.hinting import HERE
from studium.tutor.judging import BY_RULE
from studium.tutor.modelled import NO_MODEL
from studium.tutor.open_quizzes import KEPT_BACK, Held, OpenQuiz
from studium.tutor.quizzing import ALL_ASKED, TERM
from studium.tutor.socratic import SAID
from studium.wire.chat import ChatAnswer, Mode
from tests.tutor import of_quizzes

QUESTION = "What does the plateau of the ventricular action potential come from?"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CoachingWorld]:
    settings = Settings(home=tmp_path_factory.mktemp("coaching"), _env_file=None)
    accounts = build(settings)
    with TestClient(create_app(settings, Limiter(factor=10_000)), raise_server_exceptions=False) as api:
        yield CoachingWorld(settings, api, accounts)


@pytest.fixture(scope="module")
def student(world: CoachingWorld) -> Client:
    return world.client("student")


@pytest.fixture
def session(student: Client) -> ChatSession:
    return student.chats.create(CVS201)


def test_a_conversation_has_a_mode_and_a_message_may_have_its_own(student: Client, session: ChatSession) -> None:
    assert session.mode == "answer"
    assert student.chats.send(session.session_id, QUESTION).mode == "answer"
    assert student.chats.send(session.session_id, QUESTION, mode="hints").mode == "hints"
    assert student.chats.change(session.session_id, mode="quiz").mode == "quiz"
    assert student.chats.change(session.session_id, title="Other").mode == "quiz"
    assert student.chats.send(session.session_id, QUESTION).mode == "quiz"
    assert student.chats.create(CVS201, mode="socratic").mode == "socratic"


def test_hints_climb_the_ladder_of_one_question(student: Client, session: ChatSession) -> None:
    first = student.chats.send(session.session_id, QUESTION, mode="hints")
    second = student.chats.send(session.session_id, "Next hint", mode="hints", follows=first.turn_id)
    student.chats.send(session.session_id, "What is preload?", mode="hints")
    third = student.chats.send(session.session_id, "Next hint", mode="hints", follows=second.turn_id)
    fourth = student.chats.send(session.session_id, "Next hint", mode="hints", follows=first.turn_id)
    assert [turn.rung for turn in (first, second, third, fourth)] == [1, 2, 3, 4]
    assert {turn.follows for turn in (second, third, fourth)} == {first.turn_id}
    with pytest.raises(ApiError, match="last hint"):
        student.chats.send(session.session_id, "Next hint", mode="hints", follows=fourth.turn_id)


def test_a_hint_sent_twice_is_one_rung(student: Client, session: ChatSession) -> None:
    first = student.chats.send(session.session_id, QUESTION, mode="hints")
    message_id = uuid4()
    again = [
        student.chats.send(session.session_id, "Next hint", message_id, mode="hints", follows=first.turn_id)
        for _ in range(2)
    ]
    assert again[0] == again[1]
    assert again[0].rung == 2


def test_hints_go_on_with_a_question_of_this_conversation_only(student: Client, session: ChatSession) -> None:
    elsewhere = student.chats.create(CVS201, mode="hints")
    there = student.chats.send(elsewhere.session_id, QUESTION)
    answered = student.chats.send(session.session_id, QUESTION, mode="answer")
    for turn_id in (there.turn_id, answered.turn_id, uuid4()):
        with pytest.raises(ApiError, match="no question here") as error:
            student.chats.send(session.session_id, "Next hint", mode="hints", follows=turn_id)
        assert error.value.problem.status == 409


WHY = "Why can cardiac muscle not be tetanised?"
ANSWERING = "The effective refractory period lasts almost as long as the contraction"


def climb(student: Client, session: ChatSession, question: str) -> list[ChatTurn]:
    first = student.chats.send(session.session_id, question, mode="hints")
    return [
        first,
        *(student.chats.send(session.session_id, "Next hint", mode="hints", follows=first.turn_id) for _ in range(3)),
    ]


def said(turn: ChatTurn) -> ChatAnswer:
    assert turn.answer is not None, turn.error
    return turn.answer


def test_only_the_last_hint_holds_the_words_that_answer(student: Client, session: ChatSession) -> None:
    *hints, last = climb(student, session, WHY)
    for turn in hints:
        told = turn.model_dump_json()
        assert said(turn).shape == "hint"
        assert said(turn).citations == [], "a citation holds the words"
        assert "refractory" not in told
        assert ANSWERING not in told
    nudge, pointer, worked = map(said, hints)
    assert "\u201ctetanised\u201d" in nudge.statement
    assert "Electrical activity of the heart" in nudge.statement
    assert nudge.read_next == []
    (place,) = pointer.read_next
    assert (place.title, place.why) == ("Action potentials in pacemaker and ventricular cells", HERE)
    (cloze,) = worked.parts
    assert cloze.made_by == "rule"
    assert "____" in cloze.text
    assert "so cardiac muscle cannot be tetanised" in cloze.text
    assert ANSWERING in said(last).parts[0].text
    assert said(last).citations[0].document_id == place.document_id


def test_there_is_no_hint_to_what_the_course_does_not_answer(student: Client, session: ChatSession) -> None:
    turn = student.chats.send(session.session_id, "Who won the football world cup in 1966?", mode="hints")
    assert said(turn).shape == "refusal"
    assert "nothing here to hint at" in said(turn).statement


def test_asking_back_tries_gaps_before_it_quotes(student: Client) -> None:
    session = student.chats.create(CVS201, mode="socratic")
    asked, gaps, told = (
        student.chats.send(session.session_id, words) for words in (WHY, "because the muscle gets tired", "no idea")
    )
    assert (said(asked).shape, said(asked).asks, said(asked).citations) == ("question", True, [])
    assert "refractory" not in asked.model_dump_json()
    assert gaps.follows == asked.turn_id
    assert (said(gaps).shape, said(gaps).asks) == ("question", True)
    assert "____" in said(gaps).parts[0].text
    assert BY_RULE in said(gaps).notices
    assert said(told).shape == "judgement"
    assert said(told).parts[0].text.startswith(ANSWERING)
    assert said(told).citations[0].quote.startswith(ANSWERING)


def test_a_reply_in_the_courses_words_is_told_so_by_rule(student: Client) -> None:
    session = student.chats.create(CVS201, mode="socratic")
    student.chats.send(session.session_id, "What does noradrenaline do to the pacemaker?")
    turn = student.chats.send(
        session.session_id, "It raises cyclic AMP, opens more HCN channels and steepens the slope"
    )
    assert said(turn).statement.startswith(SAID)
    assert "cyclic" in said(turn).statement
    assert said(turn).notices == [BY_RULE]
    assert said(turn).citations[0].module_name == "Action potentials in pacemaker and ventricular cells"


def test_a_quiz_asks_for_the_glossarys_term_and_judges_by_rule(student: Client) -> None:
    session = student.chats.create(CVS201, mode="quiz")
    asked = student.chats.send(session.session_id, "Quiz me on chronotropy")
    assert said(asked).statement == TERM
    assert "chronotrop" not in said(asked).parts[0].text.casefold()
    wrong = student.chats.send(session.session_id, "inotropy")
    assert wrong.follows == asked.turn_id
    assert said(wrong).statement == "That is not it. The course has \u201cchronotropy\u201d."
    assert (said(wrong).citations[0].title, said(wrong).notices) == ("Chronotropy", [BY_RULE])
    other = student.chats.create(CVS201, mode="quiz")
    student.chats.send(other.session_id, "Quiz me on chronotropy")
    assert said(student.chats.send(other.session_id, "chronotropy")).statement == "Right: \u201cchronotropy\u201d."


def test_a_quiz_asks_nothing_twice_and_ends(student: Client) -> None:
    session = student.chats.create(PHA203, mode="quiz")
    asked = [student.chats.send(session.session_id, "quiz me on half-life")]
    while said(asked[-1]).asks and len(asked) < 30:
        asked.append(student.chats.send(session.session_id, "another question about half-life"))
    *questions, end = [said(turn) for turn in asked]
    texts = [one.parts[0].text for one in questions]
    assert len(texts) >= 3
    assert len(set(texts)) == len(texts)
    assert all("____" in text or one.statement == TERM for text, one in zip(texts, questions, strict=True))
    assert end.statement == ALL_ASKED


def test_a_quiz_without_a_topic_finds_one(student: Client) -> None:
    session = student.chats.create(CVS201, mode="quiz")
    assert said(student.chats.send(session.session_id, "Quiz me")).asks


def test_what_is_expected_is_never_told(world: CoachingWorld, student: Client) -> None:
    session = student.chats.create(CVS201, mode="quiz")
    turn = student.chats.send(session.session_id, "Quiz me on chronotropy")
    (expected,) = world.raw("select expects ->> 'wanted' from app.chat_turns where turn_id = %s", turn.turn_id)
    assert "chronotropy" in expected[0]
    told = student.chats.turn(session.session_id, turn.turn_id).model_copy(update={"content": ""}).model_dump_json()
    assert "chronotrop" not in told.casefold()
    assert "chronotrop" not in student.chats.export(session.session_id).decode().partition("##")[2].partition("\n")[2]


@pytest.mark.parametrize(
    ("question", "shape"),
    [
        ("What is preload?", "definition"),
        ("What are the phases of the ventricular action potential?", "steps"),
        ("What is the difference between preload and afterload?", "comparison"),
        ("What causes the first heart sound?", "passages"),
        ("Who won the football world cup in 1966?", "refusal"),
    ],
)
def test_answers_have_the_shape_that_is_asked_for_and_quote_byte_for_byte(
    world: CoachingWorld, student: Client, session: ChatSession, question: str, shape: str
) -> None:
    answer = said(student.chats.send(session.session_id, question))
    assert answer.shape == shape
    for part in answer.parts:
        assert any(part.text in one.quote for one in answer.citations)
    for one in answer.citations:
        chunks = "select 1 from content.chunks where document_id = %s and strpos(text, %s) > 0"
        assert world.raw(chunks, one.document_id, one.quote)
    assert all(reading.why for reading in answer.read_next)


def test_a_definition_begins_with_the_glossary_and_steps_keep_their_order(
    student: Client, session: ChatSession
) -> None:
    defined = said(student.chats.send(session.session_id, "What is preload?"))
    assert defined.parts[0].text.startswith("End-diastolic fibre length")
    steps = said(student.chats.send(session.session_id, "What are the phases of the ventricular action potential?"))
    phases = [part.text[:7] for part in steps.parts if part.text.startswith("Phase")]
    assert phases == [f"Phase {number}" for number in range(5)]
    compared = said(student.chats.send(session.session_id, "What is the difference between preload and afterload?"))
    assert compared.parts[0].side == "preload"
    assert "afterload" in {part.side for part in compared.parts}


@pytest.fixture(scope="module")
def sitting(world: CoachingWorld) -> Client:
    """Somebody whose third attempt at the mock exam is in progress."""
    return world.client("sitting")


@pytest.mark.parametrize("mode", ["answer", "hints", "socratic", "quiz"])
def test_what_an_open_quiz_asks_is_not_answered_in_any_mode(sitting: Client, student: Client, mode: Mode) -> None:
    question = "Where in the heart is conduction slowest?"
    session = sitting.chats.create(CVS201, mode=mode)
    turn = sitting.chats.send(session.session_id, question)
    assert said(turn).shape == "held"
    assert "\u201cMock exam (random questions)\u201d" in said(turn).statement
    assert (said(turn).parts, said(turn).citations, said(turn).read_next) == ([], [], [])
    other = student.chats.create(CVS201, mode=mode)
    assert said(student.chats.send(other.session_id, question)).shape != "held", "who sits nothing is answered"


def test_what_an_open_quiz_asks_is_held_in_whatever_words_and_course(world: CoachingWorld) -> None:
    with connect(world.settings, Role.API) as connection:
        assume(connection, world.accounts["sitting"])
        embedder = open_embedder(world.settings)
        held = open_quizzes.held(connection, embedder, PHA203)
    (quiz,) = held.quizzes
    assert (quiz.course_id, quiz.name) == (CVS201, "Mock exam (random questions)")
    assert len({question for _, question in quiz.wordings}) == 8, "all that its random questions are drawn from"
    missed = [one for one in of_quizzes.MOCK_EXAM if held.by(one) is None]
    assert len(missed) <= 0.05 * len(of_quizzes.MOCK_EXAM), missed
    false = [one for one in of_quizzes.OTHERS if held.by(one) is not None]
    assert false == []


def test_places_that_say_what_an_open_quiz_asks_are_left_out(sitting: Client, student: Client) -> None:
    question = "Tell me about the AV node"
    answers = [said(one.chats.send(one.chats.create(CVS201).session_id, question)) for one in (student, sitting)]
    told = [" ".join(part.text for part in answer.parts) for answer in answers]
    assert "slowest" not in told[1]
    assert answers[1].notices == [KEPT_BACK.format(quiz="Mock exam (random questions)")]
    assert answers[0].notices == []


@pytest.mark.parametrize(("question", "answering"), of_quizzes.IN_OTHER_WORDS.items())
def test_who_asks_in_words_far_from_the_quizs_is_not_told_either(
    sitting: Client, question: str, answering: str
) -> None:
    answer = said(sitting.chats.send(sitting.chats.create(CVS201).session_id, question))
    assert answer.shape == "held" or answer.notices == [KEPT_BACK.format(quiz="Mock exam (random questions)")]
    assert answering not in " ".join(part.text for part in answer.parts)


def test_a_question_outside_a_conversation_is_held_too(sitting: Client) -> None:
    answer = sitting.ask(CVS201, "Where in the heart is conduction slowest?")
    assert not answer.answered
    assert answer.quotes == answer.read_next == []
    assert "Mock exam" in answer.statement
    assert sitting.ask(CVS201, "Tell me about the AV node").statement.endswith(
        KEPT_BACK.format(quiz="Mock exam (random questions)")
    )


@pytest.mark.parametrize(
    ("state", "is_preview", "is_held"),
    [
        ("inprogress", False, True),
        ("overdue", False, True),
        ("finished", False, False),
        ("abandoned", False, False),
        ("inprogress", True, False),
    ],
)
def test_moodles_own_states_say_whether_an_attempt_is_open(
    world: CoachingWorld, state: str, is_preview: bool, is_held: bool
) -> None:
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute(
            "update raw.quiz_attempts set state = %s, is_preview = %s where state = 'inprogress'", [state, is_preview]
        )
        connection.execute("set local role studium_api")
        assume(connection, world.accounts["other"])
        names = [row[0] for row in connection.execute("select name from app.open_quizzes()")]
        connection.rollback()
    assert names == (["Mock exam (random questions)"] if is_held else [])


@pytest.mark.parametrize("category", ["4", 4])
@pytest.mark.parametrize("below", [False, 0, "0", ""])
def test_a_random_slots_category_is_known_however_moodle_writes_it(
    world: CoachingWorld, category: object, below: object
) -> None:
    drawn = {"category": {"values": [category], "filteroptions": {"includesubcategories": below}}}
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute("delete from raw.question_attempts")
        connection.execute("update raw.quiz_slots set filter = %s where is_random", [Jsonb({"filter": drawn})])
        held = connection.execute("select count(*) from raw.questions where category_id = 4 and text is not null")
        expected = held.fetchone()
        connection.execute("set local role studium_api")
        assume(connection, world.accounts["other"])
        found = connection.execute("select jsonb_array_length(questions) from app.open_quizzes()").fetchone()
        connection.rollback()
    assert found == expected != (0,)


def test_a_quiz_of_whose_questions_none_is_known_closes_its_course_and_no_other(world: CoachingWorld) -> None:
    quiz = OpenQuiz(CVS201, "New quiz", ())
    embedder = open_embedder(world.settings)
    assert Held(embedder, CVS201, (quiz,)).by("What is preload?") == quiz
    assert Held(embedder, PHA203, (quiz,)).by("What is preload?") is None


def test_nobody_elses_open_quiz_is_told(world: CoachingWorld) -> None:
    with connect(world.settings, Role.API) as connection:
        assert connection.execute("select count(*) from app.open_quizzes()").fetchone() == (0,)
        assume(connection, world.accounts["student"])
        assert connection.execute("select count(*) from app.open_quizzes()").fetchone() == (0,)


@pytest.fixture(scope="module")
def modelled_world(world: CoachingWorld) -> Iterator[tuple[ModelServer, CoachingWorld]]:
    """The same people, where a model is set up."""
    with model_server() as server:
        named = {"chat_model": "openai:cheap", "chat_base_url": server.url, "chat_api_key": SecretStr("key-of-ours")}
        settings = world.settings.model_copy(update=named)
        with TestClient(create_app(settings, Limiter(factor=10_000)), raise_server_exceptions=False) as api:
            yield server, CoachingWorld(world.settings, api, world.accounts)


@pytest.fixture
def modelled(modelled_world: tuple[ModelServer, CoachingWorld]) -> tuple[ModelServer, Client]:
    server, world = modelled_world
    return server, world.client("student")


@pytest.mark.parametrize("words", ["The AV node delays the impulse [1].", ""])
def test_what_a_model_was_not_shown_for_a_quizs_sake_is_told(
    modelled_world: tuple[ModelServer, CoachingWorld], words: str
) -> None:
    server, world = modelled_world
    server.does("cheap", says(words))
    client = world.client("sitting")
    turn = client.chats.send(client.chats.create(CVS201).session_id, "Tell me about the AV node")
    assert (said(turn).model is None) == (not words)
    left_out = KEPT_BACK.format(quiz="Mock exam (random questions)")
    assert said(turn).notices == [left_out, *([] if words else [NO_MODEL])]
    assert left_out in turn.text


def test_a_models_hint_is_told_unless_it_gives_the_answer_away(modelled: tuple[ModelServer, Client]) -> None:
    server, client = modelled
    session = client.chats.create(CVS201, mode="hints")
    server.does("cheap", says("What must end before a second contraction can begin?"))
    first = client.chats.send(session.session_id, WHY)
    assert said(first).model == "openai:cheap"
    assert (said(first).statement, said(first).citations) == (WORDED, [])
    assert said(first).parts[0].text == "What must end before a second contraction can begin?"
    server.does("cheap", says("Its effective refractory period lasts almost as long as the contraction."))
    second = client.chats.send(session.session_id, "Next hint", follows=first.turn_id)
    assert said(second).model is None
    assert "refractory" not in second.model_dump_json()


def test_a_model_words_the_question_and_the_reaction_but_not_the_passage(
    modelled: tuple[ModelServer, Client],
) -> None:
    server, client = modelled
    session = client.chats.create(CVS201, mode="socratic")
    server.does("cheap", says("What keeps a second beat from beginning too early?"))
    asked = client.chats.send(session.session_id, WHY)
    assert said(asked).parts[0].text == "What keeps a second beat from beginning too early?"
    server.scripts["cheap"] = [
        says("The refractory period lasts so long that it cannot be tetanised. It was Napoleon.")
    ]
    told = said(
        client.chats.send(session.session_id, "the effective refractory period lasts as long as the contraction")
    )
    *worded, quoted = told.parts[:3]
    assert [(part.made_by, part.supported) for part in worded] == [("model", True), ("model", False)]
    assert (quoted.made_by, quoted.text.startswith(ANSWERING)) == ("course", True)
    assert told.notices == [BY_RULE]
