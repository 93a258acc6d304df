"""Numbers a page shows: a learner's progress, a cohort, a leaderboard. All of them read from marts."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from studium.wire.base import Request, Wire

Period = Literal["week", "course", "all"]
"""This week; the course as it weighs today (the league); all time."""
QuietReason = Literal["never_came", "stayed_away", "slowing_down"]
ExportName = Literal["learners", "activity", "quiz_attempts", "grades", "completions", "engagement", "questions"]


class ActivityDay(Wire):
    """One day of a learner in a course, in the site's time zone."""

    activity_date: date
    events: int
    sessions: int
    active_minutes: float


class ModuleProgress(Wire):
    """A module as far as the learner got."""

    module_id: str
    name: str
    modname: str
    section_name: str | None
    section_number: int | None
    url: str | None
    due_at: datetime | None
    is_overdue: bool = Field(description="Due before `as_of` and not complete.")
    next_place: int | None = Field(description="Place in what to do next, lowest first; null: done, or shut for now.")
    is_complete: bool
    completed_at: datetime | None
    grade: float | None
    grade_max: float | None


class QuizAttempt(Wire):
    """One attempt at a quiz."""

    module_id: str
    module_name: str
    attempt_number: int
    state: str
    started_at: datetime | None
    finished_at: datetime | None
    grade: float | None
    grade_max: float | None
    grade_pct: float | None


class Progress(Wire):
    """A learner's way through a course, up to `as_of`."""

    course_id: str
    learner_id: str
    full_name: str
    as_of: datetime | None
    modules_total: int
    modules_completed: int
    completion_pct: float | None
    active_minutes: float
    active_days: int
    last_active_date: date | None
    grade_pct: float | None
    next_module: ModuleProgress | None
    days: list[ActivityDay]
    modules: list[ModuleProgress] = Field(description="Those that count for completion or carry a grade.")
    quiz_attempts: list[QuizAttempt]


class EngagementWeek(Wire):
    """One week of a course."""

    week_start: date
    learners_active: int
    learners_enrolled: int
    events: int | None
    sessions: int | None
    active_minutes: float | None
    completions: int | None
    is_withheld: bool = Field(description="Numbers of too few people to be shown are null.")


class ModuleCompletion(Wire):
    """How many have completed a module."""

    module_id: str
    name: str
    modname: str
    section_name: str | None
    section_number: int | None
    due_at: datetime | None
    learners: int
    completed: int
    completed_pct: float | None


class QuizResult(Wire):
    """How a quiz went; each learner counts once, with their best finished attempt."""

    module_id: str
    name: str
    attempts: int
    in_progress: int
    learners: int
    mean_pct: float | None
    median_pct: float | None
    lowest_pct: float | None
    highest_pct: float | None


class HardQuestion(Wire):
    """A question of a quiz, at each learner's first finished attempt."""

    module_id: str
    module_name: str
    url: str
    question_id: str
    slot: int
    text: str
    learners: int
    facility_pct: float = Field(description="Mean share of the marks.")
    facility_low_pct: float = Field(description="Lower end of its 95 % interval.")
    facility_high_pct: float


class CohortLearner(Wire):
    """One person of a cohort."""

    learner_id: str
    full_name: str
    email: str | None
    group_names: list[str]
    completion_pct: float | None
    grade_pct: float | None
    active_minutes: float
    active_days: int
    last_active_date: date | None
    quiet_days: int | None = Field(description="Days from the last activity to the data's as-of day; null: never seen.")
    quiet_reason: QuietReason | None
    is_quiet: bool


class Cohort(Wire):
    """A course at a glance, for those who teach it."""

    course_id: str
    as_of: datetime | None
    learners: int
    active_last_week: int
    mean_completion_pct: float | None
    mean_grade_pct: float | None
    quiet_after_days: int
    quiet: list[CohortLearner] = Field(description="Who has gone quiet, longest first; at most 100.")
    weeks: list[EngagementWeek]
    modules: list[ModuleCompletion]
    quizzes: list[QuizResult]
    questions: list[HardQuestion] = Field(description="At most 10 that enough learners answered, hardest first.")
    questions_withheld: int = Field(description="Questions too few learners answered to tell a mean.")


class LeaderboardEntry(Wire):
    """One row of a leaderboard; nobody but oneself is known by more than a pseudonym."""

    position: int = Field(description="Place in the whole list; those with equal points stand by name.")
    rank: int = Field(description="Equal points share one.")
    pseudonym: str
    points: float = Field(description="Whole, but in the league, where they weigh less from day to day.")
    is_me: bool


class PointRule(Wire):
    """What earns points, in xAPI's words: what Moodle records, and acts here, of which some earn up to `most`."""

    verb: str
    object_type: str
    points: int
    most: int | None = None


class Leaderboard(Wire):
    """Those who chose to be compared, by points: the first few, and one's own neighbours."""

    course_id: str
    period: Period
    as_of: datetime | None
    week_start: date | None
    opted_in: bool
    my_pseudonym: str | None = Field(description="The name one has, or would have, there; null for who is no learner.")
    members: int = Field(description="How many take part.")
    half_life_days: int | None = Field(
        default=None, description="In the league: after so many days a point weighs half. Points themselves stay."
    )
    next_day_points: float | None = Field(
        default=None, description="In the league: what one's own points weigh after the next midnight."
    )
    entries: list[LeaderboardEntry]
    rules: list[PointRule]


class LeaderboardChoice(Request):
    """Whether one wants to be on a course's leaderboard."""

    opted_in: bool
