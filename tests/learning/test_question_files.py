"""GIFT and Moodle's XML: what is written is read to the same; what is broken is said, and costs no other question."""

import json
import random
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from studium.learning.questions.files import MOST_QUESTIONS, UnreadableFileError
from studium.learning.questions.gift import read_gift
from studium.learning.questions.gift_writing import sayable, write_gift
from studium.learning.questions.landed import landed
from studium.learning.questions.moodle_xml import read_moodle_xml
from studium.learning.questions.moodle_xml_writing import write_moodle_xml
from studium.learning.questions.records import Answer, Pair, Picture, QuestionRecord, problem, true_false
from studium.moodle.backup.archive import unpack
from studium.moodle.backup.reader import read_backup

ROOT = Path(__file__).parents[2]
BANKS = {
    "cvs201": (ROOT / "examples" / "cvs201" / "backup-moodle2-course-2-cvs201-20261122-0135.mbz", 17),
    "pha203": (ROOT / "tests" / "data" / "moodle" / "backup-moodle2-course-4-pha203-20261122-0136.mbz", 14),
}
NASTY = [
    "plain words", "a {b} = c ~ d # e : f", r"back\slash \n \\ \{", "two\nlines\n\nand more", "// no comment", "::x::",
    "%50% of it", "a -> b", "[html] is a tag", "<p>1 &lt; 2 &amp; x</p>", "]]> <![CDATA[", "$CATEGORY: x", "####",
    "TRUE", "\u03b2\u2081 \U0001f9ea na\u00efve", "#", "=", "~", "{", "}", "=%100%", "'\"", "{#3..5}", "&&058;", "T",
]  # fmt: skip


@cache
def bank(name: str) -> list[QuestionRecord]:
    """A real bank, as its backup has it."""
    path, _ = BANKS[name]
    with tempfile.TemporaryDirectory() as folder:
        unpack(path, Path(folder))
        tables = read_backup(Path(folder), "site", path.name).tables
    answers = tables["question_answers"].to_dicts()
    rows = [{**row, "settings": json.loads(row["settings"])} for row in tables["questions"].to_dicts()]
    return [
        record
        for row in rows
        if (record := landed(row, [one for one in answers if one["question_id"] == row["question_id"]]))
    ]


@pytest.mark.parametrize("name", BANKS)
def test_every_question_of_a_real_bank_survives_both_formats(name: str) -> None:
    records = bank(name)
    assert len(records) == BANKS[name][1]
    assert [problem(one) for one in records] == [None] * len(records)
    by_xml = read_moodle_xml(write_moodle_xml(records).content.encode())
    assert (by_xml.questions, by_xml.troubles) == (records, [])
    written = write_gift(records)
    by_gift = read_gift(written.content.encode())
    assert (by_gift.questions, by_gift.troubles) == ([sayable(one) for one in records], [])
    assert not written.left_out
    assert [QuestionRecord.of_stored(one.stored()) for one in records] == records


def anything(chance: random.Random) -> QuestionRecord:
    """A question of any type, with texts that mean something to the formats."""

    def some(kind: str) -> str:
        return f"{chance.choice(NASTY)}{kind}{chance.choice(NASTY)}".strip()

    text = some(" q ")
    name = " ".join(chance.choice(NASTY).replace("<", "").replace(">", "").replace("&", "").split()) or "x"
    feedback = chance.choice(["", some(" f ")])
    wrong = [Answer(some(f" {number} "), 0.0, chance.choice(["", some(" w ")])) for number in range(3)]
    common = {"general_feedback": chance.choice(["", some(" g ")]), "tags": ("a]b", "c d")[: chance.randint(0, 2)]}
    part = round(1 / 3, 7)
    right = [Answer(some(f" r{number} "), part, feedback) for number in range(3)]
    typed = [Answer(some(" r ").replace("->", ""), 1.0, feedback), Answer("part", 0.6), Answer("*", 0.0, "no")]
    pairs = [*(Pair(some(f" l{number} "), some(f" r{number} ")) for number in range(3)), Pair("", "left over")]
    own: dict[str, dict[str, object]] = {
        "one": {"qtype": "multichoice", "answers": (replace(right[0], fraction=1.0), *wrong)},
        "several": {
            "qtype": "multichoice", "single": False,
            "answers": (*right, *(replace(one, fraction=-0.5) for one in wrong)),
        },
        "truefalse": {"answers": true_false(chance.random() > 0.5, when_true=feedback, when_false=some(" n "))},
        "shortanswer": {"answers": tuple(typed)},
        "numerical": {
            "answers": (Answer("-3.5", 1.0, feedback, 0.25), Answer("4e-7", 0.5, "", 0.0), Answer("*", 0.0, "other")),
        },
        "match": {"pairs": tuple(pairs)},
        "essay": {},
    }  # fmt: skip
    kind = chance.choice(list(own))
    return QuestionRecord(**{"qtype": kind, "name": name, "text": text, **common, **own[kind]})  # type: ignore[arg-type]


