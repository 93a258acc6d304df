"""Elements to chunks (read and cited) and passages in them (embedded and searched).

Cuts depend on what stands beside them, not on what came before: between paragraphs by a number drawn from the words
that follow, so that editing a paragraph leaves every passage that does not touch it as it was. A section, a page and a
slide end a chunk. Pure.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from studium.content.pieces import Piece, grouped, pieces_of
from studium.content.records import Element, PageKind, Parsed
from studium.content.tokens import MODEL_TOKENS, SPECIAL_TOKENS, count_tokens

CHUNK_TOKENS = 512
LONGEST_HEADING = 48
"""Tokens of a heading that are embedded with every passage below it."""
PASSAGE_TOKENS = MODEL_TOKENS - SPECIAL_TOKENS
RULE = 1
"""The way of cutting; whoever changes it counts on. What was cut the old way stays until the new one is let in."""


@dataclass(frozen=True, slots=True)
class Chunking:
    """How long chunks and passages are, and by which rule they are cut."""

    chunk_tokens: int = CHUNK_TOKENS
    passage_tokens: int = PASSAGE_TOKENS
    rule: int = RULE

    @property
    def version(self) -> str:
        """Its name in the database."""
        return f"{self.rule}-{self.chunk_tokens}-{self.passage_tokens}"

    @classmethod
    def parse(cls, version: str) -> Self:
        """The chunking of that name."""
        rule, chunk_tokens, passage_tokens = map(int, version.split("-"))
        return cls(chunk_tokens, passage_tokens, rule)


DEFAULT = Chunking()


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of its chunk's text, as long as the model sees."""

    text: str
    start: int
    end: int
    token_count: int
    embedded_text: str
    """With its heading before it, when it does not begin with that."""

    @property
    def sha256(self) -> str:
        """Names the vector: the same words need it once."""
        return sha256(self.embedded_text)


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is shown and cited, with the place it stands at."""

    text: str
    token_count: int
    page: int | None
    page_kind: PageKind | None
    chapter: str | None
    heading: str | None
    passages: tuple[Passage, ...]

    @property
    def sha256(self) -> str:
        """Of the text."""
        return sha256(self.text)


@dataclass(frozen=True, slots=True)
class _Section:
    """Elements between two headings, on one page; the headings come first."""

    elements: list[Element]
    page: int | None
    chapter: str | None
    heading: str | None


def sha256(text: str) -> str:
    """Of the text as UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def chunk(
    parsed: Parsed, *, chapter: str | None = None, heading: str | None = None, chunking: Chunking = DEFAULT
) -> list[Chunk]:
    """The chunks of a document, in its order.

    Args:
        parsed: the document, read.
        chapter: where it stands as a whole (a book's chapter), until it names chapters itself.
        heading: what its text is about before its first own heading (a page's name).
        chunking: how long they are.
    """
    made: list[Chunk] = []
    for section in _sections(parsed, chapter, heading):
        context = _context(section.heading)
        limit = chunking.passage_tokens - (context[1] if context else 0)
        pieces = pieces_of(section.elements, limit)
        made += [_chunk(group, limit, section, parsed.page_kind) for group in grouped(pieces, chunking.chunk_tokens)]
    return made


def _sections(parsed: Parsed, chapter: str | None, heading: str | None) -> Iterable[_Section]:
    """Runs of elements under one heading. Headings with nothing between them open a section together."""
    titles: list[Element] = []
    run: list[Element] = []

    def section() -> _Section:
        elements = titles + run
        return _Section(elements, elements[-1].page, elements[-1].chapter or chapter, heading)

    for element in parsed.elements:
        is_new_page = run[-1].page != element.page if run else bool(titles) and titles[-1].page != element.page
        # a slide stands alone; on pages, a heading at the foot belongs to what follows overleaf
        if (run and (is_new_page or element.kind == "title")) or (is_new_page and parsed.page_kind == "slide"):
            yield section()
            titles, run = [], []
        if is_new_page and parsed.page_kind == "slide":
            heading = None
        if element.kind == "title":
            titles.append(element)
            heading = element.text
            chapter = element.text if element.level == 0 else chapter
        else:
            run.append(element)
    if titles or run:
        yield section()


def _context(heading: str | None) -> tuple[str, int] | None:
    """A heading short enough to stand before each passage, and its tokens."""
    if not heading:
        return None
    tokens = count_tokens([heading])[0]
    return (heading, tokens) if 0 < tokens <= LONGEST_HEADING else None


def embedded_text(text: str, heading: str | None) -> str:
    """What the model sees of a passage: alone, it often does not say what it is about."""
    context = _context(heading)
    if context is None or context[0] in text[: 4 * len(context[0])]:
        return text
    return f"{context[0]}\n{text}"


def _chunk(pieces: Sequence[Piece], limit: int, section: _Section, page_kind: PageKind | None) -> Chunk:
    text, starts = _joined(pieces)
    passages, index = [], 0
    for group in grouped(pieces, limit):
        start, last = starts[index], index + len(group) - 1
        end = starts[last] + len(pieces[last].text)
        shown, weight = text[start:end], sum(piece.weight for piece in group)
        passages.append(Passage(shown, start, end, weight, embedded_text(shown, section.heading)))
        index += len(group)
    tokens = sum(passage.token_count for passage in passages)
    where = section.page if page_kind else None
    return Chunk(text, tokens, where, page_kind if where else None, section.chapter, section.heading, tuple(passages))


def _joined(pieces: Sequence[Piece]) -> tuple[str, list[int]]:
    """The pieces' text with what stood between them, and where each begins."""
    text, starts = "", []
    for piece in pieces:
        text += piece.gap if text else ""
        starts.append(len(text))
        text += piece.text
    return text, starts
