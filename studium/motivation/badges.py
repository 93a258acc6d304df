"""Badges: marks on the way, each given once and kept."""

from collections.abc import Callable
from dataclasses import dataclass

from studium.motivation.levels import level_of
from studium.motivation.standing import Standing


@dataclass(frozen=True)
class Badge:
    """A mark, what it is for, and how far somebody is."""

    name: str
    title: str
    what: str
    least: int
    reached: Callable[[Standing], int]


def _reviews(now: Standing) -> int:
    return now.reviews


def _right(now: Standing) -> int:
    return now.right_answers


def _streak(now: Standing) -> int:
    return now.running_streak


def _level(now: Standing) -> int:
    return level_of(now.xp).number


def _goals(now: Standing) -> int:
    today = now.daily_goal is not None and now.today_xp >= now.daily_goal
    return now.goal_days + today


BADGES = (
    Badge("reviews_1", "First card", "Review a card that is due or new", 1, _reviews),
    Badge("reviews_100", "Hundred cards", "Review 100 cards that are due or new", 100, _reviews),
    Badge("reviews_1000", "Thousand cards", "Review 1,000 cards that are due or new", 1000, _reviews),
    Badge("right_1", "First answer", "Answer a question right", 1, _right),
    Badge("right_50", "Fifty right", "Answer 50 questions right", 50, _right),
    Badge("right_500", "Five hundred right", "Answer 500 questions right", 500, _right),
    Badge("streak_7", "A week", "Study on 7 days in a row", 7, _streak),
    Badge("streak_30", "A month", "Study on 30 days in a row", 30, _streak),
    Badge("streak_100", "Hundred days", "Study on 100 days in a row", 100, _streak),
    Badge("level_5", "Level 5", "Reach level 5", 5, _level),
    Badge("level_10", "Level 10", "Reach level 10", 10, _level),
    Badge("goals_7", "True to a goal", "Reach your daily goal on 7 days", 7, _goals),
)


def reached(now: Standing) -> frozenset[str]:
    """The names of all badges whose mark is reached."""
    return frozenset(badge.name for badge in BADGES if badge.reached(now) >= badge.least)
