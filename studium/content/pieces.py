"""The pieces a section is cut into, and the cuts that are chosen: where passages and chunks begin.

The pieces are leaves of a tree whose strongest gap is cut first; a passage is the largest branch that fits the model, a
chunk the largest that fits 512 tokens. A gap's strength comes from the words around it alone. Pure.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from studium.content.records import Element
from studium.content.sentences import sentence_starts
from studium.content.tokens import count_tokens, token_spans

CHARACTERS_A_TOKEN = 12
"""A word of a thousand letters is one unknown token; by this it weighs what its length does."""
OPENING_WORDS = 4
PARAGRAPH, ITEM, SENTENCE, WORD = 3, 2, 1, 0
_TINY, _SMALL = 16, 64


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph, or a part of one that is too long for the model."""

    text: str
    weight: int
    gap: str
    """What stands before it when it does not begin a chunk."""
    rank: int
    """How natural a cut before it is."""


def pieces_of(elements: Sequence[Element], limit: int) -> list[Piece]:
    """The elements' texts in pieces of at most `limit` tokens."""
    pieces: list[Piece] = []
    before: Element | None = None
    for element, weight in zip(elements, weigh([element.text for element in elements]), strict=True):
        together = before is not None and before.kind == element.kind and element.kind in {"list_item", "row"}
        gap, rank = ("\n", ITEM) if together else ("\n\n", PARAGRAPH)
        if before is not None and (before.kind == "title" or before.text.endswith(":")):
            rank = ITEM  # what introduces is kept with what it introduces
        if weight <= limit:
            pieces.append(Piece(element.text, weight, gap, rank))
        else:
            pieces += _split(element.text, limit, gap, rank)
        before = element
    return pieces


def weigh(texts: list[str]) -> list[int]:
    """Tokens of each text, or more when its words are longer than words are."""
    return [
        max(tokens, -(-len(text) // CHARACTERS_A_TOKEN))
        for text, tokens in zip(texts, count_tokens(texts), strict=True)
    ]


def _split(text: str, limit: int, gap: str, rank: int) -> list[Piece]:
    """A long paragraph's sentences, and a long sentence's runs of words."""
    starts = [0, *sentence_starts(text)]
    sentences = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    pieces: list[Piece] = []
    trailing = ""
    for sentence, weight in zip(sentences, weigh(sentences), strict=True):
        shown = sentence.rstrip()
        before, first_rank = (trailing, SENTENCE) if pieces else (gap, rank)
        if weight <= limit:
            pieces.append(Piece(shown, weight, before, first_rank))
        else:
            pieces += _split_words(shown, limit, before, first_rank)
        trailing = sentence[len(shown) :]
    return pieces


def _split_words(text: str, limit: int, gap: str, rank: int) -> list[Piece]:
    """Runs of whole tokens, none longer than the model sees."""
    pieces: list[Piece] = []
    start = 0
    for end in [*_word_cuts(text, limit), len(text)]:
        raw = text[start:end]
        shown = raw.strip()
        if shown:
            lead = raw[: len(raw) - len(raw.lstrip())]
            before, this_rank = (lead, WORD) if pieces else (gap, rank)
            pieces.append(Piece(shown, max(1, min(limit, weigh([shown])[0])), before, this_rank))
        start = end
    return pieces


def _word_cuts(text: str, limit: int) -> list[int]:
    cuts, start, used = [], 0, 0
    longest = limit * CHARACTERS_A_TOKEN
    enough = limit - limit // 16  # a word cut in two may count more tokens than it did whole
    for token_start, token_end in token_spans(text):
        while token_end - start > longest:
            start = max(start + 1, token_start) if token_start - start > longest // 2 else start + longest
            cuts.append(start)
            used = 0
        if used >= enough:
            start, used = token_start, 0
            cuts.append(start)
        used += 1
    while len(text) - start > longest:
        start += longest
        cuts.append(start)
    return [cut for cut in dict.fromkeys(cuts) if 0 < cut < len(text)]


def grouped(pieces: Sequence[Piece], limit: int) -> list[Sequence[Piece]]:
    """The pieces in runs of at most `limit` tokens, cut at the strongest gaps."""
    totals = [0, *accumulate(piece.weight for piece in pieces)]
    strengths = [_strength(before, piece) for before, piece in pairwise(pieces)]
    runs: list[Sequence[Piece]] = []
    waiting = [(0, len(pieces))] if pieces else []
    while waiting:
        start, end = waiting.pop()
        if end - start == 1 or totals[end] - totals[start] <= limit:
            runs.append(pieces[start:end])
            continue
        middle = (start + end) / 2
        cut = max(range(start + 1, end), key=lambda at: (strengths[at - 1], -abs(at - middle)))
        waiting += [(cut, end), (start, cut)]
    return runs


def _strength(before: Piece, piece: Piece) -> tuple[int, float]:
    """How much a cut between two pieces is worth: natural first, then between large ones, then by lot.

    The lot is drawn from the words that follow: the same place is cut again when the rest of the text has changed.
    """
    opening = " ".join(piece.text.split(maxsplit=OPENING_WORDS)[:OPENING_WORDS])
    lot = int.from_bytes(hashlib.blake2b(opening.encode(), digest_size=4).digest()) / 2**32
    smaller = min(before.weight, piece.weight)
    return piece.rank, lot * (0.1 if smaller < _TINY else 0.4 if smaller < _SMALL else 1.0)
