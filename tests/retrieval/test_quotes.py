"""Passages as quotes and readings."""

from dataclasses import replace
from uuid import UUID

import pytest

from studium.retrieval.quotes import as_quote, as_reading
from studium.retrieval.search import Passage

DOCUMENT = UUID(int=7)
CHUNK = "Before it. The passage stands here. After it."
START, END = CHUNK.index("The"), CHUNK.index(" After")


@pytest.fixture
def passage() -> Passage:
    return Passage(
        passage_id=1, chunk_id=UUID(int=1), document_id=DOCUMENT, score=0.03, similarity=0.5, lexical_score=1.0,
        text=CHUNK[START:END], start_offset=START, end_offset=END, chunk_text=CHUNK,
        page=3, page_kind="page", chapter=None, heading="A heading", title="Handout", filename="handout.pdf",
        media_type="application/pdf", source="moodle", source_url="http://m.test/7", course_id="s:1",
        module_id="s:2", module_name="Lecture handout", section_id="s:3", section_name="Week 1",
    )  # fmt: skip


def test_a_passage_is_quoted_word_for_word_with_what_stands_around_it(passage: Passage) -> None:
    quote = as_quote(passage)
    assert (quote.before, quote.text, quote.after) == ("Before it.", "The passage stands here.", "After it.")
    assert (quote.title, quote.module_name, quote.section_name) == ("Handout", "Lecture handout", "Week 1")
    assert (quote.page, quote.page_kind, quote.heading, quote.score) == (3, "page", "A heading", 0.03)


def test_the_heading_above_a_passage_is_no_part_of_the_quote(passage: Passage) -> None:
    chunk = "A heading\n\nThe passage stands here.\n\nAnd here."
    quote = as_quote(replace(passage, chunk_text=chunk, start_offset=0, end_offset=len(chunk)))
    assert (quote.before, quote.text) == ("A heading", "The passage stands here.\n\nAnd here.")
    alone = as_quote(replace(passage, chunk_text="A heading\n\n", start_offset=0, end_offset=11))
    assert alone.text.strip() == "A heading"


def test_a_part_of_the_chunk_can_be_quoted_instead(passage: Passage) -> None:
    quote = as_quote(passage, 0, 10, 0.9)
    assert (quote.before, quote.text, quote.score) == ("", "Before it.", 0.9)
    assert quote.after == "The passage stands here. After it."


def test_a_pdf_opens_at_its_page(passage: Passage) -> None:
    reading = as_reading(passage)
    assert reading.open_url.endswith("#page=3")
    assert str(DOCUMENT) in reading.open_url
    assert reading.source_url == "http://m.test/7"
