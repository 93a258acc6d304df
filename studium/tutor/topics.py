"""Questions put together by what they mean, told so that nobody is: counts, and words that several used. Pure.

Where questions come from, and who may read what is made of them, is `questions`'.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Literal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.stats import binomtest

from studium.wire.questions import LEAST_ASKERS, Share, Spot, Topic

Vectors = NDArray[np.float32]
Outcome = Literal["answered", "unsure", "refused"]
FARTHEST = 0.55
"""Mean cosine distance up to which two groups of questions are one. Wordings of one question by different people lie
below it, on MiniLM (tests/tutor/test_topics.py); at 0.65 a third of a course's questions run together."""
MOST_WORDS = 5
MOST_PLACES = 3


@dataclass(frozen=True)
class Place:
    """Where an answer stood."""

    document_id: UUID
    title: str
    module_name: str | None
    page: int | None
    page_kind: Literal["page", "slide"] | None
    source_url: str | None
    open_url: str


@dataclass(frozen=True)
class Asked:
    """A question, who asked it, and what came of it."""

    asker: UUID
    question: str
    outcome: Outcome
    places: tuple[Place, ...]
    vector: Vectors
    """Of length 1."""
    stems: Mapping[str, str]
    """The stem of each of its words that says something, by the word."""


def group(asked: Sequence[Asked]) -> list[Topic]:
    """What enough people ask, what most ask first."""
    rarity = _rarity(asked)
    found = [_topic(members, rarity) for members in _alike(asked) if askers(members) >= LEAST_ASKERS]
    return sorted(found, key=lambda topic: (-topic.askers, -topic.asks, topic.words))


def askers(asked: Iterable[Asked]) -> int:
    """How many people."""
    return len({one.asker for one in asked})


def places(asked: Iterable[Asked], most: int) -> list[Spot]:
    """The places that answers to enough people rested on, or lay nearest to; what most were led to first."""
    led: dict[tuple[UUID, int | None], list[Asked]] = defaultdict(list)
    known: dict[tuple[UUID, int | None], Place] = {}
    for one in asked:
        mine = {(place.document_id, place.page): place for place in one.places}
        known |= mine
        for key in mine:
            led[key].append(one)
    spots = [
        Spot(**vars(known[key]), asks=len(found), askers=askers(found))
        for key, found in led.items()
        if askers(found) >= LEAST_ASKERS
    ]
    return sorted(spots, key=lambda spot: (-spot.askers, -spot.asks, spot.title, spot.page or 0))[:most]


def share(count: int, of: int) -> Share | None:
    """A part of a whole, with its Wilson interval; of nothing there is none."""
    if not of:
        return None
    low, high = binomtest(count, of).proportion_ci(method="wilson")
    return Share(count=count, of=of, low_pct=round(100 * low, 1), high_pct=round(100 * high, 1))


def _alike(asked: Sequence[Asked]) -> list[list[Asked]]:
    if len(asked) < LEAST_ASKERS:
        return []
    tree = linkage(np.stack([one.vector for one in asked]), "average", metric="cosine")
    groups: dict[int, list[Asked]] = defaultdict(list)
    for number, one in zip(fcluster(tree, FARTHEST, "distance"), asked, strict=True):
        groups[int(number)].append(one)
    return list(groups.values())


def _topic(members: Sequence[Asked], rarity: Mapping[str, float]) -> Topic:
    outcomes = Counter(one.outcome for one in members)
    return Topic(
        words=_words(members, rarity),
        asks=len(members),
        askers=askers(members),
        refused=outcomes["refused"],
        unsure=outcomes["unsure"],
        likeness=_likeness(members),
        places=places(members, MOST_PLACES),
    )


def _likeness(members: Sequence[Asked]) -> float:
    """The mean cosine of two of them; of one alone, 1."""
    number = len(members)
    pairs = number * (number - 1)
    total = np.sum(np.stack([one.vector for one in members]), axis=0)
    return round((float(total @ total) - number) / pairs, 2) if pairs else 1.0


def _rarity(asked: Sequence[Asked]) -> dict[str, float]:
    """How much a stem tells of a topic: the fewer questions have it, the more."""
    held = Counter(stem for one in asked for stem in set(one.stems.values()))
    return {stem: log(1 + len(asked) / count) for stem, count in held.items()}


def _words(members: Sequence[Asked], rarity: Mapping[str, float]) -> list[str]:
    """The words that name a topic: each used by enough people, in the form most of them gave it."""
    users: dict[str, set[UUID]] = defaultdict(set)
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    for one in members:
        for word, stem in one.stems.items():
            users[stem].add(one.asker)
            forms[stem][word] += 1
    shared = [stem for stem, people in users.items() if len(people) >= LEAST_ASKERS]
    best = sorted(shared, key=lambda stem: (-len(users[stem]) * rarity[stem], stem))[:MOST_WORDS]
    return [min(forms[stem], key=lambda word: (-forms[stem][word], word)) for stem in best]
