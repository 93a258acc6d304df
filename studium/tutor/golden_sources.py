"""Where a course's golden questions are: those that come with Studium, by its short name, and its teachers' own."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from psycopg import Connection

from studium.moodle.keys import CourseKey, is_own
from studium.tutor.golden import Golden, read_golden
from studium.tutor.golden_kept import kept

GOLDEN = Path(__file__).parents[2] / "examples" / "golden"


def shipped(connection: Connection, course: CourseKey) -> Path | None:
    """The file of questions for courses of this one's short name, if there is one."""
    row = connection.execute(
        "select lower(shortname) from raw.courses where (site_id, course_id) = (%s, %s)", course
    ).fetchone()
    path = GOLDEN / f"{row[0] if row else ''}.jsonl"
    return path if path.is_file() else None


def golden_of(connection: Connection, course: CourseKey) -> list[Golden]:
    """A course's questions, those left out whose askers are not there to ask."""
    path = shipped(connection, course)
    questions = read_golden(path) if path else []
    names = [golden.asker.username for golden in questions if golden.asker.username]
    rows = connection.execute(
        "select username from raw.users where site_id = %s and username = any(%s)", [course.site_id, names]
    )
    known = {None, *(name for (name,) in rows)}
    return [*(golden for golden in questions if golden.asker.username in known), *kept(connection, course)]


def all_golden(connection: Connection) -> dict[CourseKey, list[Golden]]:
    """Every course that has questions, with them."""
    rows = connection.execute("select site_id, course_id from raw.courses order by site_id, course_id").fetchall()
    courses = [CourseKey(*row) for row in rows if not is_own(row[0])]
    found = {course: golden_of(connection, course) for course in courses}
    return {course: questions for course, questions in found.items() if questions}


def fingerprint(questions: Sequence[Golden]) -> str:
    """Names these questions: figures of other ones are no measure for theirs."""
    return hashlib.sha256("\n".join(sorted(one.model_dump_json() for one in questions)).encode()).hexdigest()[:12]
