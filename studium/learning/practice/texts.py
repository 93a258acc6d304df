"""A question's texts as they are shown: cleaned, or as plain words. Whoever wrote them may have written anything."""

import re

import nh3
from lxml import html
from lxml.etree import ParserError

TAGS = {
    *("p", "div", "span", "br", "b", "strong", "i", "em", "u", "sub", "sup", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "caption"),
}
"""No pictures, since theirs are files of Moodle, and no links: a question is answered here."""
LOWERED = str.maketrans("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
RAISED = str.maketrans("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")
BLOCKS = "|".join(("p", "div", "br", "li", "tr", "td", "th", "pre", "blockquote"))
PICTURE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
SHOWN_PICTURE = " [picture, in Moodle] "


def clean(text: str) -> str:
    """HTML that a page can show."""
    written = PICTURE.sub(SHOWN_PICTURE, text)
    return nh3.clean(written, tags=TAGS, attributes={"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}})


def plain(text: str) -> str:
    """Its words on one line, with what is raised or lowered where letters for that exist."""
    cleaned = re.sub(rf"<({BLOCKS})\b", r" <\1", clean(text))
    try:
        tree = html.fromstring(f"<div>{cleaned}</div>")
    except ParserError:
        return ""
    for tag, letters, mark in (("sub", LOWERED, "_"), ("sup", RAISED, "^")):
        for element in tree.iter(tag):
            words = element.text_content()
            moved = words.translate(letters)
            fits = not any(one in words and one.isalnum() for one in moved)
            for child in list(element):
                element.remove(child)
            element.text = moved if fits else f"{mark}{words}"
    return " ".join(tree.text_content().split())
