"""Ability and difficulty: what an answer moves and how far, where questions begin, and which comes next."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import numpy as np
import pytest

from bench import practice as simulated
from studium.learning.practice.ability import (
    UNKNOWN,
    Ability,
    Answered,
    Asked,
    Guess,
    begin,
    chance,
    foretold,
    moved,
    rebased,
)
from studium.learning.practice.choosing import (
    LEAST,
    LONGEST_WAIT,
    MOST,
    Given,
    Item,
    choose,
    rested,
    rests_until,
)
from studium.learning.practice.starting import FirstAnswer, started

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MIDDLE = Asked(Guess(0.0, 0.3))


def after(*fractions: float, asked: Asked = MIDDLE, topics: tuple[str, ...] = ("a", "b")) -> tuple[Guess, Guess]:
    ability = begin(topics)
    for number, fraction in enumerate(fractions):
        ability, _ = moved(ability, Answered("a", asked, fraction), NOW + timedelta(minutes=number))
    return ability.of("a"), ability.of(topics[-1])


def test_right_answers_raise_and_wrong_ones_lower_what_is_thought_of_somebody() -> None:
    begun = begin(["a"]).of("a")
    right, _ = after(1)
    wrong, _ = after(0)
    half, _ = after(0.5)
    assert wrong.mean < half.mean < right.mean
    assert right.mean > begun.mean > wrong.mean
    assert max(right.spread, wrong.spread, half.spread) < begun.spread


def test_an_answer_in_one_topic_says_less_of_another() -> None:
    here, there = after(1, 1, 1)
    assert 0 < there.mean < here.mean
    assert here.spread < there.spread


def test_a_right_answer_that_luck_explains_says_less() -> None:
    known, _ = after(1)
    lucky, _ = after(1, asked=Asked(MIDDLE.difficulty, luck=0.5))
    unlucky, _ = after(0, asked=Asked(MIDDLE.difficulty, luck=0.5))
    assert 0 < lucky.mean < known.mean
    assert unlucky.mean < after(0)[0].mean + 0.2, "a wrong one says as much as ever"


def test_the_estimate_is_bayes_own() -> None:
    """Against the whole posterior of one ability and one difficulty, summed over a fine grid."""
    theta, hard = np.meshgrid(np.linspace(-7, 7, 1401), np.linspace(-6, 6, 601), indexing="ij")
    prior, of_question = begin(["a"]).of("a"), Guess(-0.4, 0.8)
    weights = np.exp(-((theta / prior.spread) ** 2) / 2 - (((hard + 0.4) / 0.8) ** 2) / 2)
    weights *= 0.25 + 0.75 / (1 + np.exp(-(theta - hard)))
    weights /= weights.sum()
    ability, difficulty = moved(begin(["a"]), Answered("a", Asked(of_question, 0.25), 1.0), NOW)
    assert ability.of("a").mean == pytest.approx((weights * theta).sum(), abs=0.005)
    assert difficulty.mean == pytest.approx((weights * hard).sum(), abs=0.005)
    variance = (weights * theta**2).sum() - (weights * theta).sum() ** 2
    assert ability.of("a").spread == pytest.approx(variance**0.5, abs=0.005)


def test_what_is_foretold_comes_true_on_average() -> None:
    guess, asked = Guess(0.5, 0.9), Asked(Guess(-0.2, 0.7), 0.2, 1.3)
    rng = np.random.default_rng(1)
    theta, hard = rng.normal(0.5, 0.9, 200_000), rng.normal(-0.2, 0.7, 200_000)
    right = 0.2 + 0.8 / (1 + np.exp(-1.3 * (theta - hard)))
    assert chance(guess, asked) == pytest.approx(right.mean(), abs=0.003)
    [left] = foretold(guess, [asked])[1]
    ends = [moved(_as(guess), Answered("a", asked, given), NOW)[0].of("a").spread ** 2 for given in (1.0, 0.0)]
    expected = right.mean() * ends[0] + (1 - right.mean()) * ends[1]
    assert 1 - left == pytest.approx(expected / guess.spread**2, abs=0.003)


def _as(guess: Guess) -> Ability:
    return Ability(("a",), np.array([guess.mean]), np.array([[guess.spread**2]]))


def test_time_makes_less_sure_up_to_where_one_began() -> None:
    ability, _ = moved(begin(["a"]), Answered("a", MIDDLE, 1.0), NOW)
    spreads = [
        moved(ability, Answered("a", MIDDLE, 1.0), NOW + timedelta(days=days))[0].of("a").spread
        for days in (0, 30, 365, 5000)
    ]
    assert spreads == sorted(spreads)
    assert spreads[2] == spreads[3] < begin(["a"]).of("a").spread


def test_a_difficulty_keeps_what_was_seen_when_its_start_is_known_better() -> None:
    start, new = Guess(-0.7, 1.2), Guess(0.9, 0.4)
    now = Guess(-0.1, 0.6)
    assert rebased(start, start, new) == new, "nothing seen"
    moved_to = rebased(now, start, new)
    assert moved_to.spread < min(now.spread, new.spread)
    assert new.mean > moved_to.mean > now.mean


def test_naive_moments_are_refused() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        moved(begin(["a"]), Answered("a", MIDDLE, 1.0), naive)
    with pytest.raises(ValueError, match="time zone"):
        rested([], {}, naive)


def test_moodles_answers_tell_how_hard_questions_are_and_how_much_they_tell() -> None:
    rng = np.random.default_rng(5)
    hard, sharp = np.linspace(-2, 1.5, 12), np.tile([0.6, 1.0, 1.7], 4)
    able = rng.normal(0, 1.1, 300)
    right = rng.random((300, 12)) < 1 / (1 + np.exp(-sharp * (able[:, None] - hard)))
    answers = [FirstAnswer(str(p), f"{q:02}", float(right[p, q])) for p in range(300) for q in range(12)]
    known = [one for _, one in sorted(started(answers, {}).items())]
    off = np.array([one.asked.difficulty.mean for one in known]) - hard
    assert np.abs(off).max() < 0.6
    assert np.corrcoef(np.log([one.asked.sharpness for one in known]), np.log(sharp))[0, 1] > 0.6
    assert {one.answers for one in known} == {300}
    assert started([], {}) == {}


def item(number: int, topic: str, difficulty: float, luck: float = 0.0) -> Item:
    return Item(UUID(int=number), topic, Asked(Guess(difficulty, 0.3), luck))


def test_the_level_is_found_topic_by_topic_and_then_the_weakest_is_asked() -> None:
    items = [item(n, "ab"[n % 2], -4 + n / 40) for n in range(240)]
    ability, asked, chances = begin(["a", "b"]), [], []
    left = dict.fromkeys(items)
    for number in range(24):
        choice = choose(ability, list(left), Random(number), frozenset(one.question_id for one in left))
        assert choice is not None
        del left[choice.item]
        asked.append(choice.item.topic)
        chances.append(choice.p_correct if choice.is_level_known else None)
        # all of one topic is known, of the other what is easy
        right = float(choice.item.topic == "a" or choice.item.asked.difficulty.mean < -1)
        answer = Answered(choice.item.topic, choice.item.asked, right)
        ability, _ = moved(ability, answer, NOW + timedelta(minutes=number))
    assert set(asked[:2]) == {"a", "b"}
    assert asked[-8:] == ["b"] * 8
    at_level = [one for one in chances if one is not None]
    assert sum(LEAST - 0.02 <= one <= MOST + 0.02 for one in at_level) >= 0.7 * len(at_level)


def test_without_questions_there_is_no_choice_and_without_a_fitting_one_the_nearest() -> None:
    assert choose(begin(["a"]), [], Random(1), frozenset()) is None
    choice = choose(begin(["a"]), [item(1, "a", 9), item(2, "a", 5)], Random(1), frozenset())
    assert choice is not None
    assert choice.item.question_id == UUID(int=2)


def test_what_is_as_good_changes_and_what_is_chosen_does_not_without_reason() -> None:
    items = [item(n, "a", -0.5) for n in range(1, 30)]
    fresh = frozenset(one.question_id for one in items)
    picks = [choose(begin(["a"]), items, Random(seed), fresh) for seed in range(20)]
    assert len({one.item for one in picks if one}) > 5
    assert choose(begin(["a"]), items, Random(3), fresh) == choose(begin(["a"]), items[::-1], Random(3), fresh)
    seen = fresh - {UUID(int=7)}
    assert choose(begin(["a"]), items, Random(1), fresh - seen).item.question_id == UUID(int=7)  # type: ignore[union-attr]


def test_a_question_rests_longer_the_more_often_it_was_right() -> None:
    waits = [rests_until(Given(NOW, times)) - NOW for times in (0, 1, 2, 3, 30)]
    assert waits == [timedelta(days=days) for days in (1, 4, 8, 16, 60)]
    assert waits[-1] == LONGEST_WAIT
    one = item(1, "a", 0)
    given = {one.question_id: Given(NOW, 0)}
    assert rested([one], given, NOW + timedelta(hours=23)) == []
    assert rested([one], given, NOW + timedelta(hours=24)) == [one]


def test_unknown_questions_begin_in_the_middle() -> None:
    assert chance(begin(["a"]).of("a"), Asked(UNKNOWN)) == pytest.approx(0.62, abs=0.03)


@pytest.mark.soak
def test_chosen_questions_find_the_ability_sooner_than_drawn_ones() -> None:
    runs = simulated.compared(simulated.WORLDS[0], 500, seed=0)
    errors = [[run.course_error for run in one] for one in runs]
    middle, _, high = simulated.ratio(*errors, np.random.default_rng(1))
    assert middle <= 0.8
    assert high <= 0.9
    assert 0.6 <= np.mean([run.right for run in runs[0]]) <= 0.85
