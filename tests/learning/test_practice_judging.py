"""What answers are worth, by the rule of each type, and what of a question's texts is shown."""

from uuid import UUID

import pytest

from studium.learning.practice.calibration import calibration, wilson
from studium.learning.practice.judging import BadAnswerError, Given, judge, luck, options, prompts, right_answer
from studium.learning.practice.texts import clean, plain
from studium.learning.questions.records import Answer, Pair, QuestionRecord, true_false

ID = UUID(int=5)


def typed(qtype: str, *answers: Answer, **settings: object) -> QuestionRecord:
    return QuestionRecord(qtype=qtype, name="q", text="<p>?</p>", answers=answers, **settings)  # type: ignore[arg-type]


SINGLE = typed(
    "multichoice", Answer("<b>Sodium</b>", 1, "<p>Yes.</p>"), Answer("Calcium", 0, "In nodes."), Answer("Both", 0.5),
    general_feedback="<p>Fast cells.</p>",
)  # fmt: skip
SEVERAL = typed(
    "multichoice", Answer("a", 0.5), Answer("b", 0.5), Answer("c", -0.5), Answer("d", 0), single=False
)  # fmt: skip
MATCH = QuestionRecord(
    qtype="match", name="q", text="?", pairs=(Pair("Phase 0", "Na"), Pair("Phase 2", "Ca"), Pair("", "Cl"))
)


@pytest.mark.parametrize(
    ("record", "choices", "fraction"),
    [
        (SINGLE, [0], 1), (SINGLE, [1], 0), (SINGLE, [2], 0.5),
        (SEVERAL, [0, 1], 1), (SEVERAL, [0], 0.5), (SEVERAL, [0, 1, 2], 0.5), (SEVERAL, [2], 0),
        (SEVERAL, [0, 1, 3], 0.5), (SEVERAL, [0, 1, 2, 3], 0), (SEVERAL, [1, 0, 1], 1),
        (typed("truefalse", *true_false(is_true=False)), [1], 1),
        (MATCH, [0, 1], 1), (MATCH, [0, 2], 0.5), (MATCH, [1, 0], 0), (MATCH, [0, 0], 0.5),
    ],
)  # fmt: skip
def test_what_is_chosen(record: QuestionRecord, choices: list[int], fraction: float) -> None:
    judged = judge(record, Given(tuple(choices)))
    assert judged.fraction == pytest.approx(fraction)
    assert judged.is_correct == (fraction == 1)


@pytest.mark.parametrize(
    ("answer", "said", "fraction"),
    [
        (Answer("acetylcholine", 1), " Acetylcholine ", 1),
        (Answer("acetylcholine", 1), "acetylcholin", 0),
        (Answer("*Starling*", 1), "the Frank-Starling law", 1),
        (Answer("*Starling*", 1), "Frank", 0),
        (Answer(r"2\*3", 1), "2*3", 1),
        (Answer(r"2\*3", 1), "2x3", 0),
        (Answer("a.c", 1), "abc", 0),
        (Answer("(a+)+$", 1), "aaaa!", 0),
        (Answer("stroke  volume", 1), "stroke volume", 1),
        (Answer("e\u0301tat", 1), "\u00e9tat", 1),
        (Answer("x", 1), "", 0),
        (Answer("*", 0.3), "anything", 0.3),
    ],
)
def test_what_is_typed(answer: Answer, said: str, fraction: float) -> None:
    assert judge(typed("shortanswer", answer), Given(text=said)).fraction == fraction


def test_letters_count_where_the_question_says_so() -> None:
    record = typed("shortanswer", Answer("ACh", 1), case_sensitive=True)
    assert [judge(record, Given(text=said)).fraction for said in ("ACh", "ach")] == [1, 0]


@pytest.mark.parametrize(
    ("said", "fraction"),
    [
        ("-40", 1), ("\u221240", 1), ("-44.9 mV", 1), ("-45", 1), ("-45.1", 0), ("-4e1", 1), ("-40,0", 1), ("40", 0),
        ("-0.04 V", 1), ("-60", 0.4), ("about -41", 1),
    ],
)  # fmt: skip
def test_numbers(said: str, fraction: float) -> None:
    record = typed(
        "numerical", Answer("-40", 1, tolerance=5), Answer("-60", 0.4, tolerance=2), units=(("mV", 1.0), ("V", 1000.0))
    )
    assert judge(record, Given(text=said)).fraction == fraction


