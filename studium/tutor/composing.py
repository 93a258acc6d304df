"""An answer that a model composes from passages: what it is given, and each of its sentences held against them.

A sentence is told when it is whole, clean, and no part of what only the model was to read.
"""

from collections.abc import Generator, Sequence, Set
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from studium.content.tokens import count_tokens, token_spans
from studium.retrieval.quotes import as_quote
from studium.retrieval.search import Passage
from studium.tutor import guard, prompts
from studium.tutor.citing import Versions, cite
from studium.tutor.models import Model, Models
from studium.tutor.sentences_told import Told, cited, cut
from studium.tutor.spending import Spending
from studium.tutor.streams import StreamError
from studium.tutor.support import Support, best_of, is_statement, support
from studium.wire.chat import AnswerPart, Citation

if TYPE_CHECKING:
    from studium.content.embed import Embedder


@dataclass(frozen=True, slots=True)
class Refused:
    """The model's word that the passages do not answer."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a model answers from."""

    question: str
    passages: Sequence[Passage]
    """Number 1 is the first."""
    versions: Versions


def within(passages: Sequence[Passage], tokens: int) -> list[Passage]:
    """The first passages whose chunks fit a budget, each chunk once; one at least."""
    chunks = list({passage.chunk_id: passage for passage in reversed(passages)}.values())[::-1]
    fitting: list[Passage] = []
    for passage, size in zip(chunks, count_tokens([passage.chunk_text for passage in chunks]), strict=True):
        if size > tokens and fitting:
            break
        tokens -= size
        fitting.append(passage)
    return fitting


@dataclass(frozen=True, slots=True)
class Composed:
    """A sentence of a model's, and the places of the course that it is the first to cite."""

    part: AnswerPart
    citations: Sequence[Citation]
    model: str


@dataclass(frozen=True, slots=True)
class Composer:
    """Has models answer one question."""

    models: Models
    embedder: "Embedder"
    given: Given
    spending: Spending

    def written(self, model: Model) -> Generator[Composed | Refused | None]:
        """The answer as it comes; None while there is nothing new. Raises `StreamError`."""
        mark = guard.new_mark()
        messages = prompts.read(self.models.answer_prompt).messages(mark, self._data(mark))
        sources = [f"{_place(one)}\n{one.chunk_text}" for one in self.given.passages]
        watch = guard.Watch(str(messages[0].text), mark, "\n".join([self.given.question, *sources, prompts.REFUSAL]))
        draft = Draft(self.embedder, self.given, watch, guard.addresses_in(sources))
        has_said = False
        with closing(model.say(messages, self.models.bounds, self.spending)) as words:
            for told in cut(words):
                part = None
                if told is not None and prompts.REFUSAL in told.text:
                    if not has_said:
                        yield Refused()
                        return
                elif told is not None:
                    part = draft.part(told)
                has_said = has_said or part is not None
                yield Composed(part, draft.new_citations(), model.name) if part else None
        if not has_said:
            raise StreamError("said nothing", is_worth_another=True)

    def _data(self, mark: str) -> str:
        blocks, tokens = [], self.models.context_tokens
        for number, passage in enumerate(self.given.passages, start=1):
            text = passage.chunk_text
            spans = token_spans(text)
            if len(spans) > tokens:  # the only passage, longer than the budget
                text = text[: spans[tokens - 1][1]]
            blocks.append(guard.block(mark, f'passage="{number}"', f"{_place(passage)}\n\n{text}"))
        if self.models.learner:
            blocks.append(guard.block(mark, "learner", self.models.learner))
        return "\n".join([*blocks, guard.block(mark, "question", self.given.question)])


@dataclass
class Draft:
    """What has been made of one model's words."""

    embedder: "Embedder"
    given: Given
    watch: guard.Watch
    allowed: Set[str]
    _said: str = ""
    _new: list[Citation] = field(default_factory=list)
    _known: dict[tuple[int, int, int], int] = field(default_factory=dict)

    def new_citations(self) -> list[Citation]:
        """Those the last sentence was the first to need."""
        new, self._new = self._new, []
        return new

    def part(self, told: Told) -> AnswerPart | None:
        """A sentence, cleaned, with the places that say so; None when nothing of it is left."""
        clean = guard.clean(told.text, self.allowed)
        self._said += f" {told.text}"
        if self.watch.gives_away(self._said) or self.watch.gives_away(clean):
            raise StreamError("gave away what it was told", is_worth_another=False)
        text, numbers = cited(clean)
        if not text.strip(" -*\u2022.,;:!?"):
            return None
        held = self._held(text, [number for number in numbers if 0 < number <= len(self.given.passages)])
        supported = any(one.holds for _, one in held) if is_statement(text) else None
        chosen = [(number, one) for number, one in held if one.holds or not supported]
        return AnswerPart(
            text=text,
            citations=list(dict.fromkeys(self._number(number, one) for number, one in chosen)),
            supported=supported,
            made_by="model",
            goes_on=told.goes_on,
        )

    def _held(self, text: str, numbers: list[int]) -> list[tuple[int, Support]]:
        """The passages a sentence cites, or that one which says what it says without citing it."""
        if numbers or not is_statement(text):
            return [(number, support(self.embedder, text, self._text(number))) for number in numbers]
        found = best_of(self.embedder, text, [passage.chunk_text for passage in self.given.passages])
        return [(found[0] + 1, found[1])] if found else []

    def _text(self, number: int) -> str:
        return self.given.passages[number - 1].chunk_text

    def _number(self, passage_number: int, held: Support) -> int:
        """The citation's number: in the order in which the answer comes to its places."""
        passage = self.given.passages[passage_number - 1]
        start, end = (held.start, held.end) if held.holds else (passage.start_offset, passage.end_offset)
        key = (passage_number, start, end)
        if key not in self._known:
            self._known[key] = len(self._known) + 1
            self._new.append(cite(self._known[key], as_quote(passage, start, end), self.given.versions))
        return self._known[key]


def _place(passage: Passage) -> str:
    names = [passage.section_name, passage.module_name, passage.title, passage.heading]
    return " / ".join(dict.fromkeys(name for name in names if name))
