"""Every table of `raw` that a course fills, in the order in which they are loaded: what is pointed at comes first."""

from studium.moodle import records_activity, records_course, records_people, records_quiz
from studium.moodle.records import Row

TABLES: tuple[type[Row], ...] = (
    *records_people.ROWS[:1],
    *records_course.ROWS,
    *records_people.ROWS[1:],
    *records_quiz.ROWS,
    *records_activity.ROWS,
)
BY_NAME = {row.table: row for row in TABLES}
