"""Every table of `raw` that a course fills, in the order in which they are loaded: what is pointed at comes first."""

from studium.moodle.records import activity, course, people, quiz
from studium.moodle.records.row import Row

TABLES: tuple[type[Row], ...] = (
    *people.ROWS[:1],
    *course.ROWS,
    *people.ROWS[1:],
    *quiz.ROWS,
    *activity.ROWS,
)
BY_NAME = {row.table: row for row in TABLES}
