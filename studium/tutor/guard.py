"""What others wrote, kept apart from what a model is told; and what a model writes, cleaned before anybody reads it.

A model has no tools here. The worst a text can make it do is write, and what it writes is text: no tags, no images, no
address that is not in the passages, nothing of its instructions.
"""

import re
import secrets
from collections.abc import Iterable, Set
from html import escape, unescape

import nh3

RUN = 7
"""So many words in a row of the instructions are no accident."""
_DEEPEST = 5
_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\(\s*<?([^\s()<>]*)[^()]*\)|\[[^\[\]\d][^\[\]]*\])")
_ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{0,20}:\\?/|\\?/)\\?/[^\s<>\"'\])|]+|\b(?:data|javascript|vbscript):[^\s)\]]+|\bwww\.[^\s)\]]+",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
_NAME = re.compile(r"[^\W_][\w-]{5,}")
_TELLING = re.compile(r"\d|[A-Z].*[A-Z]|[_-].*[_-]")
REMOVED = "(link removed)"


def new_mark() -> str:
    """A name for the blocks of one turn, which nobody who wrote what stands in them could know."""
    return f"data-{secrets.token_hex(8)}"


def block(mark: str, kind: str, text: str) -> str:
    """Text as data."""
    return f"<{mark} {kind}>\n{text.replace(mark, '')}\n</{mark}>"


def addresses_in(texts: Iterable[str]) -> set[str]:
    """The web addresses that stand in these."""
    return {_bare(found[0]) for text in texts for found in _ADDRESS.finditer(text)}


def clean(text: str, allowed: Set[str]) -> str:
    """A model's words as plain text: no markup that could load or lead anywhere but to `allowed` addresses."""
    for _ in range(_DEEPEST):
        stripped = unescape(nh3.clean(text, tags=set()))
        if stripped == text:
            break
        text = stripped
    else:
        text = escape(text, quote=False)  # markup in markup in markup: shown as what it is
    text = _IMAGE_OR_LINK.sub(lambda found: _linked(found, allowed), text.replace("**", ""))
    text = _ADDRESS.sub(lambda found: found[0] if _bare(found[0]) in allowed else REMOVED, text)
    return re.sub(r"!(?=\[)", "", text)


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
        self._names = {_solid(name) for name in names | {mark}} - {""}
        self._names = {name for name in self._names if name not in open_names}

    def gives_away(self, said: str) -> bool:
        """Whether all that was said so far holds a run of the instructions, or a name out of them, however spaced."""
        solid = _solid(said)
        backwards = solid[::-1]
        return bool(self._runs & _runs(said)) or any(name in solid or name in backwards for name in self._names)


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return {tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}


def _solid(text: str) -> str:
    return "".join(_WORD.findall(text.casefold())).replace("_", "")
