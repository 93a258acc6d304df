"""Terms a course explains, and what it says they are: glossaries' entries, defining sentences, items under a dash."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from studium.learning.making.language import WORD, rarity
from studium.learning.making.material import Source
from studium.learning.making.standing import Sentence, sentences

if TYPE_CHECKING:
    from spacy.tokens import Token

MEANING_WORDS = (4, 36)
LONGEST_NAME = 5
COMMON = 0.1
"""How rare a word is that names something: "effect" and "change" do not."""
_DASHED = re.compile(r"([^\u2013\u2014:;,.()]{3,50}?) [\u2013\u2014] (.{12,240})")
_MEANS = frozenset({"be", "mean", "denote"})
_VAGUE = frozenset(
    {"thing", "way", "example", "part", "reason", "one", "kind", "type", "case", "difference", "cause", "problem"}
    | {"question", "answer", "result", "consequence", "work", "site", "step", "treatment", "pair", "exception"}
)
"""What a sentence that says "X is a ... of Y" does not define X by."""
_LEADING = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
_BRACKET = re.compile(r"\s*\(([^()]{1,40})\)")
_UNREADABLE = re.compile(r"[\\$=?{}|<>]|https?:")
_SYMBOL = re.compile(r"[A-Za-z]{0,3}[_\d][\w,]*|[A-Z]{1,2}")


@dataclass(frozen=True)
class Entry:
    """A term and its meaning."""

    names: tuple[str, ...]
    """The first is how it is called; the others are accepted."""
    meaning: str
    """Without the term in front of it."""
    quote: str
    source: Source
    is_glossary: bool = False

    @property
    def name(self) -> str:
        """How it is called."""
        return self.names[0]

    @cached_property
    def is_plural(self) -> bool:
        """Whether it is the name of several things: among names of one it would stand out."""
        last = self.name.split(" ")[-1]
        return last.endswith("s") and not last.endswith(("ss", "is", "us")) and last.islower()


def entries(sources: Iterable[Source]) -> list[Entry]:
    """The terms of these passages, each once: a glossary's word for it before a sentence's."""
    kept: dict[str, Entry] = {}
    found = sorted((one for source in sources for one in _of(source)), key=lambda one: not one.is_glossary)
    for entry in found:
        names = {name.casefold() for name in entry.names}
        if not names & kept.keys():
            kept |= dict.fromkeys(names, entry)
    return list(dict.fromkeys(kept.values()))


def _of(source: Source) -> Iterator[Entry]:
    if source.is_entry:
        yield from _glossary(source)
    elif not source.is_aside:
        for sentence in sentences(source):
            yield from _sentence(sentence)
        for lines in source.paragraphs:
            for line in lines:
                yield from _dashed(line, source)


def _glossary(source: Source) -> Iterator[Entry]:
    names = tuple(dict.fromkeys(name.strip() for name in (source.heading or "").split(";") if name.strip()))
    paragraphs = [" ".join(lines) for lines in source.paragraphs if " ".join(lines) not in (source.heading, *names)]
    if names and paragraphs:
        text = paragraphs[0]
        first = re.split(r"(?<=[a-z\d)])(?:\. (?=[A-Z])|; )", text)[0]
        entry = Entry(
            names, first.rstrip(".") if _is_meaning(first) else text.rstrip("."), text, source, is_glossary=True
        )
        if _is_name(names[0]) and _is_meaning(entry.meaning):
            yield entry


def _dashed(line: str, source: Source) -> Iterator[Entry]:
    found = _DASHED.fullmatch(line)
    if found and _is_name(found[1].strip()):
        meaning = re.split(r"[;.] ", found[2])[0].strip().rstrip(".;")
        if _is_meaning(meaning) and not found[1][0].isdigit():
            yield Entry((found[1].strip(),), meaning, line, source)


def _sentence(sentence: Sentence) -> Iterator[Entry]:
    """A sentence that begins with the term and says what it is."""
    doc, root = sentence.doc, sentence.root
    if (
        not sentence.quote.endswith(".")
        or root.lemma_ not in _MEANS
        or any(token.dep_ in ("aux", "neg") for token in root.children)
    ):
        return
    subject = next((token for token in root.children if token.dep_ in ("nsubj", "csubj")), None)
    if subject is None or subject.left_edge.i != 0 or subject.tag_ not in ("NN", "NNP", "NNS", "NNPS"):
        return
    head = doc[: root.i].text
    bare = _LEADING.sub("", _BRACKET.sub("", head)).strip()
    names = tuple(
        dict.fromkeys(
            [
                _plain(bare, doc[1 if _LEADING.match(head) else 0]),
                *(one for one in _BRACKET.findall(head) if _is_name(one)),
            ]
        )
    )
    if not _is_name(names[0]) or "," in bare or not _says_what(root):
        return
    meaning = doc[root.i + 1 :].text.rstrip(".").strip()
    if _is_meaning(meaning):
        yield Entry(names, meaning, sentence.quote, sentence.source)


def _says_what(root: "Token") -> bool:
    """Whether what follows the verb names what the term is, and closer than anything might be."""
    attribute = next((token for token in root.children if token.dep_ == "attr"), None)
    if attribute is None or attribute.lemma_ in _VAGUE or attribute.pos_ not in ("NOUN", "PROPN"):
        return False
    if any(token.dep_ == "advmod" and token.i < attribute.i for token in root.children):
        return False
    closer = {"prep", "relcl", "acl", "compound", "amod", "appos"}
    return sum(child.dep_ in closer for child in attribute.children) >= 1


def _plain(name: str, first: "Token") -> str:
    """As it stands in the middle of a sentence; names and abbreviations keep their letters."""
    is_word = first.text[1:].islower() and first.tag_ in ("NN", "NNS", "JJ") and not _SYMBOL.fullmatch(first.text)
    return name[0].lower() + name[1:] if is_word else name


def _is_name(text: str) -> bool:
    words = WORD.findall(text)
    return (
        0 < len(words) <= LONGEST_NAME
        and not _UNREADABLE.search(text)
        and (len(words) > 1 or len(text) > 1)
        and max(rarity(word) for word in words) > COMMON
    )


def _is_meaning(text: str) -> bool:
    count = len(WORD.findall(text))
    return MEANING_WORDS[0] <= count <= MEANING_WORDS[1] and not _UNREADABLE.search(text)
