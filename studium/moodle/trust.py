"""What a backup may say when no administrator stands behind it: its own course, and people who are nobody else's.

A backup is a file anybody can write. These rules are kept while it is loaded, against what the database holds.
"""

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from psycopg import Connection, sql

from studium.database.pool import assume
from studium.moodle.errors import ForeignBackupError
from studium.moodle.keys import CourseKey
from studium.moodle.records.people import User
from studium.moodle.records.row import CourseRow, Row

NOT_TAUGHT = (
    "You teach no such course here. A course's first backup is imported by an administrator; "
    "whoever teaches it can import the later ones."
)


def is_trusted(connection: Connection, account_id: UUID | None) -> bool:
    """Whether an account (none: the command line) may speak for a whole site."""
    return account_id is None or bool(_as_account(connection, account_id, "select app.is_admin()"))


def require_taught(connection: Connection, account_id: UUID | None, course: CourseKey) -> None:
    """Raise `ForeignBackupError` unless the account teaches the course."""
    taught = "select %s in (select app.instructed_course_ids())"
    if account_id is None or not _as_account(connection, account_id, taught, [str(course)]):
        raise ForeignBackupError(NOT_TAUGHT)


def _as_account(
    connection: Connection, account_id: UUID, question: LiteralString, values: Sequence[str] = ()
) -> object:
    assume(connection, account_id)
    row = connection.execute(question, values).fetchone()
    assume(connection, None)
    return row[0] if row else None


def restrain(connection: Connection, course: CourseKey, row: type[Row], incoming: sql.Identifier) -> None:
    """Refuse what an untrusted backup may not say of a table, and set aside what it need not say.

    Raises:
        ForeignBackupError: a row of another course would become this one's, or people of other courses this one's.
    """
    if row is User:
        _restrain_people(connection, course, incoming)
    elif issubclass(row, CourseRow) and "course_id" not in row.key:
        same = sql.SQL(" and ").join(
            sql.SQL("old.{0} = new.{0}").format(sql.Identifier(name)) for name in ("site_id", *row.key)
        )
        found = connection.execute(
            sql.SQL("select from {} new join {} old on {} where old.course_id <> %s limit 1").format(
                incoming, sql.Identifier("raw", row.table), same
            ),
            [course.course_id],
        ).fetchone()
        if found is not None:
            raise ForeignBackupError(
                f"this backup claims {row.table.replace('_', ' ')} that belong to another course of the site; "
                "if it is right, an administrator can import it"
            )


def _restrain_people(connection: Connection, course: CourseKey, incoming: sql.Identifier) -> None:
    other = sql.SQL(
        "exists (select from raw.course_users o where (o.site_id, o.user_id) = (new.site_id, new.user_id) "
        "and o.course_id <> {})"
    ).format(course.course_id)
    # by naming ids one could otherwise read who everybody on the site is
    stranger = connection.execute(
        sql.SQL(
            "select from {} new join raw.users old using (site_id, user_id) where {} and not exists "
            "(select from raw.course_users c where (c.site_id, c.user_id) = (new.site_id, new.user_id) "
            "and c.course_id = {}) and (old.username is null "
            "or (old.username, lower(old.email)) is distinct from (new.username, lower(new.email))) limit 1"
        ).format(incoming, other, course.course_id)
    ).fetchone()
    if stranger is not None:
        raise ForeignBackupError(
            "this backup adds people of other courses, but not by the user name and address they have here; "
            "if it is right, an administrator can import it"
        )
    connection.execute(sql.SQL("delete from {} new where {}").format(incoming, other))
    connection.execute(
        sql.SQL(
            "insert into raw.unvouched_people select site_id, user_id from {} new where not exists "
            "(select from raw.users old where (old.site_id, old.user_id) = (new.site_id, new.user_id) "
            "and (old.username, old.email) is not distinct from (new.username, new.email)) on conflict do nothing"
        ).format(incoming)
    )


def vouch(connection: Connection, course: CourseKey, people: list[int]) -> None:
    """Let a trusted backup stand for its people."""
    connection.execute(
        "delete from raw.unvouched_people where site_id = %s and user_id = any(%s)", [course.site_id, people]
    )
