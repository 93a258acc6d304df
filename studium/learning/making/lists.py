"""Lists whose number is said: `Four chambers` above four items, or `three types: a, b and c` in a sentence."""

import re
from collections.abc import Iterator

from studium.learning.making.candidate import Candidate, plain, under
from studium.learning.making.clozes import LABEL
from studium.learning.making.language import WORD
from studium.learning.making.material import Source
from studium.learning.making.standing import Sentence

NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5}
_NUMBER = "|".join(NUMBERS)
_HEADING = re.compile(rf"(?:the )?(?P<number>{_NUMBER}) (?P<what>[^.:;?!]{{3,60}}?):?", re.IGNORECASE)
_INSIDE = re.compile(
    rf"(?P<lead>[^:;]*?\b(?P<number>{_NUMBER}) (?P<what>[^.:;,]{{3,60}}?)): (?P<items>[^.:;]+)\.", re.IGNORECASE
)


def lists(source: Source) -> Iterator[Candidate]:
    """Items below a heading, or a line, that says how many they are."""
    if source.is_aside:
        return
    for items in source.items:
        before = _said_before(source, items)
        found = _HEADING.fullmatch(before or "")
        if found and NUMBERS[found["number"].casefold()] == len(items):
            names = [_name(item) for item in items]
            if all(0 < len(WORD.findall(name)) <= 5 for name in names):  # noqa: PLR2004
                yield _card(found, names, "\n".join([before or "", *items]), source)


def listed(sentence: Sentence) -> Iterator[Candidate]:
    """A sentence that says how many there are, and names them."""
    found = _INSIDE.fullmatch(sentence.text)
    if found is None:
        return
    names = [name.strip() for name in re.split(r",\s*(?:and |or )?|\s+and\s+|\s+or\s+", found["items"]) if name.strip()]
    if len(names) == NUMBERS[found["number"].casefold()] and all(len(WORD.findall(name)) <= 5 for name in names):  # noqa: PLR2004
        back = "\n".join(f"- {plain(name)}" for name in names)
        front = under(sentence.source.context, f"{plain(found['lead'].strip())}. Which ones?")
        yield Candidate(front, back, "basic", "list", sentence.quote, sentence.source, 0.82, (found["lead"],))


def _said_before(source: Source, items: list[str]) -> str | None:
    place = source.paragraphs.index(items)
    above = source.paragraphs[place - 1] if place else []
    return above[0] if len(above) == 1 and above[0].endswith(":") else source.heading if place == 0 else None


def _name(item: str) -> str:
    match = LABEL.fullmatch(item)
    return (match["label"] if match else item).strip().rstrip(".;,")


def _card(found: re.Match[str], names: list[str], quote: str, source: Source) -> Candidate:
    question = f"Name the {found['number'].casefold()} {plain(found['what'].strip())}."
    context = source.chapter or source.title if source.context == found.string else source.context
    back = "\n".join(f"- {plain(name)}" for name in names)
    return Candidate(under(context, question), back, "basic", "list", quote, source, 0.82, (found["what"].strip(),))
