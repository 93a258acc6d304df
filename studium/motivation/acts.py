"""Acts: what a learner does here that may earn something, recorded with what it earns in the caller's transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

from studium.events import Kind, Verb

ACT = """
insert into app.events
    (account_id, learner_id, verb, object_type, object_id, course_id, result, context, happened_at)
select %(account)s, (
        select min(learner_id) from app.moodle_links
        where account_id = %(account)s and site_id = regexp_replace(%(course)s, ':[0-9]+$', '')
    ), %(verb)s, %(kind)s, %(object)s, %(course)s, %(result)s, %(context)s, %(moment)s
returning event_id
"""


def record_act(  # noqa: PLR0913 - an act is told by all of these
    connection: Connection,
    account_id: UUID,
    verb: Verb,
    kind: Kind,
    object_id: str,
    *,
    course_id: str | None,
    result: dict[str, Any],
    context: dict[str, Any] | None = None,
    moment: datetime,
) -> UUID:
    """Write an act and what it earns, and return its event's id. The transaction must be bound to the account.

    An act that is taken back is an act too: `Verb.VOIDED` on the same object takes back what the last one earned.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment must carry a time zone")
    said = {
        "account": account_id,
        "verb": verb,
        "kind": kind,
        "object": object_id,
        "course": course_id,
        "result": Jsonb(result),
        "context": Jsonb(context or {}),
        "moment": moment,
    }
    row = connection.execute(ACT, said).fetchone()
    assert row is not None  # noqa: S101 - insert returning always returns
    event_id: UUID = row[0]
    return event_id
