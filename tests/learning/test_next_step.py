"""What to do next: the order, the reasons, and that there is always something sensible."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from studium.learning.mastery import level
from studium.learning.next_step import PER_KIND, SHOWN, PageToRead, Today, TopicState, next_steps
from studium.learning.standing import unbroken
from studium.wire.mastery import NextStep, TopicMastery

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
PAGE = PageToRead("Valves", "http://moodle.invalid/1")


def topic(name: str = "Heart", pct: float | None = None, width: float = 20, **more: object) -> TopicState:
    """A topic known by `pct`, give or take half of `width`; without it, one nothing is known of."""
    low, high = (None, None) if pct is None else (max(0, pct - width / 2), min(100, pct + width / 2))
    known = TopicMastery(
        topic_id=name.lower(), name=name, position=1, level=level(pct, low, high), mastery_pct=pct, low_pct=low,
        high_pct=high, card_reviews=0 if pct is None else 20, practice_attempts=0, quiz_responses=0, contested=0,
        last_evidence_at=None,
    )  # fmt: skip
    return replace(TopicState(known), **more)  # type: ignore[arg-type]


def kinds(steps: list[NextStep]) -> list[str]:
    return [step.kind for step in steps]


class TestReview:
    """Cards that are due."""

    def test_the_reason_has_its_numbers(self) -> None:
        topics = [topic("Heart", 80, due_cards=30, recall=0.8), topic("Lungs", 80, due_cards=4, recall=0.9)]
        step, *_ = next_steps(topics, Today(loose_due_cards=6))
        assert (step.kind, step.count, step.topic_name, step.minutes) == ("review", 40, "Heart", 8)
        assert step.reason == (
            "40 cards are due, most of them on \u201cHeart\u201d; about 7 of them are forgotten by now, and more "
            "each day."
        )

    def test_no_topic_is_named_where_none_has_most(self) -> None:
        topics = [topic("Heart", 80, due_cards=5), topic("Lungs", 80, due_cards=5)]
        step, *_ = next_steps(topics, Today())
        assert step.topic_name is None
        assert "most of them" not in step.reason

    def test_a_single_card_that_is_surely_known_is_said_so(self) -> None:
        step, *_ = next_steps([topic("Heart", 95, width=4, due_cards=1, recall=0.95)], Today())
        assert step.reason.startswith("1 card is due; few of them are forgotten by now")
        assert step.minutes == 1

    def test_more_that_is_due_never_counts_less(self) -> None:
        weak = topic("Lungs", 30, questions=20)
        places = []
        for due in (1, 5, 20, 80, 400, 2000):
            steps = next_steps([topic("Heart", 90, due_cards=due, recall=0.8), weak], Today())
            places.append(kinds(steps).index("review"))
        assert places == sorted(places, reverse=True)
        assert places[-1] == 0

    def test_new_cards_come_when_nothing_is_due(self) -> None:
        step, *_ = next_steps([topic("Heart", 80)], Today(new_cards=12))
        assert (step.kind, step.count) == ("review", 12)
        assert step.reason == "No card is due, and 12 new ones are ready to be learnt today."
        due, *_ = next_steps([topic("Heart", 80, due_cards=3)], Today(new_cards=12))
        assert due.count == 3


class TestPractise:
    """Questions on what is known least, or least surely."""

    def test_the_weakest_topic_comes_first_and_is_said_to_be_it(self) -> None:
        topics = [topic(name, pct, questions=30) for name, pct in (("Heart", 70), ("Lungs", 35), ("Kidney", 55))]
        first, second, *_ = next_steps(topics, Today())
        assert (first.kind, first.topic_name, second.topic_name) == ("practise", "Lungs", "Kidney")
        assert first.reason == (
            "You know about 35 % of \u201cLungs\u201d (25 to 45 %, from 20 answers), the least of 3 topics."
        )
        assert second.reason.endswith("from 20 answers).")

    def test_of_two_alike_the_less_sure_one_comes_first(self) -> None:
        topics = [topic("Heart", 60, width=10, questions=9), topic("Lungs", 60, width=40, questions=9)]
        assert next_steps(topics, Today())[0].topic_name == "Lungs"

    def test_a_guess_is_not_told_as_knowledge(self) -> None:
        step, *_ = next_steps([topic("Heart", 60, width=79, questions=9)], Today())
        assert step.reason.startswith("So far it looks as if you knew 60 % of")
        assert "too little to tell" in step.reason

    def test_without_a_question_nothing_is_practised(self) -> None:
        assert "practise" not in kinds(next_steps([topic("Heart", 10)], Today()))

    def test_what_is_known_well_is_hardly_worth_it(self) -> None:
        topics = [topic("Heart", 97, width=4, questions=50), topic("Lungs", 80, due_cards=10, recall=0.85)]
        assert kinds(next_steps(topics, Today())) == ["review", "practise"]


class TestRead:
    """Pages."""

    def test_a_topic_nobody_has_touched_is_read_before_it_is_asked(self) -> None:
        first, second = next_steps([topic("Heart", page=PAGE, questions=10)], Today())
        assert (first.kind, first.title, first.url) == ("read", "Valves", PAGE.url)
        assert first.reason == "\u201cHeart\u201d is new to you: nothing of it is read or answered yet."
        assert second.kind == "practise"

    def test_of_a_weak_topic_the_page_that_was_missed(self) -> None:
        missed = replace(PAGE, is_new=False)
        step, *_ = next_steps([topic("Heart", 35, page=missed)], Today())
        assert step.reason == "You know about 35 % of \u201cHeart\u201d (25 to 45 %); this page is on it."
        assert "read" not in kinds(next_steps([topic("Heart", 80, page=missed)], Today()))

    @pytest.mark.parametrize(
        ("days", "said"),
        [(-2, "It was due 2 days ago."), (0, "It is due today."), (1, "It is due in 1 day."), (4, None)],
    )
    def test_a_date_brings_it_forward_and_is_said(self, days: int, said: str | None) -> None:
        later = topic("Lungs", page=replace(PAGE, title="Later"))
        step, *_ = next_steps([topic("Heart", page=replace(PAGE, due_in_days=days)), later], Today())
        assert step.title == "Valves"
        assert step.reason.endswith(said or "answered yet.")


class TestExam:
    """The days before it."""

    def test_near_it_what_is_known_is_kept_first(self) -> None:
        topics = [topic("Heart", 80, due_cards=30, recall=0.9), topic("Lungs", page=PAGE)]
        assert kinds(next_steps(topics, Today(exam_in_days=30)))[0] == "read"
        steps = next_steps(topics, Today(exam_in_days=5))
        assert kinds(steps)[0] == "review"
        assert steps[0].reason.endswith("and more each day. The exam is in 5 days.")

    def test_on_the_day_it_is_said(self) -> None:
        assert next_steps([topic("Heart", 80, due_cards=30)], Today(exam_in_days=0))[0].reason.endswith("today.")


class TestRest:
    """A pause, and the end of a day."""

    def test_after_long_work_a_pause_comes_first_and_the_rest_stays(self) -> None:
        topics = [topic("Heart", 80, due_cards=30)]
        assert kinds(next_steps(topics, Today(unbroken_minutes=49))) == ["review"]
        first, second = next_steps(topics, Today(unbroken_minutes=50))
        assert first.reason.startswith("You have studied 50 minutes without a pause")
        assert second.kind == "review"

    def test_who_has_done_the_day_may_stop(self) -> None:
        topics = [topic("Heart", 88, questions=5)]
        day = Today(minutes=30, minutes_a_day=30)
        assert kinds(next_steps(topics, day)) == ["rest", "practise"]
        assert kinds(next_steps(topics, replace(day, minutes=29)))[0] == "practise"
        assert kinds(next_steps([*topics, topic("Lungs", 80, due_cards=1)], day))[0] != "rest"

    def test_there_is_always_something(self) -> None:
        for topics in ([], [topic("Heart", 95)]):
            (step,) = next_steps(topics, Today())
            assert step.kind == "rest"

    def test_a_pause_ends_a_stretch(self) -> None:
        acts = [NOW - timedelta(minutes=minutes) for minutes in (1, 4, 9, 14, 40, 42)]
        assert unbroken(acts, NOW) == 14
        assert unbroken(acts, NOW + timedelta(minutes=30)) == 0
        assert unbroken([], NOW) == 0


def test_no_more_than_a_page_of_steps_and_few_of_each_kind() -> None:
    topics = [topic(f"Topic {n}", 30 + n, questions=10, due_cards=5, page=PAGE) for n in range(12)]
    steps = next_steps(topics, Today(unbroken_minutes=60))
    assert len(steps) == SHOWN
    assert max(kinds(steps).count(kind) for kind in ("practise", "read")) <= PER_KIND


def test_the_same_state_tells_the_same() -> None:
    topics = [topic(f"Topic {n}", 50, questions=10, page=PAGE) for n in range(5)]
    assert next_steps(topics, Today()) == next_steps(list(topics), Today())


@pytest.mark.parametrize(
    ("pct", "low", "high", "word"),
    [
        (None, None, None, "unknown"),
        (60.33, 20.65, 100, "unknown"),
        (40, 20, 60, "weak"),
        (49.9, 40, 60, "weak"),
        (60, 40, 80, "building"),
        (84, 69.9, 98, "building"),
        (85, 70, 100, "strong"),
    ],
)
def test_a_word_says_no_more_than_the_range(pct: float, low: float, high: float, word: str) -> None:
    assert level(pct, low, high) == word
