"""What to do next and why: review, practise, read a page, or rest. Pure: the state in, ranked steps out.

Each step is worth what ten minutes of it are expected to save or bring, in things known; the worths are estimates by
rule, and what they rest on stands in the sentence.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from studium.wire.mastery import NextStep, TopicMastery

STRETCH = 10
"""Minutes that are compared."""
CARD_MINUTES = 0.2
NEW_CARD_MINUTES = 1.0
LEARNT_PER_NEW_CARD = 0.35
QUESTION_MINUTES = 1.0
PAGE_MINUTES = 10
USUAL_RECALL = 0.85
"""Of a due card of which nothing better is known."""
AIM = 90.0
LEARNT_PER_QUESTION = 0.5
"""Of what was not known, by answering and reading the feedback."""
TOLD_PER_QUESTION = 0.3
"""Of what is not known of the learner, which chooses better what comes after."""
NEW_PAGE, WEAK_PAGE = 4.0, 2.0
SOON_DAYS, LATE = 3, 2.0
EXAM_NEAR_DAYS = 7
NEAR_EXAM = {"review": 1.5, "practise": 1.2, "read": 0.6}
"""Before an exam, what is known already is kept first."""
PAUSE_AFTER = 50
WORTH_GOING_ON = 3.0
"""Below that, who has done the day's minutes may stop."""
SHOWN = 5
PER_KIND = 2


@dataclass(frozen=True)
class PageToRead:
    """A page of a topic."""

    title: str
    url: str | None
    is_new: bool = True
    due_in_days: int | None = None


@dataclass(frozen=True)
class TopicState:
    """A topic as it stands for a learner."""

    mastery: TopicMastery
    due_cards: int = 0
    recall: float | None = None
    """Mean probability that a due card is known now."""
    questions: int = 0
    page: PageToRead | None = None


@dataclass(frozen=True)
class Today:
    """The learner's day."""

    minutes: int = 0
    minutes_a_day: int | None = None
    unbroken_minutes: int = 0
    exam_in_days: int | None = None
    loose_due_cards: int = 0
    """Due cards of the course that belong to no topic."""
    new_cards: int = 0
    """That the day still takes."""


class Weighed(NamedTuple):
    """A step, and what ten minutes of it are worth."""

    worth: float
    step: NextStep


def next_steps(topics: Sequence[TopicState], today: Today) -> list[NextStep]:
    """What to do, the best first: at most five, of practising and reading two each; never empty."""
    weighed = sorted(_all(topics, today), key=lambda one: -one.worth)
    best = weighed[0].worth if weighed else 0.0
    pause = _pause(today, best, any(one.step.kind == "review" for one in weighed))
    steps, taken = [], dict.fromkeys(("review", "practise", "read"), 0)
    for _, step in weighed:
        taken[step.kind] += 1
        if taken[step.kind] <= PER_KIND:
            steps.append(step)
    if pause:
        return [pause, *steps][:SHOWN]
    return steps[:SHOWN] or [_rest("Nothing is due, and nothing here waits to be read or practised.")]


def _all(topics: Sequence[TopicState], today: Today) -> Iterator[Weighed]:
    yield from _near_exam(_review(topics, today), today)
    for topic in topics:
        yield from _near_exam(_practise(topic, topics), today)
        yield from _near_exam(_read(topic), today)


def _near_exam(found: Weighed | None, today: Today) -> Iterator[Weighed]:
    if found is None:
        return
    near = today.exam_in_days is not None and 0 <= today.exam_in_days <= EXAM_NEAR_DAYS
    yield Weighed(found.worth * (NEAR_EXAM[found.step.kind] if near else 1.0), found.step)


def _review(topics: Sequence[TopicState], today: Today) -> Weighed | None:
    due = sum(topic.due_cards for topic in topics) + today.loose_due_cards
    if not due:
        return _begin(today.new_cards) if today.new_cards else None
    parts = [(topic.due_cards, topic.recall or USUAL_RECALL) for topic in topics]
    parts.append((today.loose_due_cards, USUAL_RECALL))
    lost = sum(cards * (1 - recall) for cards, recall in parts)
    share = min(1.0, STRETCH / (due * CARD_MINUTES))
    most = max(topics, key=lambda topic: topic.due_cards, default=None)
    where = f", most of them on {_named(most)}" if most and 2 * most.due_cards > due and len(topics) > 1 else ""
    forgotten = _about(lost, "of them is forgotten by now", "of them are forgotten by now")
    reason = f"{_count(due, 'card is', 'cards are')} due{where}; {forgotten}, and more each day."
    if today.exam_in_days is not None and 0 <= today.exam_in_days <= EXAM_NEAR_DAYS:
        reason = f"{reason[:-1]}. {_exam(today.exam_in_days)}"
    step = NextStep(
        kind="review",
        reason=reason,
        minutes=max(1, round(due * CARD_MINUTES)),
        count=due,
        topic_id=most.mastery.topic_id if most and where else None,
        topic_name=most.mastery.name if most and where else None,
    )
    return Weighed(max(lost, due * 0.05) * share, step)


