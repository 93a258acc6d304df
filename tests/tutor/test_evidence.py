"""Which sentences answer: pure rules."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from studium.retrieval.search import Passage
from studium.tutor.evidence import (
    MOST_QUOTES,
    SMALLEST_SCORE,
    WHOLE_PARAGRAPH,
    by_evidence,
    choose,
    distinct,
    score,
    sentences_of,
    weigh,
)

CHUNK = (
    "Control of the heart\n\nVagal tone slows the node. Noradrenaline (Smith et al. 1990) speeds it. Why is that so?"
)

LONG = f"{CHUNK} {'It is said at length. ' * WHOLE_PARAGRAPH}"


def passage(chunk_text: str, start: int = 0, end: int | None = None, *, chunk_id: UUID | None = None) -> Passage:
    end = len(chunk_text) if end is None else end
    return Passage(
        passage_id=1, chunk_id=chunk_id or uuid4(), document_id=uuid4(), score=0.03, similarity=0.5, lexical_score=1.0,
        text=chunk_text[start:end], start_offset=start, end_offset=end, chunk_text=chunk_text,
        page=None, page_kind=None, chapter=None, heading="Control of the heart", title="Lecture 1", filename=None,
        media_type=None, source="moodle", source_url=None, course_id="s:1", module_id="s:2", module_name="Lecture 1",
        section_id="s:3", section_name="Week 1",
    )  # fmt: skip


def test_sentences_are_statements_word_for_word() -> None:
    found = sentences_of([passage(CHUNK)])
    assert [one.text for one in found] == [
        "Vagal tone slows the node.",
        "Noradrenaline (Smith et al. 1990) speeds it.",
    ]
    assert found[0].in_context == "Control of the heart\nVagal tone slows the node."


def test_offsets_are_the_chunks() -> None:
    begin = CHUNK.index("Noradrenaline")
    found = sentences_of([passage(CHUNK, begin, CHUNK.index(" Why"))])
    assert [CHUNK[one.start : one.end] for one in found] == ["Noradrenaline (Smith et al. 1990) speeds it."]


@pytest.mark.parametrize(
    "text",
    [
        "What sets the rate of the node?",
        "2. Explain the delay at the AV node.",
        "See also the page on the cycle.",
        "Lecture 1",
        "control of the heart",
        "The node",
        "   ",
    ],
)
def test_questions_tasks_and_headings_are_no_answers(text: str) -> None:
    assert sentences_of([passage(text)]) == []


def test_what_two_documents_say_alike_is_one_sentence() -> None:
    again = passage("Vagal  tone slows the NODE.")
    assert len(sentences_of([passage("Vagal tone slows the node."), again])) == 1


def test_a_score_rises_with_likeness_and_with_the_words_of_the_question() -> None:
    asked = {"vagal": 1.0, "tone": 1.0}
    full = score(0.6, 0.5, asked, {"vagal", "tone"}, {"vagal", "tone"})
    assert full == pytest.approx(0.4 * 0.6 + 0.4 * 0.5 + 0.2)
    assert score(0.7, 0.5, asked, {"vagal", "tone"}, {"vagal", "tone"}) > full
    assert score(0.6, 0.6, asked, {"vagal", "tone"}, {"vagal", "tone"}) > full
    assert score(0.6, 0.5, asked, {"vagal"}, {"vagal", "tone"}) < full
    assert score(0.6, 0.5, asked, {"vagal"}, {"vagal"}) < score(0.6, 0.5, asked, {"vagal"}, {"vagal", "tone"})


def test_a_question_of_nothing_but_asking_still_counts_its_words() -> None:
    assert score(0.0, 0.0, weigh({"mean"}, [{"mean"}]), {"mean"}, set()) == pytest.approx(0.1)
    assert score(0.5, 0.5, weigh(set(), [{"mean"}]), {"mean"}, set()) == pytest.approx(0.4)


def test_what_few_of_the_found_passages_speak_of_is_what_was_asked() -> None:
    found = [{"aortic", "stenosi"}, {"aortic"}, {"aortic", "valv"}]
    weights = weigh({"aortic", "stenosi", "treat", "do"}, found)
    assert weights["treat"] > weights["stenosi"] > weights["aortic"] > 0
    assert "do" not in weights
    of_none = score(0.5, 0.5, weights, {"aortic", "stenosi"}, {"aortic", "stenosi"})
    assert of_none < score(0.5, 0.5, weights, {"stenosi", "treat"}, {"stenosi", "treat"})


def test_nothing_good_enough_is_no_answer() -> None:
    found = sentences_of([passage(CHUNK)])
    assert choose(found, [SMALLEST_SCORE - 0.01] * 2) == []
    assert choose([], []) == []


def test_neighbours_become_one_quote_in_the_texts_order() -> None:
    found = sentences_of([passage(LONG)])[:2]
    quotes = choose(found, [0.7, 0.72])
    assert [quote.text for quote in quotes] == [f"{found[0].text} {found[1].text}"]
    assert quotes[0].score == 0.72


def test_what_is_much_weaker_than_the_best_is_left_out() -> None:
    found = sentences_of([passage(LONG)])[:2]
    assert [quote.text for quote in choose(found, [0.9, 0.6])] == [found[0].text]


def test_a_short_paragraph_is_quoted_whole_and_a_long_one_is_not() -> None:
    text = f"Receptors\n\nGs raises cyclic AMP\nGi lowers it by half\n\n{'It goes on and on. ' * WHOLE_PARAGRAPH}"
    found = sentences_of([passage(text)])
    assert [one.text for one in choose(found, [0.7, 0.9, 0.1])] == ["Gs raises cyclic AMP\nGi lowers it by half"]
    assert [one.text for one in choose(found, [0.1, 0.1, 0.9])] == ["It goes on and on."]


def test_of_a_paragraph_that_asks_the_sentence_alone_is_quoted() -> None:
    found = sentences_of([passage("I read that the node has few such channels. Is the potential too positive?")])
    assert [one.text for one in choose(found, [0.9])] == ["I read that the node has few such channels."]


def test_of_a_quoted_chunk_only_what_comes_nearer_is_quoted_too() -> None:
    found = sentences_of([passage("The node fires alone. It has no rest.")])
    assert [one.text for one in choose(found, [0.9, 0.9 * 0.75])] == ["The node fires alone. It has no rest."], "short"
    long = sentences_of([passage(LONG)])[:2]
    assert [one.text for one in choose(long, [0.9, 0.9 * 0.75])] == [long[0].text]


def test_once_the_best_is_good_enough_what_comes_near_it_is_quoted_too() -> None:
    found = sentences_of([passage("The node fires alone. It has no rest."), passage("Its potential drifts up.")])
    near = SMALLEST_SCORE * 0.9
    elsewhere = replace(found[2], passage=replace(found[2].passage, chunk_id=uuid4()))
    assert len(choose([found[0], elsewhere], [SMALLEST_SCORE, near])) == 2
    assert choose([found[0], found[2]], [near, near]) == []


def test_passages_stand_in_the_order_of_their_best_sentences_and_none_twice() -> None:
    texts = ["Vagal tone slows the node.", "The aorta is a wide vessel.", "Vagal  tone slows the node."]
    passages = distinct([replace(passage(text), passage_id=number) for number, text in enumerate(texts)])
    assert [one.passage_id for one in passages] == [0, 1]
    assert [one.passage_id for one in by_evidence(passages, sentences_of(passages), [0.4, 0.6])] == [1, 0]
    assert by_evidence([replace(passages[0], similarity=None), passages[1]], [], [])[0].passage_id == 1


def test_at_most_five_quotes_best_first() -> None:
    found = sentences_of([passage(f"Fact number {number} is stated here.") for number in range(6)])
    quotes = choose(found, [0.70, 0.71, 0.75, 0.72, 0.73, 0.74])
    assert [quote.score for quote in quotes] == [0.75, 0.74, 0.73, 0.72, 0.71]
    assert len(quotes) == MOST_QUOTES


def test_sentences_of_two_chunks_are_never_joined() -> None:
    text = "Vagal tone slows the node."
    found = sentences_of([passage(text), passage("Noradrenaline speeds the node.")])
    assert len(choose(found, [0.8, 0.8])) == 2
