"""Chunks and passages: nothing lost, nothing too long, and an edit touches only what it touches."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studium.content.chunk import CHUNK_TOKENS, Chunk, chunk
from studium.content.records import Element, Kind, PageKind, Parsed
from studium.content.tokens import MODEL_TOKENS, SPECIAL_TOKENS, count_tokens

WORDS = [
    "xylem",
    "phloem",
    "water",
    "sugar",
    "leaf",
    "root",
    "stomata",
    "light",
    "chlorophyll",
    "enzyme",
    "carbon",
    "cycle",
    "membrane",
    "potential",
    "transport",
    "the",
    "of",
    "a",
    "in",
    "which",
    "because",
    "through",
    "pressure",
    "gradient",
    "cell",
    "wall",
    "guard",
    "photosynthesis",
    "respiration",
    "energy",
    "moves",
]


def prose(rng: random.Random, words: int) -> str:
    sentences = []
    while words > 0:
        length = min(words, rng.randint(6, 22))
        sentences.append(" ".join(rng.choices(WORDS, k=length)).capitalize() + ".")
        words -= length
    return " ".join(sentences)


def document(rng: random.Random, paragraphs: int, *, headings: float = 0.1, longest: int = 150) -> list[Element]:
    elements = []
    for _ in range(paragraphs):
        if rng.random() < headings:
            elements.append(Element("title", prose(rng, 4), rng.randint(0, 2)))
        kind: Kind = rng.choice(["text", "text", "text", "list_item"])
        elements.append(Element(kind, prose(rng, rng.randint(3, longest))))
    return elements


def of(elements: list[Element], page_kind: PageKind | None = None) -> list[Chunk]:
    return chunk(Parsed("text/plain", elements, page_kind=page_kind))


def names(chunks: list[Chunk]) -> set[str]:
    return {passage.sha256 for one in chunks for passage in one.passages}


def squeezed(text: str) -> str:
    return "".join(text.split())


elements_of_any_kind = st.lists(
    st.builds(
        Element,
        st.sampled_from(["title", "text", "list_item", "row", "code"]),
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=400).filter(str.strip),
        st.integers(0, 3),
        st.none() | st.integers(1, 3),
    ),
    max_size=12,
)


@given(elements_of_any_kind, st.sampled_from([None, "page", "slide"]))
@settings(max_examples=60, deadline=None)
def test_nothing_is_lost_and_passages_stand_where_they_say(elements: list[Element], page_kind: str | None) -> None:
    chunks = of(elements, page_kind=page_kind)
    assert squeezed("".join(one.text for one in chunks)) == squeezed("".join(element.text for element in elements))
    for one in chunks:
        assert one.passages
        assert squeezed("".join(passage.text for passage in one.passages)) == squeezed(one.text)
        for passage in one.passages:
            assert one.text[passage.start : passage.end] == passage.text
        assert all(before.end <= after.start for before, after in pairwise(one.passages))


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_longer_than_the_model_sees(seed: int) -> None:
    rng = random.Random(seed)
    chunks = of(document(rng, 60, longest=900))
    embedded = count_tokens([passage.embedded_text for one in chunks for passage in one.passages])
    assert max(embedded) + SPECIAL_TOKENS <= MODEL_TOKENS
    assert max(count_tokens([one.text for one in chunks])) <= CHUNK_TOKENS
    assert max(one.token_count for one in chunks) <= CHUNK_TOKENS
    assert sum(embedded) / len(embedded) > 60  # and they are not crumbs


@pytest.mark.parametrize(
    "text",
    [
        "a" * 300_000,
        "word " * 20_000,
        "光合成は植物が光を変える過程です" * 500,
        "\u0301" * 5000,
        "a,b;" * 9000,
        "🌱" * 3000,
    ],
    ids=["one word", "one sentence", "no blanks", "marks", "punctuation", "emoji"],
)
def test_text_without_sentences_is_cut_all_the_same(text: str) -> None:
    chunks = of([Element("text", text.strip())])
    assert squeezed("".join(one.text for one in chunks)) == squeezed(text)
    passages = [passage for one in chunks for passage in one.passages]
    assert max(count_tokens([passage.text for passage in passages])) + SPECIAL_TOKENS <= MODEL_TOKENS
    assert max(len(passage.text) for passage in passages) <= 254 * 12


def test_place_of_a_chunk() -> None:
    chunks = of(
        [
            Element("title", "Light", 0, 1),
            Element("title", "Pigments", 1, 1),
            Element("text", "Chlorophyll absorbs light.", page=1),
            Element("text", "It looks green.", page=2),
            Element("title", "Roots", 0, 2),
            Element("text", "Roots take up water.", page=3),
        ],
        page_kind="page",
    )
    assert [(c.text, c.page, c.page_kind, c.chapter, c.heading) for c in chunks] == [
        ("Light\n\nPigments\n\nChlorophyll absorbs light.", 1, "page", "Light", "Pigments"),
        ("It looks green.", 2, "page", "Light", "Pigments"),
        ("Roots\n\nRoots take up water.", 3, "page", "Roots", "Roots"),
    ]
    assert chunks[1].passages[0].embedded_text == "Pigments\nIt looks green."


def test_slides_stand_alone() -> None:
    chunks = of(
        [Element("title", "Agenda", 1, 1), Element("text", "A picture.", page=2), Element("text", "Notes.", page=2)],
        page_kind="slide",
    )
    assert [(c.text, c.page, c.heading) for c in chunks] == [("Agenda", 1, "Agenda"), ("A picture.\n\nNotes.", 2, None)]


def test_chapter_the_file_names_goes_before_its_titles() -> None:
    chunks = of([Element("title", "Big print", 0, 1, "Part one"), Element("text", "Text.", page=1, chapter="Part one")])
    assert chunks[0].chapter == "Part one"
    assert chunk(Parsed("text/html", [Element("text", "Text.")]), chapter="Chapter 3")[0].chapter == "Chapter 3"


def test_name_of_a_page_heads_its_text_until_a_heading_does() -> None:
    parsed = Parsed(
        "text/html", [Element("text", "Pores of the leaf."), Element("title", "Guard cells"), Element("text", "Two.")]
    )
    first, second = chunk(parsed, heading="Stomata")
    assert (first.heading, first.passages[0].embedded_text) == ("Stomata", "Stomata\nPores of the leaf.")
    assert (second.heading, second.passages[0].embedded_text) == ("Guard cells", "Guard cells\n\nTwo.")


def touching(chunks: list[Chunk], paragraph: str) -> set[str]:
    """Passages that hold some of the paragraph: all of it, or a sentence."""
    sentences = [paragraph, *(f"{sentence}." for sentence in paragraph.rstrip(".").split(". "))]
    passages = (passage for one in chunks for passage in one.passages)
    return {passage.sha256 for passage in passages if any(sentence in passage.text for sentence in sentences)}


@pytest.mark.parametrize("seed", range(30))
def test_changed_word_embeds_only_the_passage_it_stands_in(seed: int) -> None:
    rng = random.Random(seed)
    elements = document(rng, 40, headings=rng.choice([0, 0.1]))
    before = of(elements)
    index = rng.choice([i for i, e in enumerate(elements) if e.kind == "text" and len(e.text.split()) > 8])
    words = elements[index].text.split()
    at = rng.randrange(4, len(words) - 1)
    words[at] = "root." if words[at].endswith(".") else "root"
    edited = " ".join(words)
    after = of([*elements[:index], Element("text", edited), *elements[index + 1 :]])
    assert len(names(after) - names(before)) == (1 if edited != elements[index].text else 0)


def test_rewritten_paragraph_embeds_little_more_than_itself() -> None:
    """Whatever is written instead, what is embedded beside it is bounded and rare: 60 edits of a 50-paragraph text."""
    beside = []
    for seed in range(60):
        rng = random.Random(seed)
        elements = document(rng, 50, headings=0)
        before = names(of(elements))
        index = rng.randrange(len(elements))
        edit = rng.choice(["rewrite", "insert", "delete"])
        paragraph = prose(rng, rng.randint(3, 150))
        replacement = [] if edit == "delete" else [Element("text", paragraph)]
        after = of([*elements[:index], *replacement, *elements[index + (edit != "insert") :]])
        new = names(after) - before
        beside.append(len(new - touching(after, paragraph)) if replacement else len(new))
    assert max(beside) <= 5
    assert sum(beside) / len(beside) < 1


def test_edit_leaves_other_sections_and_pages_alone() -> None:
    rng = random.Random(7)
    pages = [[Element("text", prose(rng, 120), page=number) for _ in range(6)] for number in range(1, 21)]
    before = of([element for page in pages for element in page], page_kind="page")
    pages[9][0] = Element("text", prose(rng, 20), page=10)
    after = of([element for page in pages for element in page], page_kind="page")
    untouched = [c.sha256 for c in before if c.page != 10]
    assert [c.sha256 for c in after if c.page != 10] == untouched


def test_rows_all_alike_are_cut_without_trouble() -> None:
    chunks = of([Element("row", "name: xylem; carries: water")] * 20_000)
    assert len(names(chunks)) < 20