def _begin(new_cards: int) -> Weighed:
    """New cards, where none is due."""
    step = NextStep(
        kind="review",
        reason=f"No card is due, and {_count(new_cards, 'new one is', 'new ones are')} ready to be learnt today.",
        minutes=max(1, round(new_cards * NEW_CARD_MINUTES)),
        count=new_cards,
    )
    return Weighed(min(STRETCH / NEW_CARD_MINUTES, new_cards) * LEARNT_PER_NEW_CARD, step)


def _practise(topic: TopicState, topics: Sequence[TopicState]) -> Weighed | None:
    if not topic.questions:
        return None
    known = topic.mastery
    pct, low, high = (50.0, 0.0, 100.0) if known.mastery_pct is None else _range(known)
    lacking = max(0.0, AIM - pct) / 100 * LEARNT_PER_QUESTION
    questions = min(STRETCH / QUESTION_MINUTES, topic.questions)
    worth = questions * (lacking + (high - low) / 100 * TOLD_PER_QUESTION)
    if known.mastery_pct is None and topic.page and topic.page.is_new:
        worth /= 2  # one reads before one is asked
    step = NextStep(
        kind="practise",
        reason=_why_practise(topic, topics),
        minutes=max(1, round(questions * QUESTION_MINUTES)),
        count=topic.questions,
        topic_id=known.topic_id,
        topic_name=known.name,
    )
    return Weighed(worth, step)


def _why_practise(topic: TopicState, topics: Sequence[TopicState]) -> str:
    known = topic.mastery
    pieces = known.card_reviews + known.practice_attempts + known.quiz_responses
    if known.mastery_pct is None:
        return f"Nothing tells yet what you know of {_named(topic)}; a few questions show where you stand."
    pct, low, high = _range(known)
    told = f"{pct:.0f} % of {_named(topic)} ({low:.0f} to {high:.0f} %, from {_count(pieces, 'answer', 'answers')})"
    if known.level == "unknown":
        return f"So far it looks as if you knew {told}: too little to tell, a few questions show more."
    rated = [other.mastery.mastery_pct for other in topics if other.mastery.level != "unknown"]
    weakest = len(rated) > 1 and pct == min(one for one in rated if one is not None)
    rank = f", the least of {len(rated)} topics" if weakest else ""
    return f"You know about {told}{rank}."


def _read(topic: TopicState) -> Weighed | None:
    page, known = topic.page, topic.mastery
    if page is None or not (page.is_new or known.level == "weak"):
        return None
    worth, reason = WEAK_PAGE, f"You have not read it yet; it belongs to {_named(topic)}."
    if page.is_new and known.mastery_pct is None:
        worth, reason = NEW_PAGE, f"{_named(topic, capital=True)} is new to you: nothing of it is read or answered yet."
    elif known.level == "weak":
        pct, low, high = _range(known)
        reason = f"You know about {pct:.0f} % of {_named(topic)} ({low:.0f} to {high:.0f} %); this page is on it."
    if page.due_in_days is not None and page.due_in_days <= SOON_DAYS:
        worth += LATE
        reason = f"{reason[:-1]}. {_due(page.due_in_days)}"
    step = NextStep(
        kind="read",
        reason=reason,
        minutes=PAGE_MINUTES,
        topic_id=known.topic_id,
        topic_name=known.name,
        title=page.title,
        url=page.url,
    )
    return Weighed(worth - known.position / 1000, step)


def _pause(today: Today, best: float, has_due: bool) -> NextStep | None:
    if today.unbroken_minutes >= PAUSE_AFTER:
        return _rest(f"You have studied {today.unbroken_minutes} minutes without a pause; ten minutes off do more now.")
    planned = today.minutes_a_day
    if planned and today.minutes >= planned and not has_due and best < WORTH_GOING_ON:
        return _rest(f"The {planned} minutes you planned for today are done, and no card is due.")
    return None


def _rest(reason: str) -> NextStep:
    return NextStep(kind="rest", reason=reason, minutes=STRETCH)


def _range(known: TopicMastery) -> tuple[float, float, float]:
    return known.mastery_pct or 0.0, known.low_pct or 0.0, 100.0 if known.high_pct is None else known.high_pct


def _named(topic: TopicState, *, capital: bool = False) -> str:
    quoted = f"\u201c{topic.mastery.name}\u201d"
    return quoted if not capital else quoted[0] + quoted[1:2].upper() + quoted[2:]


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _about(number: float, one: str, many: str) -> str:
    whole = round(number)
    return f"about {whole} {one if whole == 1 else many}" if whole else "few of them are forgotten by now"


def _exam(days: int) -> str:
    return "The exam is today." if days == 0 else f"The exam is in {_count(days, 'day', 'days')}."


def _due(days: int) -> str:
    if days < 0:
        return f"It was due {_count(-days, 'day', 'days')} ago."
    return "It is due today." if days == 0 else f"It is due in {_count(days, 'day', 'days')}."
