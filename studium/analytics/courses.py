"""The courses an account is in, from marts."""

from psycopg import Connection
from psycopg.rows import class_row

from studium.accounts.permissions import ROLE
from studium.analytics import keyset
from studium.syncs import STANDING
from studium.wire.base import Page
from studium.wire.courses import Course

COLUMNS = (
    "course_id, shortname, fullname, summary, start_date, end_date, timezone, backup_at, as_of_at as as_of, learners, "
    f"modules, {ROLE} as role"
)
SEEN = f"""
select c.*, {STANDING}
from (select {COLUMNS} from marts.dim_courses) as c left join app.course_sync as s using (course_id)
where role is not null
"""  # noqa: S608 - constants


def list_courses(connection: Connection, after: str | None, limit: int) -> Page[Course]:
    """Courses of the bound account by name."""
    seen = keyset.unpack(after, str, str) or ("", "")
    with connection.cursor(row_factory=class_row(Course)) as cursor:
        rows = cursor.execute(
            f"{SEEN} and (%(first)s or (c.fullname, c.course_id) > (%(name)s, %(id)s)) "
            "order by c.fullname, c.course_id limit %(limit)s",
            {"first": after is None, "name": seen[0], "id": seen[1], "limit": limit + 1},
        ).fetchall()
    return keyset.page(rows, limit, lambda course: (course.fullname, course.course_id))


def read_course(connection: Connection, course_id: str) -> Course | None:
    """One course of the bound account."""
    with connection.cursor(row_factory=class_row(Course)) as cursor:
        return cursor.execute(f"{SEEN} and c.course_id = %s", [course_id]).fetchone()
