"""What one socket may be told next: read from the outbox as its owner, who proves anew at each look to be somebody."""

from typing import NamedTuple

from serving.services import Services
from serving.sockets.proof import Proof, who
from studium import live
from studium.wire.live import LiveEvent

BATCH = 200


class Batch(NamedTuple):
    """Events to tell, and what has been read with them."""

    events: list[LiveEvent]
    read_until: int
    is_last: bool


def begin(held: Services, proof: Proof, after: int | None) -> tuple[int, bool]:
    """Where to read from, and whether events after the one asked for may be gone."""
    with held.pool.connection(timeout=5) as connection:
        who(connection, held, proof)
        span = live.span(connection)
    if after is None:
        return span.newest, False
    # an id beyond the newest is of another time, or of a database since restored
    return min(after, span.newest), after > span.newest or after < span.oldest - 1


def read(held: Services, proof: Proof, after: int, course_ids: list[str] | None) -> Batch:
    """The next events. What the owner may not see counts as read: it is not told later either."""
    with held.pool.connection(timeout=5) as connection:
        who(connection, held, proof)
        newest = live.span(connection).newest
        if newest <= after:
            return Batch([], after, is_last=True)
        events = live.events_after(connection, after, course_ids, until=newest, limit=BATCH)
    if len(events) == BATCH:
        return Batch(events, events[-1].event_id, is_last=False)
    return Batch(events, newest, is_last=True)
