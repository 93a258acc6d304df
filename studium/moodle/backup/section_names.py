"""What Moodle 4.5 calls a section nobody gave a name: its format says, and a backup does not hold it."""

from datetime import UTC, datetime, timedelta

EASTERNMOST = timedelta(hours=13)
"""Of the zones the site may be in, from Hawaii to a summer in New Zealand, the one where a day begins first."""
WEEK = timedelta(days=7)
DATE = "{0.day} {0:%B}"


def shown_name(course_format: str | None, start: int, number: int) -> str:
    """The name on the course page of the section with this number.

    Args:
        course_format: the course's own format.
        start: when the course starts, in seconds as Moodle keeps it; 0 when it does not say.
        number: the section's place in the course.
    """
    if number == 0:
        return "General"
    if course_format == "weeks" and start > 0:
        return _week(start, number)
    return "New section" if course_format == "topics" else f"Section {number}"


def _week(start: int, number: int) -> str:
    """First and last day of a week of the course.

    No backup tells the site's time zone; but a course starts at midnight of it unless somebody chose an hour, and only
    one date has its midnight at that moment.
    """
    try:
        first = datetime.fromtimestamp(start, UTC) + EASTERNMOST + (number - 1) * WEEK
        return f"{DATE.format(first)} - {DATE.format(first + timedelta(days=6))}"
    except (OverflowError, ValueError, OSError):
        return f"Section {number}"