def as_shown(record: QuestionRecord) -> QuestionRecord:
    """HTML may be written in several ways that say the same."""

    def same(text: str) -> str:
        return text.replace("-&gt;", "->").replace("&#37;", "%")

    return replace(
        record,
        text=same(record.text),
        general_feedback=same(record.general_feedback),
        answers=tuple(replace(one, text=same(one.text), feedback=same(one.feedback)) for one in record.answers),
        pairs=tuple(replace(one, prompt=same(one.prompt)) for one in record.pairs),
    )


def test_whatever_a_text_holds_comes_back_as_it_was() -> None:
    chance = random.Random(7)
    records = [one for one in (anything(chance) for _ in range(500)) if problem(one) is None]
    assert len({one.qtype for one in records}) == 6
    by_xml = read_moodle_xml(write_moodle_xml(records).content.encode())
    assert by_xml.troubles == []
    assert by_xml.questions == records
    by_gift = read_gift(write_gift(records).content.encode())
    assert by_gift.troubles == []
    assert [as_shown(one) for one in by_gift.questions] == [as_shown(sayable(one)) for one in records]


WRITTEN_BY_HAND = r"""
// [id:A-1] [tag:basics] [tag:week 2]
$CATEGORY: $course$/top/Cells/Transport

::Pump::The sodium pump moves {~two =three#Right. ~%50%three or four} sodium ions out.

Water follows its gradient.{T#It does.#Yes!####Osmosis.}

Glucose enters without a carrier. {FALSE}

Name the passive way. {=diffusion =%50%osmosis#Only for water.}

What is 0 \u00b0C in kelvin? {#273.15:0.5 =%50%273:0 ~#Add 273.15.}

How many? {#3..5}

Put together. {
    =sodium -> out
    =potassium -> in
}

Say why. {}

[markdown]Which are **pumps**? {~%50%SERCA ~%50%the sodium pump ~%-100%aquaporin}
""".replace(r"\u00b0", "\u00b0")


def test_gift_as_people_write_it_is_read_as_moodle_reads_it() -> None:
    found = read_gift(WRITTEN_BY_HAND.encode())
    assert found.troubles == []
    pump, water, glucose, name, kelvin, many, put, say, which = found.questions
    assert {one.category for one in found.questions} == {"Cells/Transport"}
    assert (pump.name, pump.text) == ("Pump", "The sodium pump moves _____ sodium ions out.")
    assert [(one.text, one.fraction) for one in pump.answers] == [("two", 0), ("three", 1), ("three or four", 0.5)]
    assert pump.answers[1].feedback == "Right."
    assert [(one.fraction, one.feedback) for one in water.answers] == [(1, "Yes!"), (0, "It does.")]
    assert water.general_feedback == "Osmosis."
    assert [one.fraction for one in glucose.answers] == [0, 1]
    assert [(one.text, one.fraction) for one in name.answers] == [("diffusion", 1), ("osmosis", 0.5)]
    assert [(one.text, one.fraction, one.tolerance) for one in kelvin.answers] == [
        ("273.15", 1, 0.5), ("273", 0.5, 0), ("*", 0, None),
    ]  # fmt: skip
    assert (many.answers[0].text, many.answers[0].tolerance) == ("4", 1)
    assert put.pairs == (Pair("sodium", "out"), Pair("potassium", "in"))
    assert say.qtype == "essay"
    assert which.text == "Which are <strong>pumps</strong>?"
    assert (which.single, [one.fraction for one in which.answers]) == (False, [0.5, 0.5, -1])


def test_tags_and_ids_stand_in_the_comment_above_a_question() -> None:
    [found] = read_gift(b"// [id:A-1] [tag:basics] [tag:week 2]\nWater?{T}").questions
    assert (found.idnumber, found.tags) == ("A-1", ("basics", "week 2"))


BROKEN = """A {=a ~b}

B {=a ~b

C {#x}

D {~a ~b}

E {=a -> b}

F {=a ~}

G {=a ~b} and {=c}

H {#5:far}

I {=a ~b}
"""


def test_each_broken_question_is_said_with_its_line_and_costs_no_other() -> None:
    found = read_gift(BROKEN.encode())
    assert [one.name for one in found.questions] == ["A", "I"]
    assert [(one.line, one.sentence.split(":")[0]) for one in found.troubles] == [
        (3, "A brace is missing"),
        (5, "An answer is not a number."),
        (7, "The right answers are not worth 100 % together."),
        (9, "A matching question needs at least two pairs with different answers."),
        (11, "A multiple choice question needs at least two answers."),
        (13, "There is more than one pair of braces. An empty line divides questions."),
        (15, "\u201cfar\u201d is no tolerance"),
    ]


