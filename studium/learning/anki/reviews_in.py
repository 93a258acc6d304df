"""Anki's log into ours: each review once, however often and by whichever way it comes."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from psycopg import Connection

from studium.learning.anki.cards_here import ADD_REVIEW, known_reviews, write_many
from studium.learning.anki.records import ReviewRow

RATINGS = range(1, 5)
MOVED = 60
"""So many milliseconds a review may have been moved on where another stood."""
LONGEST = 24 * 3600 * 1000
FARTHEST = 365 * 100
EARLIEST, LATEST = 1_100_000_000_000, 4_102_444_800_000


def is_answer(review: ReviewRow) -> bool:
    """Whether something was asked and answered, at a moment that there is."""
    return review.ease in RATINGS and EARLIEST < review.review_id < LATEST


def add_reviews(
    connection: Connection,
    reviews: Iterable[ReviewRow],
    cards: Mapping[int, tuple[UUID, str | None]],
) -> int:
    """Add those reviews that are not here; returns how many."""
    told: dict[int, list[ReviewRow]] = {}
    for review in sorted(reviews, key=lambda one: one.review_id):
        if review.card_id in cards and is_answer(review):
            told.setdefault(review.card_id, []).append(review)
    here = known_reviews(connection, [cards[card][0] for card in told])
    rows = []
    for card, lines in told.items():
        card_id, course_id = cards[card]
        new = _unknown(lines, here.get(card_id, []))
        for place, line in enumerate(lines):
            if line in new:
                before = lines[place - 1] if place else None
                facts = {"card_id": card_id, "course_id": course_id, "key": f"anki:{card_id}:{line.review_id}"}
                rows.append({**facts, **_values(line, before)})
    return write_many(connection, ADD_REVIEW, rows)


def _unknown(lines: list[ReviewRow], here: list[tuple[int, int]]) -> set[ReviewRow]:
    """The lines that none of the reviews here is."""
    left = sorted(here)
    new = set()
    for line in lines:
        same = next((one for one in left if 0 <= line.review_id - one[0] <= MOVED and one[1] == line.ease), None)
        if same is None:
            new.add(line)
        else:
            left.remove(same)
    return new


def _values(line: ReviewRow, before: ReviewRow | None) -> dict[str, object]:
    at = datetime.fromtimestamp(line.review_id // 1000, UTC) + timedelta(milliseconds=line.review_id % 1000)
    wait = timedelta(days=line.interval) if line.interval > 0 else timedelta(seconds=-line.interval)
    told = {
        "interval": line.interval,
        "last_interval": line.last_interval,
        "factor": line.factor,
        "type": line.type,
    }
    return {
        "rating": line.ease,
        "reviewed_at": at,
        "duration_ms": min(line.time, LONGEST) if line.time > 0 else None,
        "elapsed_days": (line.review_id - before.review_id) / 86_400_000 if before else None,
        "scheduler": "fsrs" if 100 <= line.factor <= 1100 else "sm2",  # noqa: PLR2004 - Anki writes difficulty so
        "memory_after": {"anki": told},
        "due_after": at + min(wait, timedelta(days=FARTHEST)),
    }
