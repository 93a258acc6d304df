"""The accounts through which Studium asks a Moodle: what they do there is recognised, and is nobody's activity."""

from collections.abc import Sequence

from psycopg import Connection


def remember_service(connection: Connection, site_id: str, user_id: int) -> bool:
    """Write a service account down; whether it is new."""
    told = connection.execute(
        "insert into raw.service_accounts values (%s, %s) on conflict do nothing", [site_id, user_id]
    )
    return told.rowcount == 1


def services(connection: Connection, site_id: str) -> Sequence[int]:
    """The user ids of a site's service accounts."""
    rows = connection.execute(
        "select user_id from raw.service_accounts where site_id = %s order by user_id", [site_id]
    ).fetchall()
    return [user_id for (user_id,) in rows]