def test_gift_says_what_it_cannot_say() -> None:
    full = QuestionRecord(
        "multichoice", "n", "t", (Answer("a", 1.0), Answer("b")), hints=("h",), shuffle=False, default_mark=2.0
    )
    every = QuestionRecord("multichoice", "all", "t", (Answer("a", 1.0), Answer("b", 1.0)))
    arrow = QuestionRecord("shortanswer", "arrow", "t", (Answer("a -> b", 1.0),))
    written = write_gift([full, every, arrow])
    assert [(one.name, one.sentence) for one in written.left_out] == [
        ("n", "GIFT has no words for its hints, mark, fixed order."),
        ("all", "GIFT cannot say a choice in which every answer is right."),
        ("arrow", "GIFT would take the arrow in its answers for pairs to match."),
    ]
    assert read_gift(written.content.encode()).questions == [sayable(full)]


def test_xml_says_all_of_a_question() -> None:
    full = QuestionRecord(
        "numerical", "n", '<img src="@@PLUGINFILE@@/a.png">', (Answer("5", 1.0, "yes", 0.5), Answer("*", 0.0, "no")),
        general_feedback="g", tags=("t",), category="A//B/C", default_mark=3.0, penalty=0.25, hints=("one", "two"),
        units=(("m", 1.0), ("km", 1000.0)), idnumber="q7",
        pictures=(Picture("a.png", "aGk=", "/", "questiontext/0"),
                  Picture("b.png", "aGk=", "/", "answer/1/feedback/0")),
    )  # fmt: skip
    found = read_moodle_xml(write_moodle_xml([full]).content.encode())
    assert (found.questions, found.troubles) == ([full], [])
    assert QuestionRecord.of_stored(full.stored()) == full


XML = '<?xml version="1.0"?>{}<quiz>{}</quiz>'
QUESTION = (
    '<question type="truefalse"><name><text>{}</text></name><questiontext format="html"><text>{}</text></questiontext>'
    '<answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question>'
)
BOMB = '<!DOCTYPE quiz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (XML.format(BOMB, QUESTION.format("n", "&b;")).encode(), "declares"),
        (XML.format('<!DOCTYPE q SYSTEM "file:///etc/passwd">', "").encode(), "declares"),
        (
            XML.format('<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/passwd">]>', QUESTION.format("n", "&x;")).encode(),
            "decl",
        ),
        (XML.format(BOMB, QUESTION.format("n", "&b;")).encode("utf-16"), "declares"),
        (XML.format("", QUESTION.format("n", "&x;")).encode(), "not well-formed"),
        (b"<quiz><question", "not well-formed"),
        (b"<html></html>", "outermost"),
        (b"<quiz>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</quiz>", "not well-formed"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"\x80abc", "UTF-8"),
        (b" " * (5 * 1024**2 + 1), "larger"),
        (XML.format("", QUESTION.format("n", "t") * (MOST_QUESTIONS + 1)).encode(), "more than"),
    ],
)
def test_a_file_that_is_no_bank_or_wants_to_harm_is_refused_whole(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableFileError, match=why):
        read_moodle_xml(data)


def test_questions_that_xml_holds_and_studium_does_not_know_are_said() -> None:
    known = QUESTION.format("fine", "t")
    cloze = '<question type="cloze"><name><text>c</text></name></question>'
    hidden = known.replace("fine", "old").replace("</question>", "<hidden>1</hidden></question>")
    picture = known.replace("fine", "p").replace(
        "</questiontext>", f'<file name="a" encoding="base64">{"A" * 1_600_000}</file></questiontext>'
    )
    share = known.replace("fine", "s").replace('"100"', '"much"')
    found = read_moodle_xml(XML.format("", "\n".join([known, cloze, hidden, picture, share])).encode())
    assert [one.name for one in found.questions] == ["fine"]
    assert [(one.name, one.line) for one in found.troubles] == [("c", 2), ("old", 3), ("p", 4), ("s", 5)]


def test_a_text_with_characters_that_no_file_holds_is_written_without_them() -> None:
    record = QuestionRecord("shortanswer", "n", "a\x00b\x07c\ud800", (Answer("x", 1.0),))
    expected = replace(record, text="abc")
    assert read_moodle_xml(write_moodle_xml([record]).content.encode()).questions == [expected]
    assert read_gift(write_gift([record]).content.encode()).questions == [expected]
