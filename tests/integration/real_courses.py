"""The two recorded courses, brought in from their backups: rows into `raw`, and on request their texts to vectors."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from studium.content.ingest import ingest
from studium.content.intake import sync_course, waiting
from studium.database.pool import Role, connect
from studium.moodle.backup.archive import unpack
from studium.moodle.backup.reader import CourseRecords, read_backup
from studium.moodle.keys import CourseKey
from studium.settings import Settings
from studium.storage import open_store, put

ROOT = Path(__file__).parents[2]
BACKUPS = {
    2: ROOT / "examples/cvs201/backup-moodle2-course-2-cvs201-20261122-0135.mbz",
    4: ROOT / "tests/data/moodle/backup-moodle2-course-4-pha203-20261122-0136.mbz",
}
TABLES = (
    "courses", "sections", "modules", "users", "enrolments", "role_assignments", "groups", "group_members",
    "groupings", "grouping_groups", "grade_items", "grades", "completions", "materials",
)  # fmt: skip


QUIZ_TABLES = ("quizzes", "quiz_slots", "quiz_attempts", "question_attempts", "questions", "question_answers")
JSON = {"availability", "filter", "settings"}


def land(connection: Connection, records: CourseRecords, tables: Sequence[str] = TABLES) -> None:
    """What permission and content need of a course, into raw; or what `tables` name."""
    for name in tables:
        rows = records.tables[name].rows(named=True)
        if not rows:
            continue
        statement = sql.SQL("insert into raw.{} ({}) values ({}) on conflict do nothing").format(
            sql.Identifier(name),
            sql.SQL(", ").join(map(sql.Identifier, rows[0])),
            sql.SQL(", ").join(sql.Placeholder() * len(rows[0])),
        )
        values = [[Jsonb(json.loads(v)) if key in JSON and v else v for key, v in row.items()] for row in rows]
        connection.cursor().executemany(statement, values)


def bring(connection: Connection, course_id: int, site_id: str) -> tuple[CourseKey, dict[str, bytes]]:
    """Read a recorded course and land it; its key and the bytes of its materials."""
    with tempfile.TemporaryDirectory() as folder:
        unpack(BACKUPS[course_id], Path(folder))
        records = read_backup(Path(folder), site_id, f"sha256 of {course_id}")
        land(connection, records)
        contents = {
            path: data if isinstance(data, bytes) else data.read_bytes() for path, data in records.contents.items()
        }
    return records.course, contents


def bring_quizzes(settings: Settings, course_ids: Sequence[int], site_id: str) -> None:
    """Quizzes of courses that are there, their questions, and everybody's attempts; committed."""
    for course_id in course_ids:
        with tempfile.TemporaryDirectory() as folder, connect(settings, Role.ADMIN) as connection:
            unpack(BACKUPS[course_id], Path(folder))
            land(connection, read_backup(Path(folder), site_id, f"sha256 of {course_id}"), QUIZ_TABLES)


def bring_texts(settings: Settings, course_ids: Sequence[int], site_id: str) -> list[CourseKey]:
    """Land courses and take all they say to vectors; committed."""
    store, courses = open_store(settings), []
    for course_id in course_ids:
        with connect(settings, Role.ADMIN) as connection:
            course, contents = bring(connection, course_id, site_id)
            for path, data in contents.items():
                put(store, path, data)
            sync_course(connection, course)
            documents = waiting(connection, str(course))
        ingest(lambda: connect(settings, Role.PIPELINE), store, settings, documents)
        courses.append(course)
    return courses
