"""Changing one's own password: proved with the present one, and whoever else was signed in is so no more."""

from uuid import UUID

from psycopg import Connection

from studium.accounts import audit, passwords
from studium.accounts.sessions import end_other_sessions
from studium.accounts.tokens import end_other_families


class WrongPasswordError(ValueError):
    """What was said to be the present password is not."""


def change(
    connection: Connection,
    account_id: UUID,
    current: str,
    new: str,
    *,
    session: str | None = None,
    family_id: UUID | None = None,
) -> None:
    """Give the bound account a new password; of its sign-ins only the one named here goes on.

    Raises:
        WrongPasswordError: `current` is not the account's password.
        WeakPasswordError: the new one is not acceptable.
    """
    row = connection.execute(
        "select a.email, known.password_hash "
        "from app.accounts a cross join lateral app.find_credentials(a.email) known "
        "where a.account_id = %s for update of a",
        [account_id],
    ).fetchone()
    if row is None or row[1] is None or not passwords.verify(row[1], current):
        raise WrongPasswordError("The current password is wrong.")
    if new == current:
        raise passwords.WeakPasswordError("Choose a password other than the one you have.")
    connection.execute(
        "update app.accounts set password_hash = %s where account_id = %s",
        [passwords.hash_password(new, email=row[0]), account_id],
    )
    end_other_sessions(connection, account_id, session)
    end_other_families(connection, account_id, family_id, "password_changed")
    audit.note(connection, account_id, "password_changed")
