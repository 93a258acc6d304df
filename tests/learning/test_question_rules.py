"""Questions by rule: one right answer, wrong ones of its kind, none told or guessable; and what is refused."""

import re
from html import unescape
from uuid import uuid4

import pytest

from studium.learning.making.material import Source
from studium.learning.questions.making.entries import entries
from studium.learning.questions.making.made import DIFFICULTIES, Made
from studium.learning.questions.records import ASKED, problem
from studium.learning.questions.rules import chosen, questions


def source(text: str, title: str = "Markets", heading: str | None = "Prices", kind: str = "page") -> Source:
    return Source(text=text, title=title, heading=heading, kind=kind, topic_id="t1", chunk_id=uuid4(), sha256="x")


def entry(names: str, meaning: str) -> Source:
    return source(f"{names}\n\n{meaning}", "Glossary", names, "glossary")


GLOSSARY = [
    entry("Inflation; price rise", "A sustained rise in the general level of what goods cost."),
    entry("Tariff", "A tax on goods that are brought in from abroad."),
    entry("Monopoly", "A market in which one seller serves everybody."),
    entry("Elasticity", "How strongly the quantity asked for follows a change of its cost."),
    entry("Subsidy", "Money the state gives to those who make something."),
]
SEATS = {"Riksbank": "Stockholm", "Bundesbank": "Frankfurt", "Norges Bank": "Oslo", "Banxico": "Mexico City"}
TABLE = "\n".join(["Bank | Seat", *(f"Bank: {bank}; Seat: {seat}" for bank, seat in SEATS.items())])
PROSE = (
    "Tariffs raise the cost of imports. The central bank aims at a price rise of 2 % a year. Opportunity cost is the "
    "value of the best alternative that is given up. Higher wages may lower the demand for labour."
)
COURSE = [*GLOSSARY, source(TABLE), source(PROSE, heading="Trade")]


def plain(one: Made) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", one.record.text))


@pytest.fixture(scope="module")
def made() -> list[Made]:
    return questions(COURSE)


def test_every_question_has_one_right_answer_and_stands_on_words_of_its_passage(made: list[Made]) -> None:
    assert {one.maker for one in made} == {"term", "meaning", "typed_term", "match", "table", "figure", "direction"}
    assert {one.difficulty for one in made} == set(DIFFICULTIES)
    for one in made:
        record = one.record
        assert record.qtype in ASKED
        assert problem(record) is None
        if record.qtype == "multichoice":
            texts = [answer.text.casefold() for answer in record.answers]
            assert len(record.right) == 1
            assert len(set(texts)) == len(texts) >= 3
        said = [" ".join(part.split()) for part in one.quote.split("; ")]
        assert all(part in " ".join(one.source.text.split()) for part in said)
        assert record.general_feedback


def test_the_same_material_gives_the_same_questions(made: list[Made]) -> None:
    assert [(one.key, one.record) for one in questions(COURSE)] == [(one.key, one.record) for one in made]


def test_what_is_shown_never_holds_the_answer(made: list[Made]) -> None:
    for one in made:
        if one.maker in ("term", "typed_term"):
            right = one.record.right[0].text.casefold()
            assert right not in plain(one).casefold()
    assert not [one for one in questions([entry("Price level", "The level of each price, on the whole."), *GLOSSARY])
                if one.maker == "typed_term" and "Price level" in str(one.record.answers)]  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        entry("Hidden inflation", "A rise that no index of the state shows to anybody."),
        entry("Price rise", "What follows when too much money is printed by a state."),
        entry("Dearth", "A sustained rise in the general level of prices."),
        entry("Stagflation", "Standstill of output together with inflation and without growth."),
        entry("Rises", "Several sudden moves of what something costs on a market."),
    ],
    ids=["narrower", "other name", "same meaning", "mentions it", "plural"],
)
def test_what_could_be_right_as_well_is_no_wrong_answer(other: Source) -> None:
    name = (other.heading or "").casefold()
    of_inflation = [
        one for one in questions([*GLOSSARY, other]) if one.maker == "term" and one.record.right[0].text == "Inflation"
    ]
    for one in of_inflation:
        assert name not in [answer.text.casefold() for answer in one.record.answers]


def test_with_too_few_terms_there_is_no_choice() -> None:
    assert not [one for one in questions(GLOSSARY[:3]) if one.maker in ("term", "meaning")]


def table(*rows: tuple[str, str], head: str = "Partner") -> list[Made]:
    lines = [f"Receptor: {name}; {head}: {value}" for name, value in rows]
    return [
        one for one in questions([source("\n".join([f"Receptor | {head}", *lines]))]) if one.maker in ("table", "match")
    ]


def test_a_table_is_asked_only_where_each_value_is_one_rows_alone() -> None:
    plain_rows = [("adrenal", "cortex"), ("opioid", "morphine"), ("insulin", "glucose"), ("nicotinic", "curare")]
    assert len(table(*plain_rows)) > len(plain_rows)
    assert table(*plain_rows[:3], ("nicotinic", "morphine")) == []
    assert table(*plain_rows[:3], ("nicotinic", "morphine, curare")) == []
    assert table(*plain_rows, head="Note") == []
    assert table(*plain_rows[:2]) == []


