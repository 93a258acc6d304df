"""Everything acts lead to, made anew of their events alone; and whether what is kept is the same.

Time zones, pace and days are told by the events themselves, so that neither the clock nor a setting since changed has a
say. Only how far a learner's days have been closed is taken from what is kept: the clock closes them, not an act.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row, tuple_row

from studium.events import Kind, Verb
from studium.motivation import ledger, rules
from studium.motivation.standing import Act, Before, Closing, Entry, Standing
from studium.motivation.streaks import close

ACCOUNTS = """
select account_id from app.accounts as a
where exists (select from app.events as e where e.account_id = a.account_id and e.context ? 'timezone')
   or exists (select from app.standings as s where s.account_id = a.account_id)
order by account_id
"""
ACTS = """
select event_id, verb, object_type as kind, object_id, result, context ->> 'timezone' as zone, happened_at,
       course_id, learner_id
from app.events where account_id = %s and context ? 'timezone' order by happened_at, event_id
"""


@dataclass(frozen=True)
class Award:
    """A badge that was given, by which act and when."""

    badge: str
    event_id: UUID
    day: date
    awarded_at: datetime


@dataclass
class Kept:
    """All that acts of one account lead to."""

    standing: Standing | None = None
    acted_at: datetime | None = None
    entries: dict[UUID, Entry] = field(default_factory=dict)
    awards: dict[str, Award] = field(default_factory=dict)
    closings: dict[date, Closing] = field(default_factory=dict)


def fold(acts: Iterable[Act], until: date | None = None) -> Kept:
    """What acts in their order lead to, with every day before `until` closed."""
    made = Kept()
    standing_by: dict[tuple[Kind, str], list[Entry]] = {}
    for act in acts:
        standing = made.standing or rules.begin(act)
        own = standing_by.setdefault((act.kind, act.object_id), [])
        day = rules.day_of_act(standing, act)
        told = rules.tell(standing, act, Before(own[-1] if own else None, any(e.day == day and e.xp > 0 for e in own)))
        _keep(made, act, told)
        if told.entry is not None and told.entry.voids is not None:
            own.pop()
        elif told.entry is not None:
            own.append(told.entry)
    if made.standing is not None and until is not None:
        made.standing, closings = close(made.standing, until)
        made.closings |= {closing.day: closing for closing in closings}
    return made


def _keep(made: Kept, act: Act, told: rules.Told) -> None:
    made.standing, made.acted_at = told.standing, act.happened_at
    made.closings |= {closing.day: closing for closing in told.closings}
    if told.entry is not None:
        made.entries[act.event_id] = told.entry
    for badge in told.badges:
        made.awards.setdefault(badge, Award(badge, act.event_id, told.standing.open_day, act.happened_at))


def accounts(connection: Connection) -> list[UUID]:
    """The accounts that have acted, or are said to have."""
    return [account_id for (account_id,) in connection.execute(ACCOUNTS).fetchall()]


def made_of_events(connection: Connection, account_id: UUID, until: date | None) -> Kept:
    """What an account's events lead to."""
    return fold(_acts(connection, account_id), until)


def _acts(connection: Connection, account_id: UUID) -> Iterator[Act]:
    with connection.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(ACTS, [account_id]):
            yield Act(**{**row, "verb": Verb(row["verb"]), "kind": Kind(row["kind"])})


def kept(connection: Connection, account_id: UUID) -> Kept:
    """What is kept of an account."""
    standing = ledger.read(connection, account_id)
    with connection.cursor(row_factory=tuple_row) as cursor:
        entries = [
            ledger.entry_of(row)
            for row in cursor.execute(
                f"select {ledger.ENTRY} from app.xp_ledger where account_id = %s",  # noqa: S608 - columns alone
                [account_id],
            )
        ]
        awards = [
            Award(*row)
            for row in cursor.execute(
                "select badge, event_id, day, awarded_at from app.badges_awarded where account_id = %s", [account_id]
            )
        ]
    closings = ledger.closings(connection, account_id)
    return Kept(
        standing,
        None,
        {entry.event_id: entry for entry in entries},
        {award.badge: award for award in awards},
        {closing.day: closing for closing in closings},
    )


def differences(made: Kept, found: Kept) -> list[str]:
    """How what is kept differs from what the events lead to, a line each."""
    lines = _changed("standing", {"": made.standing}, {"": found.standing})
    lines += _changed("entry", made.entries, found.entries)
    lines += _changed("badge", made.awards, found.awards)
    return lines + _changed("day", made.closings, found.closings)


def _changed(what: str, made: dict, found: dict) -> list[str]:  # type: ignore[type-arg] # of whatever is kept
    return [
        f"{what} {key}: {_unlike(made.get(key), found.get(key))}".replace(" :", ":")
        for key in [*made, *(key for key in found if key not in made)]
        if made.get(key) != found.get(key)
    ]


def _unlike(made: Any, found: Any) -> str:
    if made is None or found is None:
        return "is kept, and no event leads to it" if made is None else "is missing, and the events lead to it"
    names = [one.name for one in fields(made) if getattr(made, one.name) != getattr(found, one.name)]
    return "; ".join(f"{name} is {getattr(found, name)}, the events say {getattr(made, name)}" for name in names)


def rewrite(connection: Connection, account_id: UUID, made: Kept, found: Kept) -> None:
    """Make what is kept what the events say; rows that are right stay as they are."""
    wrong = [key for key, entry in found.entries.items() if made.entries.get(key) != entry]
    connection.execute("delete from app.xp_ledger where event_id = any(%s)", [wrong])
    for key, entry in made.entries.items():
        if found.entries.get(key) != entry:
            ledger.write_entry(connection, account_id, entry)
    connection.execute("delete from app.badges_awarded where account_id = %s", [account_id])
    for award in made.awards.values():
        ledger.award(connection, account_id, award.badge, award.event_id, award.day, award.awarded_at)
    connection.execute("delete from app.day_closings where account_id = %s", [account_id])
    ledger.write_closings(connection, account_id, made.closings.values())
    if made.standing is None or made.acted_at is None:
        connection.execute("delete from app.standings where account_id = %s", [account_id])
    else:
        ledger.restore(connection, account_id, made.standing, made.acted_at)
