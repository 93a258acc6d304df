"""Which sentences say what holds in general, rather than what happened once, somewhere or to somebody."""

import re
from typing import TYPE_CHECKING

from studium.learning.making.standing import Sentence

if TYPE_CHECKING:
    from spacy.tokens import Token

_DATED = re.compile(
    r"\b(?:in|since|until|from|by|of|to|and|around|between|before|after|early|mid|late|the)[\s-]"
    r"(?:1[5-9]|20)\d\d(?:s\b|\b(?! ?[a-z%\u00b5\u00b0]))"
    r"|\ban? (?:1[5-9]|20)\d\d (?=[A-Za-z])|\b(?:is|are|has|have) now\b"
    r"|\b(?:century|centuries|decades?|years? (?:ago|later|earlier)"
    r"|recent(?:ly)?|today|nowadays|used to|currently|so far|to date|those days|at the time|at that (?:time|point))\b",
    re.IGNORECASE,
)
"""What is bound to a time, and will not be asked for in another."""
_TOLD = re.compile(
    r"\b(?:survey|study|studies (?:show|suggest|find|found)"
    r"|research(?:ers?)? (?:show|suggest|find|found|has|have|demonstrate)"
    r"|evidence (?:that|suggests)|data (?:on|show)|statistics|polls?|census|estimates)\b",
    re.IGNORECASE,
)
"""How something is known or counted rather than what is known."""
_THINKS_WORDS = """
argue assert believe call claim conclude define describe develop discover divide find hold identify introduce maintain
postulate predict propose reason refer say show state suggest theorise theorize think
"""
_THINKS = frozenset(_THINKS_WORDS.split())
"""What is told of whoever thought of something first."""


def is_general(sentence: Sentence) -> bool:
    """Whether it holds whenever it is read, or says who thought so."""
    if _DATED.search(sentence.text) or _TOLD.search(sentence.text):
        return False
    root = sentence.root
    helpers = [child for child in root.children if child.dep_ in {"aux", "auxpass"}]
    finite = next((one for one in [*helpers, root] if one.tag_ in {"VBD", "VBZ", "VBP", "MD"}), root)
    if finite.tag_ == "VBD":
        return finite == root and root.lemma_ in _THINKS
    return not (_is_under_way(root, helpers) or finite.lower_ in {"would", "might"})


def _is_under_way(root: "Token", helpers: "list[Token]") -> bool:
    """Whether it has happened, or is happening: a perfect or a progressive."""
    lemmas = {helper.lemma_ for helper in helpers}
    return (root.tag_ in {"VBN", "VBD", "VBG"} and "have" in lemmas) or (root.tag_ == "VBG" and "be" in lemmas)
