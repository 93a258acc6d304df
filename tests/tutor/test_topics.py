"""Questions put together by meaning, on the real embedder: topics come out, and nobody does."""

import re
from collections.abc import Sequence
from uuid import UUID, uuid5

import pytest

from studium.content.embed import open_named
from studium.tutor.sentence_vectors import vectors_of
from studium.tutor.topics import Asked, Place, group, places, share

NAMESPACE = UUID("6b0f0d0c-0f7a-4f6e-9a11-5d3a2f6a7c10")
WORDINGS = {
    "preload": [
        "what is the difference between preload and afterload",
        "preload vs afterload??",
        "how does afterload differ from preload",
        "can somebody explain preload and afterload to me",
        "I mix up preload and afterload, which is which",
    ],
    "pacemaker": [
        "why does the sinoatrial node fire by itself",
        "what makes pacemaker cells in the SA node fire spontaneously",
        "how can the SA node start a heartbeat on its own",
        "which current makes pacemaker cells fire",
    ],
    "exam": [
        "when is the exam",
        "what date is the final exam on",
        "how long is the final exam and when does it start",
    ],
    "capillary": [
        "what drives fluid out of capillaries",
        "starling forces in the capillary, what pushes the fluid out",
        "why does fluid leave a capillary at the arterial end",
    ],
}
ALONE = "does my neighbour Zsuzsanna get the marks for her lab report"


def person(name: object) -> UUID:
    return uuid5(NAMESPACE, str(name))


def asked(questions: Sequence[str], askers: Sequence[UUID] | None = None, **named: object) -> list[Asked]:
    vectors = vectors_of(open_named("minilm"), questions)
    people = askers or [person(question) for question in questions]
    facts: dict[str, object] = {"outcome": "answered", "places": ()} | named
    return [
        Asked(
            asker=who,
            question=question,
            vector=vector,
            stems={word: word for word in re.findall("[a-z]{4,}", question.lower())},
            **facts,  # type: ignore[arg-type]
        )
        for who, question, vector in zip(people, questions, vectors, strict=True)
    ]


def at(title: str, page: int | None = None) -> Place:
    return Place(person(title), title, None, page, "page", None, "/open")


def test_wordings_of_one_question_come_together_and_apart_from_others() -> None:
    questions = [one for wordings in WORDINGS.values() for one in wordings]
    found = group(asked([*questions, ALONE]))
    assert [(topic.asks, topic.askers) for topic in found] == [(5, 5), (4, 4), (3, 3), (3, 3)]
    assert {word for topic in found for word in topic.words} >= {"preload", "exam", "fire", "fluid"}
    assert all(0.5 < topic.likeness < 0.9 for topic in found)


def test_two_people_are_no_topic_however_often_they_ask() -> None:
    two = [person("a"), person("b")]
    questions = WORDINGS["preload"]
    assert group(asked(questions, [two[0], two[1], two[0], two[1], two[0]])) == []
    (topic,) = group(asked(questions, [*two, person("c"), *two]))
    assert (topic.asks, topic.askers) == (5, 3)


def test_a_word_that_fewer_used_is_never_told() -> None:
    questions = [*WORDINGS["preload"][:3], "preload and afterload, says Zsuzsanna Nagy from group four"]
    (topic,) = group(asked(questions))
    assert topic.askers == 4
    assert {"preload", "afterload"} <= set(topic.words)
    told = topic.model_dump_json().casefold()
    for secret in ("zsuzsanna", "nagy", "group", "differ"):
        assert secret not in told


def test_questions_that_share_no_word_have_no_words() -> None:
    (topic,) = group(asked(["why so?", "why so...", "so why"]))
    assert (topic.words, topic.asks) == ([], 3)


def test_the_same_words_are_wholly_alike() -> None:
    (topic,) = group(asked(["preload?"] * 3, [person(number) for number in range(3)]))
    assert topic.likeness == 1


def test_what_was_not_answered_is_counted() -> None:
    first, *rest = WORDINGS["exam"]
    (topic,) = group([*asked([first], outcome="refused"), *asked(rest, outcome="unsure")])
    assert (topic.refused, topic.unsure) == (1, 2)


def test_places_are_told_where_enough_people_were_led() -> None:
    pages = (at("Handbook", 4), at("Handbook", 4), at("Slides", 2))
    led = [*asked(WORDINGS["preload"], places=pages[:1]), *asked(WORDINGS["exam"], places=pages)]
    led += asked(["and again?"], [person(WORDINGS["exam"][0])], places=(at("Handbook", 5),))
    assert [(spot.title, spot.page, spot.asks, spot.askers) for spot in places(led, 5)] == [
        ("Handbook", 4, 8, 8),
        ("Slides", 2, 3, 3),
    ]
    assert len(places(led, 1)) == 1


@pytest.mark.parametrize(
    ("count", "of", "low", "high"), [(0, 10, 0.0, 27.8), (5, 10, 23.7, 76.3), (30, 100, 21.9, 39.6)]
)
def test_a_share_says_how_sure_it_is(count: int, of: int, low: float, high: float) -> None:
    found = share(count, of)
    assert found is not None
    assert (found.low_pct, found.high_pct) == (low, high)


def test_a_share_of_nothing_is_none() -> None:
    assert share(0, 0) is None
    assert group([]) == []
