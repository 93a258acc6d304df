"""What the course has on a question, for whoever answers: without what an open quiz keeps back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from psycopg import Connection

from studium.retrieval.search import Passage
from studium.tutor import open_quizzes
from studium.tutor.asked import sides_of, term_of
from studium.tutor.citing import Versions, versions_of
from studium.tutor.defining import definition, is_entry
from studium.tutor.evidence import Quote, choose
from studium.tutor.extractive import Findings, compose, find
from studium.tutor.further import readings
from studium.tutor.open_quizzes import KEPT_BACK, Held
from studium.wire.answers import Answer, Reading

if TYPE_CHECKING:
    from studium.content.embed import Embedder

MOST_OF_A_SIDE = 2


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, what quoting it says, and the versions of the files."""

    findings: Findings
    said: Answer
    versions: Versions
    quotes: Sequence[Quote]
    sides: Sequence[tuple[str | None, Quote]] = ()
    """Of a question that compares: what speaks of one of the two (its name), or of both (None)."""
    kept_back: str | None = None
    """The open quiz for whose sake something was left out."""

    @property
    def targets(self) -> list[Quote]:
        """The sentences that answer, the best of each quote, or what defines the term that is asked for; best first."""
        sentences, scores = self.findings.sentences, self.findings.scores
        term = term_of(self.said.question)
        defined = definition(term, sentences, scores) if term else None
        found = [defined] if defined else []
        for quote in self.quotes:
            inside = [
                (points, one.start, one.end)
                for points, one in zip(scores, sentences, strict=True)
                if one.passage.chunk_id == quote.passage.chunk_id and quote.start <= one.start < quote.end
            ]
            _, start, end = max(inside, default=(0.0, quote.start, quote.end))
            if all((one.passage.chunk_id, one.start) != (quote.passage.chunk_id, start) for one in found):
                found.append(replace(quote, start=start, end=end))
        return found

    @property
    def readings(self) -> list[Reading]:
        """What to read beside what is quoted."""
        quotes = [quote for _, quote in self.sides] or self.quotes
        return readings(self.said.question, self.findings.passages, quotes)

    def without_quotes(self) -> "Found":
        """The same places, and that they do not answer."""
        findings = replace(self.findings, sentences=[], scores=[])
        said = compose(self.said.question, self.said.course_id, findings)
        return replace(self, findings=findings, said=said, quotes=(), sides=())


def look(connection: Connection, embedder: "Embedder", question: str, held: Held) -> Found:
    """Look in the course for what answers a question."""
    findings, kept_back = _open(find(connection, embedder, question, course_id=held.course_id), held)
    about = []
    for side in sides_of(question):
        of_side, kept = _open(find(connection, embedder, side, course_id=held.course_id), held)
        kept_back = kept_back or kept
        about.append((side, of_side))
    sides = _sides(about)
    quotes = choose(findings.sentences, findings.scores)
    places = [*findings.passages, *(quote.passage for _, quote in sides)]
    return Found(
        findings,
        compose(question, held.course_id, findings),
        versions_of(connection, [passage.document_id for passage in places]),
        quotes,
        sides,
        kept_back,
    )


def asked(connection: Connection, embedder: "Embedder", question: str, course_id: str) -> Answer:
    """What the course says about a question to the transaction's account, quoted; nothing that an open quiz asks."""
    held = open_quizzes.held(connection, embedder, course_id)
    quiz = held.by(question)
    if quiz is None:
        found = look(connection, embedder, question, held)
        left_out = f" {KEPT_BACK.format(quiz=found.kept_back)}" if found.kept_back else ""
        return found.said.model_copy(update={"statement": f"{found.said.statement}{left_out}"})
    statement = open_quizzes.refused(quiz.name).statement
    return Answer(question=question, course_id=course_id, answered=False, statement=statement, quotes=[], read_next=[])


def _sides(about: Sequence[tuple[str, Findings]]) -> list[tuple[str | None, Quote]]:
    """What speaks of each side, by its name; nothing unless each side has something of its own."""
    names = {side: re.compile(rf"\b{re.escape(side)}s?\b", re.IGNORECASE) for side, _ in about}
    found: list[tuple[str | None, Quote]] = []
    for side, findings in about:
        (other,) = (name for name in names if name != side)
        for quote in _of_side(side, names[side], findings):
            of_both = names[other].search(quote.text) is not None
            if all(
                (quote.passage.chunk_id, quote.start) != (known.passage.chunk_id, known.start) for _, known in found
            ):
                found.append((None if of_both else side, quote))
    if not names.keys() <= {side for side, _ in found}:
        return []
    order = [*names, None]
    return sorted(found, key=lambda one: order.index(one[0]))


def _of_side(side: str, name: re.Pattern[str], findings: Findings) -> list[Quote]:
    defined = definition(side, findings.sentences, findings.scores)
    named = [
        (sentence, points)
        for sentence, points in zip(findings.sentences, findings.scores, strict=True)
        if name.search(sentence.in_context) or is_entry(sentence.passage, side)
    ]
    quotes = choose([sentence for sentence, _ in named], [points for _, points in named])
    return list(
        {(one.passage.chunk_id, one.start): one for one in [*([defined] if defined else []), *quotes]}.values()
    )[:MOST_OF_A_SIDE]


def _open(findings: Findings, held: Held) -> tuple[Findings, str | None]:
    """Findings without the chunks that say what an open quiz asks, and which quiz kept any back."""
    if not held.quizzes or not findings.passages:
        return findings, None
    weighed = {sentence.passage.passage_id for sentence in findings.sentences}
    rest = [passage for passage in findings.passages if passage.passage_id not in weighed]
    texts = [sentence.text for sentence in findings.sentences] + [passage.text for passage in rest]
    chunks = [sentence.passage.chunk_id for sentence in findings.sentences] + [passage.chunk_id for passage in rest]
    said = held.says(texts)
    shut = {chunk for chunk, by in zip(chunks, said, strict=True) if by}
    kept = [
        (sentence, points)
        for sentence, points in zip(findings.sentences, findings.scores, strict=True)
        if sentence.passage.chunk_id not in shut
    ]
    return Findings(
        [passage for passage in findings.passages if passage.chunk_id not in shut],
        [sentence for sentence, _ in kept],
        [points for _, points in kept],
    ), next((by for by in said if by), None)


def retrieved(found: Found) -> list[dict[str, Any]]:
    """What is kept of what was found: the quotes' places with their scores, then the next places."""
    quotes = [quote for _, quote in found.sides] or found.quotes
    first = [_place(quote.passage) | {"score": quote.score} for quote in quotes]
    return [*first, *({"document_id": str(one.document_id), "page": one.page} for one in found.readings)]


def _place(passage: Passage) -> dict[str, Any]:
    return {"document_id": str(passage.document_id), "page": passage.page, "chunk_id": str(passage.chunk_id)}
