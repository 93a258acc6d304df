"""How somebody wants a course explained: level, length, language. A model is told; quotes stay as they are."""

from psycopg import Connection
from psycopg.rows import dict_row

from studium.wire.tutoring import Preferences

READ = "select level, length, language from app.tutor_preferences where course_id = %s"
KEEP = """
insert into app.tutor_preferences (account_id, course_id, level, length, language)
values (app.current_account(), %(course_id)s, %(level)s, %(length)s, %(language)s)
on conflict (account_id, course_id) do update
set level = excluded.level, length = excluded.length, language = excluded.language
"""


def read(connection: Connection, course_id: str) -> Preferences:
    """The bound account's."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(READ, [course_id]).fetchone()
    return Preferences(**row) if row else Preferences()


def keep(connection: Connection, course_id: str, wanted: Preferences) -> Preferences:
    """Keep them; whether the account is in the course is the caller's to ask."""
    connection.execute(KEEP, {"course_id": course_id, **wanted.model_dump()})
    return wanted


def told(wanted: Preferences) -> str:
    """As a prompt's data has them: words of ours alone."""
    return "\n".join(f"{name}: {value}" for name, value in wanted.model_dump().items() if value)
