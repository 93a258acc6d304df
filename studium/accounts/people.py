"""Accounts and the Moodle users they are tied to. Runs as the pipeline's role (command line), never as the API's."""

import re
from uuid import UUID

from psycopg import Connection
from psycopg.errors import UniqueViolation

from studium.accounts import audit, passwords
from studium.moodle.keys import site_asked

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


def unlink_moodle_user(connection: Connection, email: str, site_id: str | None = None) -> list[str]:
    """Untie an account from the person it is on a site, and forget the token it has for it; returns the learner ids.

    What the person did stays theirs, and the account may be tied to another one.

    Args:
        connection: the pipeline's, in a transaction.
        email: the account's address.
        site_id: the site; may be left out where the account is somebody on one site only.

    Raises:
        PersonError: there is no such account, it is nobody there, or it is not said which site is meant.
    """
    email = email.strip().lower()
    row = connection.execute("select account_id from app.accounts where email = %s", [email]).fetchone()
    if row is None:
        raise PersonError(f"No account has the address {email}")
    links = connection.execute(
        "select site_id, learner_id from app.moodle_links where account_id = %s order by 1", row
    ).fetchall()
    sites = sorted({site_asked(site) for site, _ in links})
    if not sites:
        raise PersonError(f"{email} is nobody on any Moodle")
    if site_id is None and len(sites) > 1:
        raise PersonError(f"{email} is somebody on several sites ({', '.join(sites)}): say which with --site")
    if site_id is not None and site_id not in sites:
        raise PersonError(f"{email} is nobody on {site_id}, but on {', '.join(sites)}")
    untied = [learner for site, learner in links if site_asked(site) == (site_id or sites[0])]
    connection.execute("delete from app.moodle_links where learner_id = any(%s)", [untied])  # the token goes with it
    for learner in untied:
        audit.note(connection, None, "moodle_unbound", learner_id=learner, account_id=str(row[0]))
    return untied


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
