"""Acts: what a learner does here that may earn something, recorded with what it earns in the caller's transaction."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from studium.events import Kind, Verb
from studium.motivation import ledger, rules
from studium.motivation.standing import Act

NOBODY = UUID(int=0)


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
    Acts of an account wait for each other until their transactions end, and each happens after the one before: what is
    recorded at once replays to the same rows.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment must carry a time zone")
    held = ledger.lock(connection, account_id, moment)
    act = Act(
        event_id=NOBODY,
        verb=verb,
        kind=kind,
        object_id=object_id,
        result=result,
        zone=held.zone,
        happened_at=held.moment(moment),
        course_id=course_id,
    )
    standing = held.standing or rules.begin(act)
    event_id, learner_id, before = ledger.before(connection, account_id, act, rules.day_of_act(standing, act))
    act = replace(act, event_id=event_id, learner_id=learner_id)
    ledger.write(connection, account_id, act, rules.tell(standing, act, before), context or {})
    return event_id
