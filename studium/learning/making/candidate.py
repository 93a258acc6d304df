"""A card as it is proposed: what it asks, what answers it, and the words of the material it rests on."""

import re
from dataclasses import dataclass
from typing import Literal

from studium.learning.making.language import stems
from studium.learning.making.material import Source

Rule = Literal[
    "glossary",
    "question",
    "definition",
    "reason",
    "abbreviation",
    "point",
    "formula",
    "list",
    "table",
    "cloze",
    "model",
]
GAP = re.compile(r"\{\{c\d+::(.*?)(?:::[^{}]*)?\}\}")
"""A gap as Anki writes it, which is how cards with gaps are kept."""
_ACTIVE = re.compile(r"([\\`*_\[\]<>#|~$])")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A card that could be proposed."""

    front: str
    back: str
    kind: Literal["basic", "cloze"]
    rule: Rule
    quote: str
    source: Source
    score: float
    """From 0 to 1, how much it is worth: for the order of proposals, and which of two alike stays."""
    terms: tuple[str, ...] = ()
    """What it asks for by name: two cards that explain the same term are one too many."""

    @property
    def answer(self) -> str:
        """What the learner has to know."""
        return " ".join(GAP.findall(self.front)) if self.kind == "cloze" else self.back

    @property
    def shown(self) -> str:
        """What the learner sees before."""
        return GAP.sub("[…]", self.front)


def under(context: str, question: str, *, hiding: str = "") -> str:
    """A question below what it is about, unless it says so itself or that would tell the answer."""
    inside, hidden = stems(context), stems(hiding)
    if not context or inside <= stems(question) or 2 * len(inside & hidden) > max(1, len(hidden) - 1):
        return question
    return f"*{plain(context)}*\n\n{question}"


def plain(text: str) -> str:
    """A text of the material in Markdown that shows just that text."""
    return _ACTIVE.sub(r"\\\1", text)


def gap(text: str) -> str:
    """A text as what is left out."""
    return "{{c1::" + text.replace("::", ": :").replace("}}", "} }") + "}}"
