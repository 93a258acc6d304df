"""Cards that were made here, as notes of Anki's, and back. Pure.

What Anki shows is HTML; the Markdown it was written in travels beside it and is believed while the HTML is still what
it was made into.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from html import escape, unescape
from uuid import UUID

import nh3

from studium.learning.anki.records import Note, Notetype, Template
from studium.learning.anki.templates import SHOWN
from studium.learning.faces import MARKDOWN

GUID = "studium-"
STYLE = (
    ".card { font-family: sans-serif; font-size: 20px; text-align: left; } .source { color: gray; font-size: 14px; }"
)
SOURCE = '{{#Source}}<p class="source">{{Source}}</p>{{/Source}}'
BASIC = Notetype(
    1_763_800_000_001, "Studium card", False, ("Front", "Back", "Source", "Written"),
    (Template("Card 1", "{{Front}}", "{{FrontSide}}<hr id=answer>{{Back}}" + SOURCE),), STYLE,
)  # fmt: skip
CLOZE = Notetype(
    1_763_800_000_002, "Studium cloze", True, ("Text", "Back", "Source", "Written"),
    (Template("Cloze", "{{cloze:Text}}", "{{cloze:Text}}<hr id=answer>{{Back}}" + SOURCE),),
    STYLE + " .cloze { font-weight: bold; }",
)  # fmt: skip
OWN = {BASIC.notetype_id, CLOZE.notetype_id}
ONE_PARAGRAPH = re.compile(r"\A<p>((?:(?!</?p>).)*)</p>\Z", re.DOTALL)


@dataclass(frozen=True)
class Written:
    """A card's text as it is kept here."""

    front: str
    back: str
    markup: str


def guid_of(identity: UUID) -> str:
    """What Anki calls the note of a card, or of cards of one note."""
    return GUID + urlsafe_b64encode(identity.bytes).decode().rstrip("=")


def identity_of(guid: str) -> UUID | None:
    """The card or note of ours that `guid` names."""
    if not guid.startswith(GUID):
        return None
    with suppress(ValueError):
        return UUID(bytes=urlsafe_b64decode(guid.removeprefix(GUID) + "=="))
    return None


def fields_of(front: str, back: str, markup: str, quote: str | None) -> tuple[str, str, str, str]:
    """The fields of the note that holds a card."""
    shown = (as_html(front, markup), as_html(back, markup))
    kept = {"front": front, "back": back, "markup": markup, "of": _digest(*shown)}
    return *shown, escape(quote or "", quote=False), escape(json.dumps(kept, ensure_ascii=False), quote=False)


def written(note: Note) -> Written | None:
    """The text that was exported, if Anki's is still what it was made into."""
    front, back, _, kept = (*note.fields, "", "", "", "")[:4]
    with suppress(ValueError, KeyError, TypeError, RecursionError):
        told = json.loads(unescape(kept))
        if told["of"] == _digest(front, back) and told["markup"] in ("markdown", "html"):
            return Written(str(told["front"]), str(told["back"]), told["markup"])
    return None


def as_html(text: str, markup: str) -> str:
    """A side of a card as Anki shows it."""
    if markup == "markdown":
        made = str(MARKDOWN.render(text)).strip()
        alone = ONE_PARAGRAPH.match(made)
        text = alone[1] if alone else made
    return nh3.clean(text, tags=SHOWN).replace("\x1f", "")


def _digest(front: str, back: str) -> str:
    return sha256(f"{front}\x1f{back}".encode()).hexdigest()[:16]
