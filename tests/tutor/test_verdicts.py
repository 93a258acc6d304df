"""Verdicts over counts written by hand."""

import pytest

from studium.tutor.golden import Golden, Kind, Place
from studium.tutor.verdicts import TOLERANCE, compare, counts_of
from tests.tutor.test_evaluation import outcome


def counted(*values: float) -> dict[str, dict[str, float]]:
    return {str(number): {"recall_at_5": value} for number, value in enumerate(values)}


def test_the_same_is_no_worse() -> None:
    found = compare(counted(1, 0, 1), counted(1, 0, 1))
    assert (found.is_worse, found.why) == (False, "no worse")
    assert [(one.questions, one.mean, one.lower) for one in found.differences] == [(3, 0, 0)]


@pytest.mark.parametrize(
    ("lost", "won", "of", "is_worse"),
    [
        (1, 0, 20, True),
        (1, 1, 20, False),
        (1, 0, 400, False),
        (2, 0, 400, False),
        (20, 0, 400, True),
        (40, 30, 400, True),
        (30, 40, 400, False),
    ],
)
def test_a_loss_counts_when_chance_does_not_make_it_small(lost: int, won: int, of: int, is_worse: bool) -> None:
    old = counted(*[1] * lost, *[0] * won, *[1] * (of - lost - won))
    new = counted(*[0] * lost, *[1] * won, *[1] * (of - lost - won))
    found = compare(old, new)
    assert found.is_worse is is_worse
    (one,) = found.differences
    assert one.mean == pytest.approx((won - lost) / of)
    assert one.lower <= one.mean
    if is_worse:
        assert one.lower < -TOLERANCE
        assert found.why.startswith("worse: recall_at_5 -")


def test_no_leak_is_tolerated() -> None:
    old = {str(number): {"leaks": 0.0} for number in range(400)}
    leaking = {str(number): {"leaks": -1.0} for number in range(4)}
    assert compare(old, old | leaking).is_worse
    assert not compare(old | leaking, old).is_worse


def test_only_what_both_were_asked_counts() -> None:
    old, new = counted(1, 1), counted(1)
    assert [one.questions for one in compare(old, new).differences] == [1]
    assert compare(counted(1), {}).why == "there are no golden questions to compare by"


@pytest.mark.parametrize(
    ("kind", "refused", "rightly"),
    [("answerable", True, 0), ("answerable", False, 1), ("unanswerable", True, 1), ("forbidden", False, 0)],
)
def test_refusals_count_by_what_they_should_be(kind: Kind, refused: bool, rightly: float) -> None:
    assert counts_of(outcome(kind, refused=refused))["refused rightly"] == rightly


def test_what_a_question_counts() -> None:
    assert counts_of(outcome("answerable", 1, contained=True)) == {
        "refused rightly": 1, "leaks": 0, "faithfulness": 1, "recall_at_5": 1, "ndcg_at_10": 1, "answer_contained": 1,
    }  # fmt: skip
    assert set(counts_of(outcome("unanswerable", refused=True))) == {"refused rightly", "leaks"}


def test_the_sample_has_every_kind() -> None:
    from studium.tutor.trial import spread

    kinds: tuple[Kind, ...] = ("answerable", "unanswerable", "forbidden")
    place = Place(module=1, quote="q")
    many = [
        Golden(id=f"{kind}{number}", question="q", kind=kind, answers=[] if kind == "unanswerable" else [place])
        for kind, count in zip(kinds, (60, 30, 10), strict=True)
        for number in range(count)
    ]
    chosen = spread(many, 20)
    assert [sum(one.kind == kind for one in chosen) for kind in kinds] == [12, 6, 2]
    assert len({one.id for one in chosen}) == 20
    assert spread(many[:3], 20) == sorted(many[:3], key=lambda one: one.id)
