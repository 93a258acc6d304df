"""The close of day: at a learner's own midnight their day is settled, whether they come back or not."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg import Connection

from studium.days import local_day
from studium.motivation import ledger, rules
from studium.motivation.days import zone_of

OPEN = "select distinct zone from app.standings where streak > 0 or today_acts > 0"
DUE = """
select s.account_id
from app.standings as s
inner join unnest(%(zones)s::text[], %(days)s::date[]) as today (zone, day) on s.zone = today.zone
where s.open_day < today.day and (s.streak > 0 or s.today_acts > 0)
order by s.account_id
"""


def due(connection: Connection, moment: datetime) -> Sequence[UUID]:
    """The accounts with a day that is over where they are, and something in it."""
    zones = [zone for (zone,) in connection.execute(OPEN).fetchall()]
    days = [local_day(moment, zone_of(zone)) for zone in zones]
    return [one for (one,) in connection.execute(DUE, {"zones": zones, "days": days}).fetchall()]


def close_day(connection: Connection, account_id: UUID, moment: datetime) -> int:
    """Close an account's days that are over, in the caller's transaction, and say how many."""
    held = ledger.hold(connection, account_id)
    if held is None or held.standing is None:
        return 0
    at = held.moment(moment)
    standing, closings = rules.at(held.standing, at)
    ledger.write_closings(connection, account_id, closings)
    ledger.settle(connection, account_id, standing, at)
    return len(closings)
