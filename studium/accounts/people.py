"""Accounts and the Moodle users they are tied to. Runs as the pipeline's role (command line), never as the API's."""

import re
from uuid import UUID

from psycopg import Connection
from psycopg.errors import UniqueViolation

from studium.accounts import passwords

MoodleUser = tuple[str, str | int]
"""A site and a user name or id in it."""
ADDRESS = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+", re.ASCII)


class PersonError(ValueError):
    """The account cannot be made; the message says why."""


def create_account(
    connection: Connection,
    email: str,
    display_name: str,
    password: str | None = None,
    *,
    is_admin: bool = False,
    moodle_user: MoodleUser | None = None,
) -> UUID:
    """Add an account, tied to `moodle_user` if one is given, and return its id.

    Raises:
        PersonError: the address is none or taken, or the Moodle user is unknown or taken.
        WeakPasswordError: the password is not acceptable.
    """
    email, display_name = email.strip().lower(), display_name.strip()
    if not ADDRESS.fullmatch(email) or len(email) > 254:  # noqa: PLR2004 - RFC 5321
        raise PersonError(f"{email!r} is not an email address")
    if not 1 <= len(display_name) <= 200 or not display_name.isprintable():  # noqa: PLR2004
        raise PersonError("A name has 1 to 200 characters")
    kept = passwords.hash_password(password, email=email) if password is not None else None
    try:
        with connection.transaction():
            row = connection.execute(
                "insert into app.accounts (email, display_name, password_hash, is_admin) "
                "values (%s, %s, %s, %s) returning account_id",
                [email, display_name, kept, is_admin],
            ).fetchone()
            assert row is not None  # noqa: S101 - insert returning always returns
            account_id: UUID = row[0]
            if moodle_user is not None:
                link_moodle_user(connection, account_id, moodle_user)
    except UniqueViolation as error:
        raise PersonError(f"{email} has an account already") from error
    return account_id


def link_moodle_user(connection: Connection, account_id: UUID, moodle_user: MoodleUser) -> str:
    """Tie an account to a Moodle user and return the learner id; a user belongs to one account."""
    site_id, user_id = moodle_user[0], find_moodle_user(connection, moodle_user)
    row = connection.execute(
        "insert into app.moodle_links (site_id, moodle_user_id, account_id) values (%s, %s, %s) "
        "on conflict do nothing returning learner_id",
        [site_id, user_id, account_id],
    ).fetchone()
    if row is None:
        raise PersonError(f"Moodle user {moodle_user[1]} of {site_id} belongs to an account already")
    learner_id: str = row[0]
    return learner_id


def find_moodle_user(connection: Connection, moodle_user: MoodleUser) -> int:
    """The id of a user of a site, by id or user name, as an administrator's import told it."""
    site_id, name = moodle_user
    row = connection.execute(
        "select user_id from raw.users where site_id = %s and not is_deleted and "
        "(site_id, user_id) not in (select site_id, user_id from raw.unvouched_people) and "
        "case when %s::bigint is null then username = %s else user_id = %s end",
        [site_id, name if isinstance(name, int) else None, str(name), name if isinstance(name, int) else None],
    ).fetchone()
    if row is None:
        raise PersonError(f"There is no Moodle user {name} in {site_id}")
    user_id: int = row[0]
    return user_id
