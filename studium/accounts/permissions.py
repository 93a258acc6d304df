"""What an account is in a course, asked of the database that decides it (functions of migration 0003)."""

from psycopg import Connection

from studium.wire.accounts import CourseRole

ROLE = """case when app.is_admin() then 'admin'
     when course_id in (select app.instructed_course_ids()) then 'instructor'
     when course_id in (select app.enrolled_course_ids()) then 'student' end"""
"""SQL: the caller's role in the course of the row; null for outsiders."""


def course_role(connection: Connection, course_id: str) -> CourseRole | None:
    """The bound account's role in a course; `None` for outsiders and for courses that are not there."""
    row = connection.execute(
        f"select {ROLE} from marts.dim_courses where course_id = %s",  # noqa: S608 - a constant
        [course_id],
    ).fetchone()
    return row[0] if row else None


def is_admin(connection: Connection) -> bool:
    """Whether the bound account may do and see everything."""
    row = connection.execute("select app.is_admin()").fetchone()
    return bool(row and row[0])
