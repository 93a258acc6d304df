"""Where sentences begin, for cutting what is too long to embed whole.

A cut in the wrong place costs little; a parser that knows better costs seconds a page.
"""

import re

_ABBREVIATIONS = frozenset(
    {"al", "approx", "bzw", "ca", "cf", "ch", "d.h", "dr", "e.g", "ed", "eds", "eq", "eqs", "et", "fig", "figs", "i.e"}
    | {
        "mr",
        "mrs",
        "ms",
        "no",
        "nos",
        "pp",
        "prof",
        "ref",
        "refs",
        "resp",
        "sec",
        "st",
        "tab",
        "u.s",
        "vgl",
        "vs",
        "z.b",
    }
)
_END = re.compile(r"[.!?][\"'\u201d\u2019)\]]{0,3}\s+|[\u3002\uff01\uff1f]|\n+")
_LAST_WORD = re.compile(r"([\w.]{1,20})\.$")


def sentence_starts(text: str) -> list[int]:
    """Offsets at which sentences after the first begin."""
    return [match.end() for match in _END.finditer(text) if match.end() < len(text) and _ends(text, match)]


def _ends(text: str, match: re.Match[str]) -> bool:
    if not match[0].startswith("."):
        return True
    following = text[match.end()]
    if following.islower():
        return False
    word = _LAST_WORD.search(text, max(0, match.start() - 20), match.start() + 1)
    if word is None:
        return True
    last = word[1].lower()
    return last not in _ABBREVIATIONS and not (len(last) == 1 and last.isalpha())
