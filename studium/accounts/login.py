"""Signing in with a password. How often one may try belongs to the door (`serving`), not here."""

from datetime import datetime
from uuid import UUID

from psycopg import Connection

from studium.accounts import passwords
from studium.database.pool import assume


def sign_in(connection: Connection, email: str, password: str, now: datetime) -> UUID | None:
    """The account of these credentials, with the transaction bound to it; `None` when they are wrong.

    Unknown address, account without a password and wrong password take the same time and get the same answer.
    """
    row = connection.execute("select account_id, password_hash from app.find_credentials(%s)", [email]).fetchone()
    account_id, kept = row or (None, None)
    if not passwords.verify(kept, password) or account_id is None or kept is None:
        return None
    assume(connection, account_id)
    connection.execute("update app.accounts set last_login_at = %s where account_id = %s", [now, account_id])
    if passwords.is_outdated(kept):
        connection.execute(
            "update app.accounts set password_hash = %s where account_id = %s", [passwords.rehash(password), account_id]
        )
    found: UUID = account_id
    return found
