"""How well a course's golden questions are answered: rules over what was found and said. Pure.

Asking them, as their askers, is `examination`'s; reading them `golden`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from studium.retrieval.search import Passage
from studium.tutor.golden import Golden, Kind, Place

DEEP = 10
NEAR_TOP = 5


@dataclass(frozen=True)
class Outcome:
    """What one question came to.

    `ranks` are the places, counted from 1, at which its answers were first met among the first ten passages.
    """

    golden: Golden
    ranks: tuple[int, ...]
    is_refused: bool
    is_contained: bool
    quotes: int
    faithful: int
    leaks: int
    milliseconds: float

    @property
    def kind(self) -> Kind:
        """Of the question."""
        return self.golden.kind


@dataclass(frozen=True)
class Metrics:
    """The figures of an evaluation; None where no question asks for one."""

    recall_at_5: float | None
    mrr: float | None
    ndcg_at_10: float | None
    answer_contained: float | None
    faithfulness: float | None
    refusal_precision: float | None
    refusal_recall: float | None
    leaks: int
    p50_ms: float
    p95_ms: float


def said_alike(text: str) -> str:
    """Without what line breaks and columns do to spaces."""
    return " ".join(text.split())


def stands_at(place: Place, passage: Passage) -> bool:
    """Whether a passage is of the named place and shows its words, or more than half of them where it was cut."""
    if not _is_of(place, passage):
        return False
    quote, text, chunk = said_alike(place.quote), said_alike(passage.text), said_alike(passage.chunk_text)
    if quote in text:
        return True
    start, begin = chunk.find(quote), chunk.find(text)
    if min(start, begin) < 0:
        return False
    return min(start + len(quote), begin + len(text)) - max(start, begin) > len(quote) / 2


def _is_of(place: Place, passage: Passage) -> bool:
    if place.module is not None:
        return (passage.module_id or "").rpartition(":")[2] == str(place.module)
    if passage.module_id is not None:
        return False
    names = {passage.filename, passage.title, passage.module_name, passage.section_name}
    wanted = {place.file, place.name} - {None}
    return place.modname in ("course", "section") or not wanted or bool(wanted & names)


def ranks_of(answers: Sequence[Place], passages: Sequence[Passage]) -> tuple[int, ...]:
    """At which places each spot that answers is first met; one not met has none, and a passage counts once."""
    met: dict[tuple[object, ...], int] = {}
    for number, passage in enumerate(passages[:DEEP], 1):
        for place in answers:
            if place.spot not in met and stands_at(place, passage):
                met[place.spot] = number
    return tuple(sorted(set(met.values())))


def contains_an_answer(answers: Sequence[Place], quotes: Sequence[str]) -> bool:
    """Whether one of the quotes has one of the answers' words."""
    texts = [said_alike(quote) for quote in quotes]
    return any(said_alike(place.quote) in text for place in answers for text in texts)


def ndcg(ranks: Sequence[int], answers: int) -> float:
    """At ten: alternatives all count alike."""
    ideal = sum(1 / log2(place + 1) for place in range(1, min(answers, DEEP) + 1))
    return sum(1 / log2(rank + 1) for rank in ranks) / ideal


def summarise(outcomes: Sequence[Outcome]) -> Metrics:
    """The figures of all questions asked."""
    answerable = [one for one in outcomes if one.kind == "answerable"]
    to_refuse = [one for one in outcomes if one.kind != "answerable"]
    refused = [one for one in outcomes if one.is_refused]
    quotes = sum(one.quotes for one in outcomes)
    return Metrics(
        recall_at_5=_mean([float(bool(one.ranks) and one.ranks[0] <= NEAR_TOP) for one in answerable]),
        mrr=_mean([1 / one.ranks[0] if one.ranks else 0.0 for one in answerable]),
        ndcg_at_10=_mean([ndcg(one.ranks, len({place.spot for place in one.golden.answers})) for one in answerable]),
        answer_contained=_mean([float(one.is_contained) for one in answerable]),
        faithfulness=sum(one.faithful for one in outcomes) / quotes if quotes else None,
        refusal_precision=_mean([float(one.kind != "answerable") for one in refused]),
        refusal_recall=_mean([float(one.is_refused) for one in to_refuse]),
        leaks=sum(one.leaks for one in outcomes),
        p50_ms=quantile([one.milliseconds for one in outcomes], 0.5),
        p95_ms=quantile([one.milliseconds for one in outcomes], 0.95),
    )


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
