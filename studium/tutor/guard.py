"""What others wrote, kept apart from what a model is told; and what a model writes, cleaned before anybody reads it.

A model has no tools here. The worst a text can make it do is write, and what it writes is text: no tags, no images, no
address that is not in the passages, nothing of its instructions.
"""

import base64
import codecs
import re
import secrets
from collections.abc import Iterable, Iterator, Set
from html import escape, unescape
from unicodedata import normalize
from urllib.parse import unquote

import nh3

RUN = 7
"""So many words in a row of the instructions are no accident."""
SHORTEST_NAME = 6
_DEEPEST = 5
_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\(\s*<?([^\s()<>]*)[^()]*\)|\[[^\[\]\d][^\[\]]*\])")
_ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{0,20}:\\?/|\\?/)\\?/[^\s<>\"'\])|]+|"
    r"\b(?:data|javascript|vbscript|mailto|blob):[^\s)\]]+|\bwww\.[^\s)\]]+|"
    r"\b(?:[a-z0-9-]+\.){1,8}[a-z]{2,24}[/?][^\s<>\"'\])|]*[=?%][^\s<>\"'\])|]*",  # a host that is to be told something
    re.IGNORECASE,
)
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b\u2060-\u206f\u202a-\u202e\ufeff\U000e0000-\U000e0fff]")
"""What no screen shows, or shows elsewhere; joiners stay, which some scripts need."""
_TAG = re.compile("[\U000e0020-\U000e007e]")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_HEX = re.compile(r"(?:(?:\\x|%|0x)?[0-9a-f]{2}[\s:,-]?){6,}", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(?:u\{0*([0-9a-f]{1,5})\}|u([0-9a-f]{4})|x([0-9a-f]{2}))", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_NAME = re.compile(r"[^\W_][\w-]{5,}")
_TELLING = re.compile(r"\d|[A-Z].*[A-Z]|[_-].*[_-]")
REMOVED = "(link removed)"


def new_mark() -> str:
    """A name for the blocks of one turn, which nobody who wrote what stands in them could know."""
    return f"data-{secrets.token_hex(8)}"


def block(mark: str, kind: str, text: str) -> str:
    """Text as data; what a person could not have seen in it is left out."""
    return f"<{mark} {kind}>\n{_UNSEEN.sub('', text).replace(mark, '')}\n</{mark}>"


def addresses_in(texts: Iterable[str]) -> set[str]:
    """The web addresses that stand in these."""
    return {_bare(found[0]) for text in texts for found in _ADDRESS.finditer(text)}


def clean(text: str, allowed: Set[str]) -> str:
    """A model's words as plain text: no markup that could load or lead anywhere but to `allowed` addresses."""
    text = _UNSEEN.sub("", text)
    for _ in range(_DEEPEST):
        stripped = _UNSEEN.sub("", unescape(nh3.clean(text, tags=set())))
        if stripped == text:
            break
        text = stripped
    else:
        text = escape(text, quote=False)  # markup in markup in markup: shown as what it is
    text = text.replace("**", "")
    for _ in range(_DEEPEST):  # an image may be a link's label
        text = _IMAGE_OR_LINK.sub(lambda found: _linked(found, allowed), text)
    text = _unlinked(text, allowed)
    plain = normalize("NFKC", text)  # letters may only look like those of an address
    text = text if (safe := _unlinked(plain, allowed)) == plain else safe
    return re.sub(r"!(?=\[)", "", re.sub(r"<(?=[a-z/!?])", "< ", text, flags=re.IGNORECASE))


def _unlinked(text: str, allowed: Set[str]) -> str:
    return _ADDRESS.sub(lambda found: found[0] if _bare(found[0]) in allowed else REMOVED, text)


def _linked(found: re.Match[str], allowed: Set[str]) -> str:
    label, target = found[1], found[2] or ""
    if label.strip().isdigit():
        return f"[{label.strip()}]"
    return f"{label} {target}" if _bare(target) in allowed else label


def _bare(address: str) -> str:
    return address.rstrip(".,;:!?").casefold()


class Watch:
    """Tells when words give away what only the model was to read."""

    def __init__(self, instructions: str, mark: str, known: str) -> None:
        """Watch over one answer.

        Args:
            instructions: what the model was told.
            mark: the name of its blocks.
            known: what the asker may read or wrote: saying that again is no secret told.
        """
        self._runs = _runs(instructions) - _runs(known)
        open_names = _solid(known)
        names = {found[0] for found in _NAME.finditer(instructions) if _TELLING.search(found[0])}
        hidden = {solid for name in names | {mark} if (solid := _solid(name)) and solid not in open_names}
        self._names = {most for name in hidden for most in _most_of(name) if most not in open_names}

    def gives_away(self, said: str) -> bool:
        """Whether all that was said so far holds a run of the instructions or a name of theirs, in any usual guise."""
        return any(self._holds(read) for read in _readings(said))

    def _holds(self, said: str) -> bool:
        solid = _solid(said)
        backwards = solid[::-1]
        return bool(self._runs & _runs(said)) or any(name in solid or name in backwards for name in self._names)


def _readings(said: str) -> Iterator[str]:
    """What is said, and what it says to who knows how to read it."""
    seen = normalize("NFKC", unescape(_TAG.sub(lambda found: chr(ord(found[0]) - 0xE0000), said)))
    escaped = _ESCAPE.sub(lambda found: chr(int(found[1] or found[2] or found[3], 16)), unquote(seen))
    yield from dict.fromkeys([said, seen, escaped])
    yield codecs.decode(seen, "rot13")
    yield " ".join(_decoded(seen))


def _decoded(text: str) -> Iterator[str]:
    for found in _HEX.finditer(text):
        digits = re.sub(r"\\x|0x|[^0-9a-f]", "", found[0], flags=re.IGNORECASE)
        yield bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("utf-8", "replace")
    for found in _BASE64.finditer(text):
        letters = found[0].replace("+", "-").replace("/", "_")
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        yield base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4)).decode("utf-8", "replace")


def _most_of(name: str) -> tuple[str, str]:
    """So much of a name, from either end, that the rest is no secret: it may be told letter by letter."""
    length = max(SHORTEST_NAME, 2 * len(name) // 3)
    return name[:length], name[-length:]


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return {tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}


def _solid(text: str) -> str:
    return "".join(_WORD.findall(text.casefold())).replace("_", "")