@pytest.mark.parametrize(
    ("record", "given"),
    [
        (SINGLE, Given((0, 1))), (SINGLE, Given(())), (SINGLE, Given((3,))), (SINGLE, Given(text="Sodium")),
        (SEVERAL, Given(())), (MATCH, Given((0,))), (MATCH, Given((0, 3))), (MATCH, Given(text="x")),
        (typed("numerical", Answer("1", 1)), Given(text="one")), (typed("shortanswer", Answer("a", 1)), Given((0,))),
        (typed("essay"), Given(text="x")),
    ],
)  # fmt: skip
def test_what_is_no_answer(record: QuestionRecord, given: Given) -> None:
    with pytest.raises(BadAnswerError):
        judge(record, given)


def test_what_is_said_to_an_answer() -> None:
    judged = judge(SINGLE, Given((1,)))
    assert (judged.given, judged.right_answer) == ("Calcium", "Sodium")
    assert judged.said == ("In nodes.", "Fast cells.")
    assert judge(MATCH, Given((1, 0))).given == "Phase 0 → Ca; Phase 2 → Na"
    assert right_answer(MATCH) == "Phase 0 → Na; Phase 2 → Ca"
    assert right_answer(SEVERAL) == "a; b"
    assert right_answer(typed("shortanswer", Answer("Frank", 0.5), Answer("*Starling*", 1))) == "Starling"


def test_options_stand_in_an_order_that_does_not_tell_and_does_not_change() -> None:
    many = typed("multichoice", *(Answer(str(n), float(n == 0)) for n in range(8)))
    firsts = {options(many, UUID(int=n))[0][0] for n in range(40)}
    assert len(firsts) > 4
    assert options(many, ID) == options(many, ID)
    assert sorted(options(many, ID)) == [(n, str(n)) for n in range(8)]
    as_written = typed("multichoice", Answer("a", 1), Answer("b", 0), Answer("None of these", 0), shuffle=False)
    assert [text for _, text in options(as_written, ID)] == ["a", "b", "None of these"]
    assert prompts(MATCH) == ["Phase 0", "Phase 2"]
    assert {text for _, text in options(MATCH, ID)} == {"Na", "Ca", "Cl"}


def test_luck_is_what_knowing_nothing_earns() -> None:
    types = (SINGLE, SEVERAL, MATCH, typed("truefalse", *true_false(is_true=True)), typed("numerical", Answer("1", 1)))
    assert [luck(one) for one in types] == pytest.approx([1 / 3, 1 / 15, 1 / 3, 1 / 2, 0])


def test_texts_are_cleaned_and_their_meaning_stays() -> None:
    hostile = (
        '<p onclick="x()">K<sub>d</sub> of H<sub>2</sub>O<sup>+</sup><script>alert(1)</script><img src=x onerror=y>'
    )
    assert plain(hostile) == "K_d of H\u2082O\u207a [picture, in Moodle]"
    shown = clean(hostile)
    assert "<sub>2</sub>" in shown
    assert not {"script", "onclick", "onerror", "<img"} & {
        part for part in ("script", "onclick", "onerror", "<img") if part in shown
    }
    assert clean('<a href="javascript:x()">go</a><style>*{}</style><iframe src=x>') == "go"
    assert plain("") == plain("<!-- -->") == ""
    assert plain("<ul><li>one</li><li>two</li></ul>") == "one two"


def test_calibration_says_nothing_of_few_answers_and_how_sure_it_is_of_many() -> None:
    few = calibration([(4, True)] * 9)
    assert few.gap is None
    assert "1 more" in few.verdict
    over = calibration([(4, n % 2 == 0) for n in range(40)])
    assert over.gap == pytest.approx(0.45)
    assert over.gap_low is not None
    assert over.gap_low > 0
    assert over.verdict.startswith("You are surer than you are right, by 45 points")
    under = calibration([(1, True)] * 12 + [(1, False)] * 2)
    assert "more often than you think" in under.verdict
    fits = calibration([(3, n % 4 != 0) for n in range(40)])
    assert "fits" in fits.verdict
    assert fits.brier == pytest.approx(0.1875)
    assert [one.answers for one in fits.steps] == [0, 0, 40, 0]


def test_the_range_of_a_share_is_wilsons() -> None:
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 5)[0] == pytest.approx(0)
    assert wilson(5, 5)[1] == pytest.approx(1)
