"""What texts are about, as sets of words that can be held against one another. Pure, and of no grammar."""

import re

from studium.tutor.evidence import ASKING

STEM = 6
WORD = re.compile(r"\d+(?:[.,]\d+)*(?![^\W_])|[^\W_]{2,}")
_COMMON_WORDS = """
about all also am an and any are as at be because been both but by can cannot could did does done each either for
from had has have how if in into is it its just let like many may me might more most much must my no nor not of off
on one only or other our out over own per same she should so some such than that the their them then there these
they this those through to too under up us very was we were what when where which while who whose why will with
within would yes you your
"""
COMMON = frozenset(_COMMON_WORDS.split()) | ASKING


def words(text: str) -> frozenset[str]:
    """The beginnings of a text's own words, and its figures."""
    return frozenset(stem(word) for word in WORD.findall(text) if word.casefold() not in COMMON)


def stem(word: str) -> str:
    """The beginning of a word, which its forms have in common."""
    return word.casefold()[:STEM]


def named(text: str, wanted: frozenset[str]) -> list[str]:
    """Those words of a text, as they stand there, that are wanted; each once, in order."""
    found: dict[str, str] = {}
    for word in WORD.findall(text):
        if stem(word) in wanted and word.casefold() not in COMMON:
            found.setdefault(stem(word), word)
    return list(found.values())
