"""What an account knows of itself: name, and the courses it is in."""

from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from studium.accounts.permissions import ROLE
from studium.wire.accounts import Me, MyCourse


def read_me(connection: Connection, account_id: UUID) -> Me:
    """The bound account, with its courses: the current ones first."""
    with connection.cursor(row_factory=class_row(MyCourse)) as cursor:
        courses = cursor.execute(
            f"select * from (select course_id, shortname, fullname, {ROLE} as role, as_of_at as as_of "  # noqa: S608
            "from marts.dim_courses) as seen where role is not null order by as_of desc nulls last, fullname limit 500"
        ).fetchall()
    with connection.cursor(row_factory=dict_row) as account:
        row = account.execute(
            "select account_id, email, display_name, is_admin, timezone from app.accounts where account_id = %s",
            [account_id],
        ).fetchone()
    assert row is not None  # noqa: S101 - the transaction is bound to it
    return Me(**row, courses=courses)


def read_email(connection: Connection, account_id: UUID) -> str:
    """The address the bound account signs in with."""
    row = connection.execute("select email from app.accounts where account_id = %s", [account_id]).fetchone()
    assert row is not None  # noqa: S101 - the transaction is bound to it
    email: str = row[0]
    return email
