"""Browsers' sessions: an opaque cookie of 7 days whose fingerprint is kept, and which ends when its row goes."""

from datetime import datetime, timedelta
from uuid import UUID

from psycopg import Connection

from studium.accounts.secrets import fingerprint, new_token

LIFE = timedelta(days=7)


def open_session(connection: Connection, account_id: UUID, user_agent: str | None, now: datetime) -> str:
    """A new session's cookie value; the transaction must be bound to the account. Its own sessions that ended go."""
    connection.execute("delete from app.sessions where account_id = %s and expires_at <= %s", [account_id, now])
    token = new_token()
    connection.execute(
        "insert into app.sessions (token_hash, account_id, user_agent, created_at, expires_at) "
        "values (%s, %s, %s, %s, %s)",
        [fingerprint(token), account_id, user_agent and user_agent[:300], now, now + LIFE],
    )
    return token


def session_account(connection: Connection, token: str) -> UUID | None:
    """The account a cookie stands for, while its session lasts."""
    row = connection.execute("select app.session_account(%s)", [fingerprint(token)]).fetchone()
    return row[0] if row else None


def end_session(connection: Connection, token: str) -> None:
    """End a session; the transaction must be bound to its account."""
    connection.execute("delete from app.sessions where token_hash = %s", [fingerprint(token)])


def end_other_sessions(connection: Connection, account_id: UUID, kept: str | None) -> None:
    """End every session of the bound account but one."""
    connection.execute(
        "delete from app.sessions where account_id = %s and token_hash is distinct from %s",
        [account_id, fingerprint(kept) if kept else None],
    )
