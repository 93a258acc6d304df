"""A model's words, cut into sentences with what they cite, however they come."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studium.tutor.sentences_told import Told, cited, cut

ANSWER = (
    "FSH acts on follicles. [1] [2] It rises, e.g. on day 13 [3]! Why?\n"
    "1. First this (fig. 2) happens.[4]\n- then that [1, 2]\n\n## End\nIt is over"
)
SENTENCES = [
    ("FSH acts on follicles.", [1, 2], False),
    ("It rises, e.g. on day 13!", [3], True),
    ("Why?", [], True),
    ("1. First this (fig. 2) happens.", [4], False),
    ("- then that", [1, 2], False),
    ("End", [], False),
    ("It is over", [], False),
]


def read(pieces: list[str]) -> list[tuple[str, list[int], bool]]:
    return [(*cited(told.text), told.goes_on) for told in cut(pieces) if told]


def test_sentences_have_what_they_cite() -> None:
    assert read([ANSWER]) == SENTENCES


@given(st.lists(st.integers(1, len(ANSWER) - 1), max_size=40))
def test_it_does_not_matter_how_the_words_come(cuts: list[int]) -> None:
    edges = [0, *sorted(set(cuts)), len(ANSWER)]
    assert read([ANSWER[a:b] for a, b in pairwise(edges)]) == SENTENCES


def test_letter_by_letter_a_sentence_is_told_when_the_next_begins() -> None:
    told = list(cut(iter("One is. [1] Two")))
    assert told.index(Told("One is [1].", goes_on=False)) == len("One is. [1] T") - 1


@pytest.mark.parametrize("text", ["", " \n ", "[1]", "..."])
def test_nothing_is_no_sentence(text: str) -> None:
    assert [one for one in read([text]) if one[0].strip(". ")] == []
