"""The ledger and the standings as the database keeps them. What goes into them, `rules` says."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime, timedelta
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, dict_row, tuple_row
from psycopg.types.json import Jsonb

from studium.events import Kind
from studium.motivation.rules import Told
from studium.motivation.standing import Act, Before, Closing, Entry, Standing

TICK = timedelta(microseconds=1)
STATE = [one.name for one in fields(Standing)]
ENTRY = "event_id, object_type, object_id, course_id, learner_id, day, xp, reason, happened_at, voids"
"""In the order of `Entry`."""
CLOSING = [one.name for one in fields(Closing)]

LOCK = f"""
select {", ".join(f"s.{name}" for name in STATE)}, s.settled_at, a.timezone
from app.standings as s inner join app.accounts as a using (account_id)
where s.account_id = %s for no key update of s
"""  # noqa: S608 - columns alone
OPEN = """
insert into app.standings (account_id, zone, open_day)
select account_id, timezone, (%(moment)s at time zone 'UTC')::date from app.accounts where account_id = %(account)s
on conflict do nothing
"""
BEFORE = f"""
with own as (
    select {ENTRY} from app.xp_ledger as l
    where l.account_id = %(account)s and l.object_type = %(kind)s and l.object_id = %(object)s and l.voids is null
      and not exists (select from app.xp_ledger as v where v.voids = l.event_id)
),
fresh as (
    select uuidv7() as new_id, (
        select min(m.learner_id) from app.moodle_links as m
        where m.account_id = %(account)s and m.site_id = regexp_replace(%(course)s::text, ':[0-9]+$', '')
    ) as new_learner, exists (select from own where day = %(day)s and xp > 0) as earned_today
)
select fresh.*, last.* from fresh left join (select * from own order by happened_at desc limit 1) as last on true
"""  # noqa: S608 - columns alone
WRITE = f"""
with event as (
    insert into app.events
        (event_id, account_id, learner_id, verb, object_type, object_id, course_id, result, context, happened_at)
    values (%(event)s, %(account)s, %(learner)s, %(verb)s, %(kind)s, %(object)s, %(course)s, %(result)s, %(context)s,
            %(moment)s)
),
entry as (
    insert into app.xp_ledger (account_id, {ENTRY})
    select %(account)s, %(event)s, %(kind)s, %(object)s, %(entry_course)s::text, %(entry_learner)s::text,
           %(day)s::date, %(xp)s::integer, %(reason)s::text, %(moment)s, %(voids)s::uuid
    where %(reason)s::text is not null
),
stir as (
    insert into app.leaderboard_stirs (course_id)
    select course_id from app.leaderboard_members
    where %(xp)s::integer <> 0 and course_id = %(entry_course)s::text and learner_id = %(entry_learner)s::text
)
update app.standings set ({", ".join(STATE)}, settled_at) = ({", ".join(f"%(s_{name})s" for name in STATE)}, %(moment)s)
where account_id = %(account)s
"""  # noqa: S608 - columns alone
CLOSE = f"""
insert into app.day_closings (account_id, {", ".join(CLOSING)}) values (%s{", %s" * len(CLOSING)})
"""  # noqa: S608 - columns alone
ENTER = f"""
insert into app.xp_ledger (account_id, {ENTRY}) values (%s{", %s" * len(ENTRY.split(","))})
"""  # noqa: S608 - columns alone
RESTORE = f"""
insert into app.standings as s (account_id, {", ".join(STATE)}, settled_at)
values (%(account)s, {", ".join(f"%({name})s" for name in STATE)}, %(acted_at)s)
on conflict (account_id) do update set ({", ".join(STATE)}) = ({", ".join(f"excluded.{name}" for name in STATE)}),
    settled_at = greatest(s.settled_at, excluded.settled_at)
"""  # noqa: S608 - columns alone
CLOSINGS = f"""
select {", ".join(CLOSING)} from app.day_closings where account_id = %s order by day
"""  # noqa: S608 - columns alone
READ = f"""
select {", ".join(STATE)} from app.standings where account_id = %s and settled_at is not null
"""  # noqa: S608 - columns alone
SETTLE = f"""
update app.standings set ({", ".join(STATE)}, settled_at) = ({", ".join(["%s"] * len(STATE))}, %s)
where account_id = %s
"""  # noqa: S608 - columns alone
AWARD = """
insert into app.badges_awarded (account_id, badge, event_id, day, awarded_at) values (%s, %s, %s, %s, %s)
on conflict do nothing
"""


@dataclass(frozen=True)
class Locked:
    """A learner's standing, held until the transaction ends. It is `None` before the first act."""

    standing: Standing | None
    settled_at: datetime | None
    zone: str

    def moment(self, told: datetime) -> datetime:
        """When an act happens that begins at `told`: after everything that has been settled."""
        return told if self.settled_at is None else max(told, self.settled_at + TICK)


