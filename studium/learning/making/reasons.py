"""Sentences that say why: `X is so because Y` asks for Y."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from studium.learning.making.candidate import Candidate, plain, under
from studium.learning.making.language import WORD, rarity
from studium.learning.making.standing import Sentence, subject_of

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_BECAUSE = re.compile(r"(?P<what>[^;:]{12,160}?),? because (?P<why>(?!of\b)[^;:]{8,160})\.")
_AUXILIARY_WORDS = """
is are was were can cannot could may might must should will would has have had does do did
"""
_AUXILIARY = frozenset(_AUXILIARY_WORDS.split())


def reasons(sentence: Sentence) -> Iterator[Candidate]:
    """Why what the sentence says is so."""
    found = _BECAUSE.fullmatch(sentence.text)
    if found is None or sentence.is_fragment or len(WORD.findall(found["what"])) < 3:  # noqa: PLR2004
        return
    question = _asked(sentence.doc, len(found["what"]))
    if question is None:
        return
    why = found["why"].strip()
    yield Candidate(
        under(sentence.source.context, f"Why {plain(question)}?"), plain(f"Because {_cut(why)}."), "basic", "reason",
        sentence.quote, sentence.source, 0.95,
    )  # fmt: skip


def _cut(why: str) -> str:
    """The reason without what is set against it afterwards."""
    return re.split(r", (?:while|whereas|but|and so|although)\b", why)[0]


def _asked(doc: "Doc", end: int) -> str | None:
    """The main clause turned into a question."""
    root = next(token for token in doc if token.head == token)
    subject = subject_of(doc)
    if subject is None or subject.left_edge.i != 0 or root.idx >= end or subject.right_edge.i >= root.i:
        return None
    helper = next((child for child in root.children if child.dep_ in {"aux", "auxpass"} and child.i > subject.i), None)
    verb = root if helper is None else helper
    name = doc[: subject.right_edge.i + 1].text
    rest = doc.text[verb.idx + len(verb.text) : end].strip()
    asked = _lowered(name, doc[0])
    if verb.lower_ in _AUXILIARY and (helper is not None or root.lemma_ == "be"):
        return f"{verb.lower_} {asked} {rest}"
    if root.tag_ not in {"VBZ", "VBP", "VBD"} or (root.tag_ == "VBP" and subject.tag_ in {"NN", "NNP"}):
        return None
    do = {"VBZ": "does", "VBP": "do", "VBD": "did"}[root.tag_]
    between = doc.text[subject.right_edge.idx + len(subject.right_edge.text) : root.idx].strip()
    return " ".join(part for part in (do, asked, between, root.lemma_, rest) if part)


def _lowered(name: str, first: "Token") -> str:
    is_name = first.pos_ == "PROPN" and rarity(first.text) < 0.4  # noqa: PLR2004
    if is_name or any(letter.isupper() or letter.isdigit() for letter in first.text[1:]):
        return name
    return name[0].lower() + name[1:]
