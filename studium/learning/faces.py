"""The two sides of a card as HTML that may be shown: a cloze with its gap, and nothing that acts. Pure."""

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

from studium.wire.cards import CardKind, Markup

GAP = re.compile(r"\{\{c(?P<number>[0-9]{1,4})::|\}\}")
OPEN, CLOSE, OPEN_ASKED = "\ue000", "\ue001", "\ue002"
"""Marks of gaps while the text around them is rendered: characters of nobody's alphabet."""
MARKS = str.maketrans({OPEN: '<mark class="gap">', OPEN_ASKED: '<mark class="gap asked">', CLOSE: "</mark>"})
MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
TAGS = nh3.ALLOWED_TAGS | {"mark", "audio"}
ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    "mark": {"class"},
    "img": {"src", "alt", "width", "height"},
    "audio": {"src", "controls"},
}
OWN_FILES = "/api/v1/"
"""Where pictures and sounds may come from; nothing is loaded from another host."""


def numbers(text: str) -> list[int]:
    """The numbers of a cloze's gaps."""
    return sorted({int(found["number"]) for found in GAP.finditer(text) if found["number"] and int(found["number"])})


@lru_cache(maxsize=4096)
def faces(kind: CardKind, cloze_number: int | None, front: str, back: str, markup: Markup) -> tuple[str, str]:
    """What is asked and what is answered. Of a cloze the answer is the text without its gap, and the back below it."""
    if kind == "basic" or cloze_number is None:
        return _html(front, markup), _html(back, markup)
    asked, told = (_html(filled(front, cloze_number, shown=shown), markup) for shown in (False, True))
    return asked, f"{told}<hr>{_html(back, markup)}" if back.strip() else told


def filled(text: str, number: int, *, shown: bool) -> str:
    """The text with the gaps of `number` marked, open or filled; other gaps are text like any."""
    parts: list[list[str]] = [[]]
    gaps: list[int] = []
    place = 0
    for found in GAP.finditer(text):
        if found["number"] is None and not gaps:
            continue
        parts[-1].append(text[place : found.start()])
        place = found.end()
        if found["number"]:
            gaps.append(int(found["number"]))
            parts.append([])
        else:
            inside = "".join(parts.pop())
            parts[-1].append(_gap(inside, asked=gaps.pop() == number, shown=shown))
    # a gap that is never closed is shown as it was written
    return "".join("".join(part) for part in parts) + text[place:]


def _gap(inside: str, *, asked: bool, shown: bool) -> str:
    answer, _, hint = inside.partition("::")
    if not asked:
        return answer
    return f"{OPEN}{answer}{CLOSE}" if shown else f"{OPEN_ASKED}[{hint or '…'}]{CLOSE}"


def _html(text: str, markup: Markup) -> str:
    return nh3.clean(
        (str(MARKDOWN.render(text)) if markup == "markdown" else text).translate(MARKS),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def _attribute(_tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if value.startswith(OWN_FILES) else None
    if name == "class":
        return value if value in ("gap", "gap asked") else None
    return value