def lock(connection: Connection, account_id: UUID, moment: datetime) -> Locked:
    """Hold an account's standing; whoever wants it too waits, and then sees what was made of it."""
    held = hold(connection, account_id)
    if held is None:
        connection.execute(OPEN, {"account": account_id, "moment": moment})
        held = hold(connection, account_id)
    if held is None:
        raise ValueError("there is no such account to act")
    return held


def hold(connection: Connection, account_id: UUID) -> Locked | None:
    """Hold an account's standing where there is one."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(LOCK, [account_id]).fetchone()
    if row is None:
        return None
    standing = None if row["settled_at"] is None else Standing(**{name: row[name] for name in STATE})
    return Locked(standing, row["settled_at"], row["timezone"])


def before(connection: Connection, account_id: UUID, act: Act, day: date) -> tuple[UUID, str | None, Before]:
    """A new event's id, the learner the account is in the course, and what the ledger says of the act's object."""
    asked = {
        "account": account_id,
        "kind": act.kind,
        "object": act.object_id,
        "course": act.course_id,
        "day": day,
    }
    with connection.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(BEFORE, asked).fetchone()
    assert row is not None  # noqa: S101 - one row without a table
    event_id, learner_id, earned_today, *last = row
    return event_id, learner_id, Before(None if last[0] is None else entry_of(last), earned_today)


def entry_of(row: Iterable[object]) -> Entry:
    """An entry from its columns in the order of `ENTRY`."""
    event_id, kind, *rest = row
    return Entry(event_id, Kind(kind), *rest)  # type: ignore[arg-type] # as the table says


def write(connection: Connection, account_id: UUID, act: Act, told: Told, context: dict[str, object]) -> None:
    """Write an act with everything it leads to."""
    entry = told.entry
    connection.execute(
        WRITE,
        {
            "event": act.event_id,
            "account": account_id,
            "learner": act.learner_id,
            "verb": act.verb,
            "kind": act.kind,
            "object": act.object_id,
            "course": act.course_id,
            "result": Jsonb(act.result),
            "context": Jsonb({**context, "timezone": act.zone}),
            "moment": act.happened_at,
            "entry_course": entry and entry.course_id,
            "entry_learner": entry and entry.learner_id,
            "day": entry and entry.day,
            "xp": entry and entry.xp,
            "reason": entry and entry.reason,
            "voids": entry and entry.voids,
            **{f"s_{name}": getattr(told.standing, name) for name in STATE},
        },
    )
    write_closings(connection, account_id, told.closings)
    for badge in sorted(told.badges):
        award(connection, account_id, badge, act.event_id, told.standing.open_day, act.happened_at)


def award(connection: Connection, account_id: UUID, badge: str, event_id: UUID, day: date, moment: datetime) -> None:
    """Give a badge; who has it keeps the one they have."""
    connection.execute(AWARD, [account_id, badge, event_id, day, moment])


def write_closings(connection: Connection, account_id: UUID, closings: Iterable[Closing]) -> None:
    """Write the days that were closed."""
    for closing in closings:
        connection.execute(CLOSE, [account_id, *astuple(closing)])


def settle(connection: Connection, account_id: UUID, standing: Standing, moment: datetime) -> None:
    """Keep a standing whose days were closed at a moment."""
    state = [getattr(standing, name) for name in STATE]
    connection.execute(SETTLE, [*state, moment, account_id])


def read(connection: Connection, account_id: UUID) -> Standing | None:
    """An account's standing as it is kept, without holding it."""
    with connection.cursor(row_factory=class_row(Standing)) as cursor:
        return cursor.execute(READ, [account_id]).fetchone()


def closings(connection: Connection, account_id: UUID) -> list[Closing]:
    """An account's days that are over."""
    with connection.cursor(row_factory=class_row(Closing)) as cursor:
        return cursor.execute(CLOSINGS, [account_id]).fetchall()


def write_entry(connection: Connection, account_id: UUID, entry: Entry) -> None:
    """Write an entry of an event that is written."""
    connection.execute(ENTER, [account_id, *astuple(entry)])


def restore(connection: Connection, account_id: UUID, standing: Standing, acted_at: datetime) -> None:
    """Keep a standing that was made anew of acts, of which the last happened at `acted_at`."""
    state = {name: getattr(standing, name) for name in STATE}
    connection.execute(RESTORE, {"account": account_id, **state, "acted_at": acted_at})
