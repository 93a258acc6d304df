"""What `studium user` does: accounts made by whoever runs the installation."""

import secrets
from datetime import UTC, datetime

from psycopg import Connection

from studium.accounts import invitations
from studium.accounts.people import MoodleUser, PersonError, create_account, unlink_moodle_user
from studium.database.pool import Role, connect
from studium.operations.courses import find_course
from studium.settings import Settings


def new_password() -> str:
    """A password nobody else has: 96 random bits, readable enough to be typed once."""
    return "-".join(secrets.token_hex(3) for _ in range(4))


def add(settings: Settings, email: str, *, name: str | None, moodle_user: str | None, admin: bool) -> str:
    """Make an account and return its generated password.

    Raises:
        PersonError: the address or the Moodle user is not to be had; the message says why.
    """
    password = new_password()
    with connect(settings, Role.PIPELINE) as connection:
        user = _moodle_user(connection, moodle_user) if moodle_user else None
        shown = name or (_name_of(connection, user) if user else None) or email.partition("@")[0]
        create_account(connection, email, shown, password, is_admin=admin, moodle_user=user)
    return password


def invite(settings: Settings, course: str) -> list[tuple[str, str]]:
    """Address and link for each person of a course who has no account yet."""
    key = find_course(settings, course)
    with connect(settings, Role.PIPELINE) as connection:
        people = invitations.invite(connection, key, datetime.now(UTC))
    return [(person.email, f"{settings.url}/invitation/{person.token}") for person in people]


def unbind(settings: Settings, email: str, site: str | None) -> list[str]:
    """Undo that an account is a person on a Moodle; returns who it was.

    Raises:
        PersonError: there is nothing to undo, or it is not clear what; the message says why.
    """
    with connect(settings, Role.PIPELINE) as connection:
        return unlink_moodle_user(connection, email, site)


def _moodle_user(connection: Connection, text: str) -> MoodleUser:
    site_id, _, username = text.rpartition(":")
    rows = connection.execute(
        "select site_id from raw.users where username = %s and not is_deleted and "
        "(site_id, user_id) not in (select site_id, user_id from raw.unvouched_people) and %s in ('', site_id)",
        [username, site_id],
    ).fetchall()
    if len(rows) != 1:
        sites = ", ".join(row[0] for row in rows)
        problem = (
            f"is a user of several sites ({sites}): write site:{username}" if rows else "is no user of any site here"
        )
        raise PersonError(f"{text} {problem}")
    return rows[0][0], username


def _name_of(connection: Connection, user: MoodleUser) -> str | None:
    row = connection.execute(
        "select trim(concat_ws(' ', first_name, last_name)) from raw.users where site_id = %s and username = %s", user
    ).fetchone()
    return row[0] if row else None
