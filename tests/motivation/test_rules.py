"""What earns, what does not, and what is tried to earn more."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

import pytest

from studium.events import Kind, Verb
from studium.motivation.levels import begins_at, level_of
from studium.motivation.replay import Kept, fold
from studium.motivation.standing import Act

START = datetime(2026, 11, 16, 9, tzinfo=UTC)
DUE, NEW, EARLY = {"was_due": True, "was_new": False}, {"was_due": False, "was_new": True}, {"was_due": False}


class Learner:
    """Somebody whose acts are kept, each a pause after the one before."""

    def __init__(self, zone: str = "UTC", start: datetime = START) -> None:
        self.zone, self.now = zone, start
        self.acts: list[Act] = []
        self._ids: Iterator[int] = count(1)

    def act(self, verb: Verb, kind: Kind, thing: object, result: dict[str, Any], pause: float = 5) -> None:
        self.now += timedelta(seconds=pause)
        self.acts.append(Act(UUID(int=next(self._ids)), verb, kind, str(thing), result, self.zone, self.now))

    def card(self, thing: object = 1, result: dict[str, Any] | None = None, pause: float = 5) -> None:
        self.act(Verb.ANSWERED, Kind.FLASHCARD, thing, DUE if result is None else result, pause)

    def undo(self, thing: object = 1) -> None:
        self.act(Verb.VOIDED, Kind.FLASHCARD, thing, {})

    def question(self, thing: object = 1, *, right: bool = True, pause: float = 5, **result: Any) -> None:
        self.act(Verb.ANSWERED, Kind.QUESTION, thing, {"is_correct": right, "p_correct": 0.6, **result}, pause)

    def next_day(self, days: int = 1) -> None:
        self.now += timedelta(days=days)

    @property
    def kept(self) -> Kept:
        return fold(self.acts)

    @property
    def xp(self) -> int:
        return self.kept.standing.xp if self.kept.standing else 0

    @property
    def reasons(self) -> list[tuple[str, int]]:
        return [(entry.reason, entry.xp) for entry in self.kept.entries.values()]

    @property
    def streak(self) -> int:
        return self.kept.standing.running_streak if self.kept.standing else 0


@pytest.fixture
def learner() -> Learner:
    return Learner()


class TestEarning:
    def test_due_and_new_cards_earn_whatever_they_are_rated(self, learner: Learner) -> None:
        for rating in (1, 2, 3, 4):
            learner.card(rating, {**DUE, "rating": rating})
        learner.card(5, NEW)
        assert learner.reasons == [("review", 2)] * 4 + [("new_card", 2)]

    def test_a_question_earns_by_how_hard_it_was(self, learner: Learner) -> None:
        for number, probability in enumerate((0.95, 0.6, 0.1, None, 7, "x")):
            learner.question(number, p_correct=probability)
        learner.question("wrong", right=False)
        assert learner.reasons == [("question", xp) for xp in (3, 5, 8, 3, 3, 3)] + [("wrong", 0)]

    def test_what_is_taken_back_earned_nothing(self, learner: Learner) -> None:
        learner.card()
        learner.undo()
        assert learner.reasons == [("review", 2), ("undone", -2)]
        assert (learner.xp, learner.streak) == (0, 0)
        learner.card()
        assert (learner.xp, learner.streak) == (2, 1)
        learner.undo(99)
        assert learner.xp == 2, "nothing to take back"

    def test_an_undo_takes_back_the_last_alone(self, learner: Learner) -> None:
        learner.card()
        learner.card()
        learner.undo()
        assert learner.reasons[1:] == [("again", 0), ("undone", 0)]
        learner.undo()
        learner.undo()
        assert learner.reasons[2:] == [("undone", 0), ("undone", -2)]

    def test_levels_take_fifty_points_more_each(self) -> None:
        assert [begins_at(number) for number in range(1, 7)] == [0, 50, 150, 300, 500, 750]
        for xp in range(5000):
            level = level_of(xp)
            assert level.begins_at <= xp < level.next_at
            assert begins_at(level.number) == level.begins_at
        assert level_of(10**12).begins_at <= 10**12 < level_of(10**12).next_at


class TestFarming:
    """What somebody might try to have more points than they learnt for."""

    def test_a_card_again_and_again(self, learner: Learner) -> None:
        for _ in range(500):
            learner.card()
        assert learner.xp == 2

    def test_a_card_taken_back_and_again(self, learner: Learner) -> None:
        for _ in range(200):
            learner.card()
            learner.undo()
        assert learner.xp == 0
        assert learner.kept.standing is not None
        assert learner.kept.standing.reviews == 0
        learner.next_day()
        learner.card(2)
        assert learner.streak == 1, "the day before did not count"

    def test_cards_that_are_not_due(self, learner: Learner) -> None:
        for number in range(200):
            learner.card(number, EARLY)
        assert learner.xp == 0

    def test_cards_made_to_be_new(self, learner: Learner) -> None:
        for number in range(500):
            learner.card(number, NEW)
        assert learner.xp == 40

    def test_clicking_as_fast_as_can_be(self, learner: Learner) -> None:
        learner.card(0)
        for number in range(1, 1000):
            learner.card(number, pause=0.99)
        learner.question("first", pause=1.9)
        assert learner.xp == 2

    def test_one_question_again_and_again_until_it_is_right(self, learner: Learner) -> None:
        for _ in range(50):
            learner.question(right=False)
            learner.question()
        assert learner.xp == 0

    def test_guessing_earns_next_to_nothing(self) -> None:
        """Whoever clicks through questions of four answers, at the pace of reading, has one of four right."""
        random, guesser, knower = Random(1), Learner(), Learner()
        for number in range(40):
            guesser.question(number, right=random.random() < 0.25, p_correct=0.4)
            knower.question(number, right=random.random() < 0.7, p_correct=0.7)
        assert guesser.xp * 10 < knower.xp
        assert "guessed" in dict(guesser.reasons)
        assert "guessed" not in dict(knower.reasons)
        guesser.next_day()
        guesser.question("tomorrow")
        assert guesser.reasons[-1][0] == "question", "a new day begins anew"

    def test_a_whole_day_of_it(self, learner: Learner) -> None:
        for number in range(2000):
            learner.card(number)
        assert learner.xp == 200
        assert learner.reasons[-1] == ("day_full", 0)

    def test_travelling_to_have_more_days(self) -> None:
        """The day line crossed every hour for a week: one day is gained, once."""
        learner = Learner("Etc/GMT+12")
        for hour in range(7 * 24):
            learner.zone = "Pacific/Kiritimati" if hour % 2 else "Etc/GMT+12"
            learner.card(hour, pause=3600)
        days = {entry.day for entry in learner.kept.entries.values()}
        assert len(days) <= 9
        assert learner.streak <= 9

    def test_a_low_goal_earns_nothing(self, learner: Learner) -> None:
        for _ in range(20):
            learner.act(Verb.UPDATED, Kind.OBJECTIVE, "daily_xp", {"target": 1})
        assert (learner.xp, learner.streak) == (0, 0)
        for target in (0, -1, 201, True, "7", 1.5):
            learner.act(Verb.UPDATED, Kind.OBJECTIVE, "daily_xp", {"target": target})
        assert learner.kept.standing is not None
        assert learner.kept.standing.daily_goal == 1


class TestStreak:
    def test_days_in_a_row(self, learner: Learner) -> None:
        for day in range(10):
            learner.card(day)
            learner.next_day()
        assert learner.streak == 10
        assert [award for award in learner.kept.awards if award.startswith("streak")] == ["streak_7"]

    def test_a_freeze_keeps_it_and_two_missed_days_end_it(self, learner: Learner) -> None:
        learner.card(1)
        learner.next_day(2)
        learner.card(2)
        assert learner.streak == 2, "the first freeze was used"
        learner.next_day(2)
        learner.card(3)
        assert learner.streak == 1
        closings = learner.kept.closings.values()
        assert [closing.outcome for closing in closings] == ["counted", "frozen", "counted", "ended"]
        assert learner.kept.standing is not None
        assert learner.kept.standing.best == 2

    def test_a_week_in_a_row_gives_a_freeze_and_two_are_the_most(self, learner: Learner) -> None:
        for day in range(30):
            learner.card(day)
            learner.next_day()
        assert learner.kept.standing is not None
        assert learner.kept.standing.freezes == 2
        learner.next_day(2)
        learner.card("back")
        assert (learner.streak, learner.kept.standing.freezes) == (31, 0)

    def test_a_year_away_leaves_no_year_of_rows(self, learner: Learner) -> None:
        learner.card(1)
        learner.next_day(400)
        learner.card(2)
        assert len(learner.kept.closings) == 3

    @pytest.mark.parametrize(
        ("zone", "first", "second", "streak"),
        [
            ("Europe/London", "2026-10-24T22:30+00:00", "2026-10-25T23:30+00:00", 2),  # a day of 25 hours
            ("Europe/London", "2026-03-28T23:59+00:00", "2026-03-29T22:59+00:00", 2),  # one of 23
            ("Europe/London", "2026-03-28T23:59+00:00", "2026-03-29T23:01+00:00", 2),  # the freeze: 00:01 of the 30th
            ("America/New_York", "2026-07-01T03:59+00:00", "2026-07-01T04:01+00:00", 2),
            ("UTC", "2026-07-01T03:59+00:00", "2026-07-01T04:01+00:00", 1),
            ("Asia/Kolkata", "2028-02-28T18:29+00:00", "2028-02-28T18:31+00:00", 2),  # into a leap day
        ],
    )
    def test_days_are_those_of_the_learners_midnights(self, zone: str, first: str, second: str, streak: int) -> None:
        learner = Learner(zone)
        learner.now = datetime.fromisoformat(first)
        learner.card(1, pause=0)
        learner.now = datetime.fromisoformat(second)
        learner.card(2, pause=0)
        assert learner.streak == streak

    def test_every_day_of_a_leap_february_counts(self) -> None:
        learner = Learner("Pacific/Apia", datetime(2028, 2, 25, 12, tzinfo=UTC))
        for day in range(8):
            learner.card(day)
            learner.next_day()
        assert learner.streak == 8
        assert date(2028, 2, 29) in learner.kept.closings

    def test_going_west_opens_no_day_again_and_going_east_shortens_one(self) -> None:
        learner = Learner("Asia/Tokyo", datetime(2026, 11, 16, 14, 59, tzinfo=UTC))
        learner.card(1, pause=0)
        learner.zone, learner.now = "America/Los_Angeles", datetime(2026, 11, 16, 15, 1, tzinfo=UTC)
        learner.card(2, pause=0)
        assert [entry.day for entry in learner.kept.entries.values()] == [date(2026, 11, 16), date(2026, 11, 17)]
        learner.now = datetime(2026, 11, 18, 7, tzinfo=UTC)
        learner.card(3, pause=0)
        assert learner.kept.standing is not None
        assert learner.kept.standing.open_day == date(2026, 11, 17), "still the 17th where they are now"
        assert learner.streak == 2
