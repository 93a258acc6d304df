"""What is coming as an iCalendar feed: how many cards fall due, exams, and the way to them. Nobody's name is in it.

https://www.rfc-editor.org/rfc/rfc5545
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from icalendar import Calendar, Event

from studium.wire.plan import PlanDay

AHEAD = timedelta(days=90)
REFRESH = timedelta(hours=4)


@dataclass(frozen=True)
class Entry:
    """Something on a day."""

    key: str
    """The same for the same thing each time the calendar is read."""
    day: date
    title: str
    text: str = ""


def due_entries(due: Sequence[tuple[date, int]], today: date) -> list[Entry]:
    """How many cards are to be reviewed on each day; what has been left lying is today's."""
    found: dict[date, int] = {}
    for day, cards in due:
        on = max(day, today)
        if on <= today + AHEAD:
            found[on] = found.get(on, 0) + cards
    late = sum(cards for day, cards in due if day < today)
    text = f"Of them {late:,} from the days before."
    return [
        Entry(
            f"due-{day.isoformat()}", day, f"{cards:,} {'card' if cards == 1 else 'cards'} to review",
            text if late and day == today else "",
        )
        for day, cards in sorted(found.items())
    ]  # fmt: skip


def plan_entries(key: str, course: str, days: Iterable[PlanDay], today: date) -> list[Entry]:
    """What a plan has done from today on; its figures are means, and days with less than a card are days off."""
    found = []
    for one in days:
        new, reviews, minutes = (round(number) for number in (one.new_cards, one.reviews, one.minutes))
        if one.day >= today and new + reviews:
            parts = [f"{new:,} new {'card' if new == 1 else 'cards'}"] if new else []
            parts += [f"{reviews:,} {'review' if reviews == 1 else 'reviews'}"] if reviews else []
            title = f"{course}: {', '.join(parts)}, about {max(minutes, 1)} min"
            found.append(Entry(f"plan-{key}-{one.day.isoformat()}", one.day, title))
    return found


def render(entries: Iterable[Entry], feed_id: UUID, moment: datetime) -> bytes:
    """The feed."""
    calendar = Calendar()
    calendar.add("prodid", "-//Studium//Reviews and exams//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Studium")
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH)
    for entry in entries:
        event = Event()
        event.add("uid", f"{entry.key}@{feed_id}.studium")
        event.add("dtstamp", moment)
        event.add("dtstart", entry.day)
        event.add("dtend", entry.day + timedelta(days=1))
        event.add("summary", entry.title)
        if entry.text:
            event.add("description", entry.text)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
