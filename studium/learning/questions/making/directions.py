"""Questions about directions: whether something raises, lowers or leaves what a sentence of the course speaks of."""

import re
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from studium.learning.making.material import Source
from studium.learning.making.standing import Sentence, sentences
from studium.learning.questions.files import name_of
from studium.learning.questions.making.alike import parts, placed
from studium.learning.questions.making.made import Made, choice, cited

if TYPE_CHECKING:
    from spacy.tokens import Token

GAP = "____"
ASKED = "Which words belong in the gap?"
TEXT = "<p>{asked}</p><blockquote><p>{shown}</p></blockquote>"
PAIRS = (
    ("increase", "decrease"), ("raise", "lower"), ("rise", "fall"), ("lengthen", "shorten"), ("widen", "narrow"),
    ("strengthen", "weaken"), ("accelerate", "slow"), ("stimulate", "inhibit"), ("activate", "inhibit"),
    ("promote", "inhibit"), ("enhance", "reduce"), ("dilate", "constrict"), ("improve", "worsen"),
    ("grow", "shrink"), ("expand", "contract"),
)  # fmt: skip
OPPOSITE = dict(reversed(PAIRS)) | {low: high for high, low in reversed(PAIRS)} | {"reduce": "increase"}
_ACTS = frozenset({"stimulate", "inhibit", "activate", "promote"})
_TELLING = re.compile(
    r"\d|\b\w+fold\b|\b(?:twice|double|half|more|less|further|a little|slightly|steeply|sharply|only|even|not|no|never|"
    r"may|can|could|might|sometimes|often|usually|rarely|unless|although|whereas|while|but|therefore|also|both|"
    r"either|too|despite|contrast|unlike|opposite)\b",
    re.IGNORECASE,
)
_OTHERS = frozenset(OPPOSITE)


def about_directions(source: Source) -> Iterator[Made]:
    """Questions about the directions in a passage."""
    for sentence in sentences(source):
        yield from _gap(sentence)


def _gap(sentence: Sentence) -> Iterator[Made]:
    root, text = sentence.root, sentence.text
    if root.tag_ not in ("VBZ", "VBP") or root.lemma_ not in OPPOSITE or _TELLING.search(text):
        return
    if not _is_plain(root):
        return
    right = root.text
    other = _formed(OPPOSITE[root.lemma_], root.tag_)
    does = "does" if root.tag_ == "VBZ" else "do"
    neither = f"{does} not {'affect' if root.lemma_ in _ACTS else 'change'}"
    shown = f"{text[: root.idx]}{GAP}{text[root.idx + len(right) :]}"
    asked = placed(ASKED, sentence.source.context, shown)
    question = TEXT.format(asked=escape(asked, quote=False), shown=escape(shown, quote=False))
    record = choice(f"Direction: {name_of(shown)}", question, right, [other, neither], shown)
    yield Made(cited(record, sentence.quote), "direction", "easy", sentence.source, sentence.quote, parts(shown), 0.55)


def _is_plain(root: "Token") -> bool:
    """One subject, one thing that happens; nothing beside it that tells the direction, or changes it."""
    kinds = [child.dep_ for child in root.children]
    others = [token for token in root.doc if token.i != root.i and token.lemma_ in _OTHERS and token.pos_ == "VERB"]
    return (
        kinds.count("nsubj") == 1
        and not {"aux", "neg", "conj", "advcl", "prt", "npadvmod", "acomp", "xcomp", "ccomp", "dative"} & set(kinds)
        and (root.lemma_ in ("rise", "fall", "grow", "shrink") or "dobj" in kinds)
        and not others
        and not any(token.tag_ in ("JJR", "RBR") for token in root.doc)
    )


def _formed(verb: str, tag: str) -> str:
    return verb if tag == "VBP" else f"{verb}s"
