"""The rules of coaching by themselves: what is asked for, gaps, replies held against the course's words."""

import pytest

from studium.tutor.asked import asks_for_steps, sides_of, term_of
from studium.tutor.cloze import GAP, blanked, hidden, key_term
from studium.tutor.judging import compare, gives_up, is_term
from studium.tutor.shaping import items_of
from studium.tutor.threads import ANEW, topic_of
from studium.tutor.words import stem, words

SENTENCE = "The effective refractory period lasts almost as long as the contraction, so it cannot be tetanised."


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("What is preload?", "preload"),
        ("what's the ejection fraction", "ejection fraction"),
        ("define funny current", "funny current"),
        ("What is meant by an inverse agonist?", "inverse agonist"),
        ("what does potency mean?", "potency"),
        ("What is the resistance of an arteriole?", None),
        ("What is the difference between preload and afterload?", None),
        ("Why is the T wave upright?", None),
        ("", None),
    ],
)
def test_a_question_that_asks_what_something_is(question: str, term: str | None) -> None:
    assert term_of(question) == term


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("What is the difference between preload and afterload?", ("preload", "afterload")),
        ("compare inotropy with the chronotropy", ("inotropy", "chronotropy")),
        ("potency versus efficacy?", ("potency", "efficacy")),
        ("How does a partial agonist differ from a full agonist?", ("partial agonist", "full agonist")),
        ("how are type A and type B reactions different", ("type A", "type B reactions")),
        ("preload vs preload", ()),
        ("What happens to the pressure when we stand up?", ()),
        ("is the bundle of his fast or rather slow, my notes say that it is but the book does not say it", ()),
    ],
)
def test_a_question_that_compares_two_things(question: str, sides: tuple[str, ...]) -> None:
    assert sides_of(question) == sides


def test_a_question_that_asks_for_steps() -> None:
    assert asks_for_steps("What are the phases of the ventricular action potential?")
    assert asks_for_steps("How is blood pressure measured in the practical?")
    assert not asks_for_steps("How does noradrenaline speed up the pacemaker?")


def test_items_are_the_courses_own_lines_or_counted_sentences() -> None:
    listed = "Supine rest: minutes 0 and 2\nStanding: at once\nAfter stepping: at 1, 3 and 5 minutes"
    assert items_of(listed) == listed.splitlines()
    assert items_of("A | B\nA: 1; B: 2\nA: 3; B: 4\nA: 5; B: 6") == ["A: 1; B: 2", "A: 3; B: 4", "A: 5; B: 6"]
    counted = "We describe three phases. Phase 0 is fast. Phase 1 is brief. Phase 2 is long."
    assert items_of(counted) == [
        "We describe three phases.",
        "Phase 0 is fast.",
        "Phase 1 is brief.",
        "Phase 2 is long.",
    ]
    assert items_of("It is fast. It is brief. It is long. It ends.") == []
    assert items_of("one\ntwo") == []


def test_gaps_hide_what_answers_and_leave_the_question_in() -> None:
    asked = "Why can cardiac muscle not be tetanised?"
    gaps = hidden(SENTENCE, asked, [SENTENCE, "contraction of muscle", "the contraction"])
    shown = blanked(SENTENCE, gaps)
    assert GAP in shown
    assert "tetanised" in shown
    assert "contraction" in shown, "the commoner half stays"
    assert not words(shown) & gaps
    assert blanked(SENTENCE, frozenset()) == SENTENCE


def test_figures_are_hidden_first() -> None:
    gaps = hidden("About 500 mL of blood pools in the legs.", "How much blood pools when standing up?", [])
    assert "500" in gaps


@pytest.mark.parametrize(
    ("sentence", "names", "term"),
    [
        ("It is carried by the funny current through channels.", ["Funny current"], "funny"),
        ("The brain keeps its flow between 60 and 150 mmHg.", [], "150"),
        ("It opens ryanodine receptors near the membrane.", [], "ryanodine"),
        ("It is so.", [], None),
    ],
)
def test_the_word_to_ask_for(sentence: str, names: list[str], term: str | None) -> None:
    assert key_term(sentence, names, ["receptors membrane channels current", "receptors near the membrane"]) == term


@pytest.mark.parametrize(
    ("reply", "answers", "is_right"),
    [
        ("Chronotropy", ["chronotropy"], True),
        ("is it chronotropy?", ["chronotropy"], True),
        ("chronotrpoy", ["chronotropy"], True),
        ("inotropy", ["chronotropy"], False),
        ("not chronotropy", ["chronotropy"], False),
        ("sodium potassium calcium chloride magnesium", ["calcium"], False),
        ("half life", ["half-life", "t1/2"], True),
        ("arteriole", ["arterioles"], True),
        ("50 %", ["50"], True),
        ("5", ["50"], False),
        ("0,5", ["0.5"], True),
        ("", ["calcium"], False),
    ],
)
def test_a_term_is_named_or_not(reply: str, answers: list[str], is_right: bool) -> None:
    assert is_term(reply, answers) is is_right


def test_a_reply_is_held_against_a_passages_own_words() -> None:
    asked = "Why can cardiac muscle not be tetanised?"
    wanted = words(SENTENCE) - words(asked)
    good = compare("the refractory period lasts as long as the contraction", SENTENCE, wanted, asked)
    assert good.verdict == "says it"
    assert set(good.has) >= {"refractory", "period", "contraction"}
    assert "effective" in good.lacks
    assert compare("the muscle gets tired", SENTENCE, wanted, asked).verdict == "other"
    some = compare("there is a refractory period", SENTENCE, wanted, asked)
    assert (some.verdict, some.denies) == ("some", False)


def test_a_reply_that_denies_what_the_passage_says_does_not_say_it() -> None:
    passage = "In heavy exercise total peripheral resistance falls."
    wanted, asked = words(passage), "What happens to resistance in exercise?"
    assert compare("peripheral resistance falls in heavy exercise", passage, wanted, asked).verdict == "says it"
    denied = compare("peripheral resistance never falls in heavy exercise", passage, wanted, asked)
    assert (denied.verdict, denied.denies) == ("other", True)


def test_who_gives_up_is_told() -> None:
    for reply in ("I don't know", "no idea", "?", " ", "Show me", "idk..."):
        assert gives_up(reply), reply
    for reply in ("I know: calcium", "the pass mark is 50", "tellurium"):
        assert not gives_up(reply), reply


@pytest.mark.parametrize(
    ("content", "topic"),
    [
        ("Quiz me on half-life", "half-life"),
        ("Another question", ""),
        ("another one please", ""),
        ("Next question about preload!", "preload"),
        ("baroreceptor reflex", "baroreceptor reflex"),
    ],
)
def test_the_topic_of_a_message(content: str, topic: str) -> None:
    assert topic_of(content) == topic


def test_a_reply_is_not_taken_for_something_new() -> None:
    for reply in ("calcium", "skipping beats", "the next beat is stronger", "nextdoor cells"):
        assert not ANEW.match(reply), reply


def test_words_hold_letters_with_figures_together() -> None:
    assert words("CO2 and t1 of 0.12 s at 120/80") == {stem("CO2"), "t1", "0.12", "120", "80"}
