"""A note's cards as they are asked here: Anki's templates filled in, and the HTML cleaned. Pure.

Of the template language (https://docs.ankiweb.net/templates/intro.html) fields, conditions, clozes, hints and typed
answers are known; what an add-on brought stays away. Pictures and sounds are shown where they came with the package,
and nothing is loaded from anywhere else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import unquote

import nh3

from studium.learning.anki.records import Note, Notetype
from studium.wire.cards import LONGEST_SIDE

TAG = re.compile(r"\{\{([^{}]*)\}\}")
CLOZE = re.compile(r"\{\{c(\d{1,3})::")
SOUND = re.compile(r"\[sound:([^\]\n]{1,255})\]")
ANSWER_RULE = re.compile(r"\A(?:\s|<br\s*/?>)*(?:<hr\b[^>]*>(?:\s|<br\s*/?>)*)?", re.IGNORECASE)
LONGEST_RAW = 100_000
"""Templates bring scripts and styles, which go."""
SHOWN = nh3.ALLOWED_TAGS | {"audio"}
ATTRIBUTES = {
    **{tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()},
    "img": {"src", "alt", "width", "height"},
    "audio": {"src", "controls"},
}
DROPPED_WHOLE = {"script", "style"}


@dataclass(frozen=True)
class Sides:
    """A card as it is asked."""

    front: str
    back: str


class TooLongError(ValueError):
    """A card is longer than any card."""


def clozes(note: Note) -> list[int]:
    """The numbers of a note's gaps."""
    return sorted({int(number) for field in note.fields for number in CLOZE.findall(field) if int(number) > 0})


def sides(notetype: Notetype, note: Note, number: int, deck: str, media: Mapping[str, str]) -> Sides | None:
    """Front and back of a note's card; None when its notetype has no such card.

    A cloze keeps its marks: which gap is asked for is said beside it. `media` is the address of each medium.
    """
    template = notetype.template(number)
    if template is None:
        return None
    values = dict(zip(notetype.fields, note.fields, strict=False))
    known = {"Tags": " ".join(note.tags), "Type": notetype.name, "Deck": deck, "Card": template.name}
    known["Subdeck"] = deck.rpartition("::")[2]
    values = {**values, **{name: escape(value) for name, value in known.items() if name not in values}}
    front = _filled(template.front, values, on_front=True)
    back = _filled(template.back, values, on_front=False)
    return Sides(shown(front, media), shown(ANSWER_RULE.sub("", back), media))


def shown(html: str, media: Mapping[str, str]) -> str:
    """HTML of a stranger as it may be shown."""
    if len(html) > LONGEST_RAW:
        raise TooLongError

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name != "src" or tag not in ("img", "audio"):
            return value
        if value in media.values():
            return value
        return media.get(unquote(unescape(value)))

    with_sounds = SOUND.sub(lambda found: _sound(found[1], media), html)
    cleaned = nh3.clean(
        with_sounds, tags=SHOWN, attributes=ATTRIBUTES, attribute_filter=attribute,
        clean_content_tags=DROPPED_WHOLE, url_schemes={"http", "https", "mailto"}, link_rel="noopener noreferrer",
    ).strip()  # fmt: skip
    if len(cleaned) > LONGEST_SIDE:
        raise TooLongError
    return cleaned


def _sound(name: str | None, media: Mapping[str, str]) -> str:
    address = media.get(unescape(name)) if name else None
    return f'<audio controls src="{escape(address)}"></audio>' if address else ""


def _filled(template: str, values: Mapping[str, str], *, on_front: bool) -> str:
    """A template with the fields in their places."""
    if len(template) > LONGEST_RAW:
        raise TooLongError
    out: list[str] = []
    hidden: list[str] = []
    at = size = 0
    for found in TAG.finditer(template):
        text, at = template[at : found.start()], found.end()
        name = found[1].strip()
        added = [] if hidden else [text]
        if name[:1] in ("#", "^"):
            wanted = name[1:].strip()
            if hidden or bool(_is_filled(wanted, values)) != (name[0] == "#"):
                hidden.append(wanted)
        elif name[:1] == "/":
            if hidden and hidden[-1] == name[1:].strip():
                hidden.pop()
        elif not hidden:
            added.append(_field(name, values, on_front=on_front))
        size += sum(map(len, added))
        if size > LONGEST_RAW:
            raise TooLongError
        out += added
    if not hidden:
        out.append(template[at:])
    return "".join(out)


def _is_filled(name: str, values: Mapping[str, str]) -> bool:
    if re.fullmatch(r"c\d+", name):  # a condition on the gap that is asked; all gaps are shown together here
        return True
    return bool(re.sub(r"<br\s*/?>|&nbsp;|\s", "", values.get(name, "")))


def _field(name: str, values: Mapping[str, str], *, on_front: bool) -> str:
    *filters, field = (part.strip() for part in name.split(":"))
    value = values.get(field, "")
    for one in reversed(filters):
        if one == "type":
            value = "" if on_front else value
        elif one == "cloze" and not on_front:
            value = ""  # what stands on the front is uncovered there
        elif one == "text":
            value = escape(unescape(nh3.clean(value, tags=set())), quote=False)
        elif one.startswith("hint") and value:
            value = f"<details><summary>{escape(field)}</summary>{value}</details>"
    return value
