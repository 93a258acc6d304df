"""A model's words as they come, cut into the sentences they make, each with the passages it cites. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from studium.content.sentences import sentence_starts

CITED = re.compile(r"[\[\u3010]\s*(?:passages?\s+)?(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\s*[\]\u3011]", re.IGNORECASE)
_CITED_AFTER = re.compile(rf"([.!?][\"'\u201d\u2019)]*)((?:[ \t]*{CITED.pattern})+)", re.IGNORECASE)
_MAY_BE_CITED = re.compile(r"[\[\u3010][^\]\u3011]{0,20}[\]\u3011]?[ \t]*")
_NUMBERING = re.compile(r"(?:\d{1,3}[.)]|[-*\u2022])\s*")
_HEADING = re.compile(r"^#{1,6}\s+")


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence as a model wrote it; `goes_on`: in the line of the one before it."""

    text: str
    goes_on: bool


def cut(words: Iterable[str]) -> Iterator[Told | None]:
    """Sentences as soon as they are whole; None for words that end none."""
    rest, goes_on = "", False
    for more in words:
        rest += more
        whole, rest = _whole(rest)
        for piece in whole:
            if piece.strip():
                yield Told(piece.strip(), goes_on)
            goes_on = not piece.endswith("\n") and (goes_on or bool(piece.strip()))
        if not whole:
            yield None
    if rest.strip():
        yield Told(rest.strip(), goes_on)


def _whole(text: str) -> tuple[list[str], str]:
    """The sentences after which another has begun, and what is left. Numbers after a full stop are the sentence's."""
    text = _CITED_AFTER.sub(lambda found: f" {found[2].strip()}{found[1]}", text)
    starts = sentence_starts(text)
    if starts and _MAY_BE_CITED.fullmatch(text, starts[-1]):
        starts.pop()
    pieces, begin = [], 0
    for start in starts:
        if not _NUMBERING.fullmatch(text, begin, start):
            pieces.append(text[begin:start])
            begin = start
    return pieces, text[begin:]


def cited(sentence: str) -> tuple[str, list[int]]:
    """A sentence without its numbers, and these."""
    numbers = [int(number) for found in CITED.finditer(sentence) for number in re.findall(r"\d+", found[1])]
    text = re.sub(r"\s+([.,;:!?])", r"\1", CITED.sub("", sentence))
    return _HEADING.sub("", " ".join(text.split())), list(dict.fromkeys(numbers))