def test_rows_that_differ_by_a_number_lend_each_other_no_wrong_answers() -> None:
    rows = [("M2", "atropine"), ("M3", "tiotropium"), ("A1", "doxazosin"), ("B1", "bisoprolol"), ("N1", "curare")]
    for one in table(*rows):
        texts = {answer.text.casefold() for answer in one.record.answers}
        assert not texts >= {"atropine", "tiotropium"}
        assert not texts >= {"m2", "m3"}
        assert len({pair.prompt[0] for pair in one.record.pairs}) == len(one.record.pairs)


def test_a_value_with_a_remark_stands_out_and_is_no_choice() -> None:
    rows = [("adrenal", "cortex"), ("opioid", "morphine"), ("insulin", "glucose"), ("nicotinic", "curare (once)")]
    assert not [
        one for one in table(*rows, ("gaba", "valium")) if any("(" in answer.text for answer in one.record.answers)
    ]


@pytest.mark.parametrize(
    ("sentence", "answer"),
    [
        ("Oceanic crust is about 7 km thick on the whole planet.", (7, 0.7)),
        ("Continental crust reaches 70 km under high mountains.", (70, 0.7)),
        ("Oceanic crust is 7 to 10 km thick on the whole planet.", None),
        ("Oceanic crust is 7 km thick and sinks at 5 cm in a year.", None),
        ("A loss of 10 % of the blood volume lowers the pressure.", None),
        ("The crust of version 2 differs from that of version 3.", None),
        ("If the crust is 7 km thick the wave arrives early.", None),
    ],
)
def test_a_figure_is_asked_for_where_the_sentence_has_one_that_is_known(
    sentence: str, answer: tuple[float, float] | None
) -> None:
    found = [one.record.answers[0] for one in questions([source(sentence, "Crust", "Crust")]) if one.maker == "figure"]
    assert [(float(one.text), one.tolerance) for one in found] == ([answer] if answer else [])


@pytest.mark.parametrize(
    ("sentence", "options"),
    [
        ("Tariffs raise the cost of imports.", {"raise", "lower", "do not change"}),
        ("Aspirin inhibits the enzyme cyclooxygenase.", {"inhibits", "stimulates", "does not affect"}),
        ("Tariffs may raise the cost of imports.", None),
        ("Tariffs do not raise the cost of imports.", None),
        ("Tariffs raise the cost of imports and lower the volume.", None),
        ("Tariffs raise the cost of imports by 10 %.", None),
        ("Tariffs raise the cost of imports more than quotas.", None),
    ],
)
def test_a_direction_is_asked_for_where_the_sentence_says_it_plainly(sentence: str, options: set[str] | None) -> None:
    found = [one.record for one in questions([source(sentence, "Trade", "Trade")]) if one.maker == "direction"]
    assert [{answer.text for answer in one.answers} for one in found] == ([options] if options else [])


def test_material_that_is_not_of_the_subject_is_not_asked_about() -> None:
    for title in ("Results", "Reading list", "Worked example"):
        assert questions([source(TABLE, title, title)]) == []
    assert questions([source(TABLE, kind="forum")]) == []


def test_hostile_texts_of_the_course_stay_texts() -> None:
    rows = [("<script>x()</script>a", "<img src=x onerror=y()>"), ("b", "&lt;c"), ("d", "e"), ("f", "g"), ("h", "k")]
    for one in table(*rows):
        shown = f"{one.record.text}{one.record.general_feedback}{[answer.text for answer in one.record.answers]}"
        assert "<script" not in shown
        assert "<img" not in shown


def test_a_set_is_of_the_difficulty_asks_nothing_twice_and_nothing_there_was(made: list[Made]) -> None:
    easy = chosen(made, "easy", 4)
    assert len(easy) == 4
    assert {one.difficulty for one in easy} == {"easy"}
    assert len({one.maker for one in easy}) > 1
    assert len({one.quote for one in easy}) == 4
    further = chosen(made, "easy", 50, {one.key for one in easy})
    assert further
    assert not {one.key for one in easy} & {one.key for one in further}
    everything = {one.key for one in made}
    assert chosen(made, "hard", 5, everything) == []


def test_a_glossary_lends_a_topic_the_terms_it_uses() -> None:
    page = Source(text="Every tariff changes what people buy.", title="Trade", topic_id="t2", chunk_id=uuid4())
    about = {name for one in questions([*GLOSSARY, page], "t2") for name in one.about}
    assert "tariff" in about
    assert "subsid" not in about


def test_an_entry_has_its_other_names_and_proper_names_keep_their_capitals() -> None:
    text = "The Gini coefficient is a measure of inequality among people. Deflation is a sustained fall in all prices."
    found = {one.name: one for one in entries([*GLOSSARY, source(text)])}
    assert found["Inflation"].names == ("Inflation", "price rise")
    assert "Gini coefficient" in found
    assert found["Gini coefficient"].meaning == "a measure of inequality among people"
