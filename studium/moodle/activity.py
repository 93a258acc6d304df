"""Events rolled up: who did how much in which module on which day, in which sessions. In DuckDB, from the lake.

The rules, stated once:

- A session is the presence of a person in a course without a gap of more than 30 minutes between two events, over web
  and apps together. What runs without a person (command line, restores, events nobody signed) is counted and has no
  sessions; somebody signed in as another person has sessions apart from that person's own.
- A session spans modules and days. It is counted on the row (module, day, origin) of its first event.
- Active time is the time between two events of one session, and goes to the row of the event that opens the gap. The
  closing event of a session adds none, so active time over all rows is the length of all sessions.

- What Studium itself asks by web services, and Moodle's notes of who called which function, are a kind of their own,
  counted and without sessions.

What a row means for a learner (staff, noise) is told in dbt, where roles are known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from duckdb import DuckDBPyConnection

from studium.moodle.logs.clock import transitions
from studium.moodle.logs.engine import literal

GAP_SECONDS = 30 * 60

_EVENTS = """
create or replace temp view lake_events as
select * from read_parquet({paths})"""

_NO_EVENTS = """
create or replace temp table lake_events (
    event_key uuid, occurred_at timestamptz, user_id bigint, real_user_id bigint, cmid bigint,
    event_name varchar, origin varchar
)"""

_PRESENT = r"""
create or replace temp table present as
select
    lake_events.event_key, lake_events.occurred_at, lake_events.user_id, lake_events.cmid, lake_events.event_name,
    epoch(lake_events.occurred_at)::bigint as moment,
    (to_timestamp(moment + zone_offsets.east) at time zone 'UTC')::date as day,
    case
        when lake_events.real_user_id <> 0 then 'as'
        when starts_with(lake_events.event_name, '\core\event\webservice_') then 'service'
        when lake_events.origin = 'ws' and list_contains({services}::bigint[], lake_events.user_id) then 'service'
        when lake_events.origin in ('web', 'ws', 'cli', 'restore') then lake_events.origin
        else 'other'
    end as origin_class,
    case
        when lake_events.user_id = 0 then null
        when origin_class = 'as' then 'as'
        when origin_class in ('web', 'ws') then 'own'
    end as presence
from lake_events asof join zone_offsets on epoch(lake_events.occurred_at)::bigint >= zone_offsets.since"""

_STEPS = """
create or replace temp table steps as
select
    * exclude (previous, following),
    presence is not null and (previous is null or moment - previous > $gap) as opens,
    if(presence is not null and following - moment <= $gap, following - moment, 0) as active
from (
    select
        *,
        lag(moment) over in_order as previous,
        lead(moment) over in_order as following
    from present
    window in_order as (partition by user_id, presence order by moment, event_key)
)"""

_DAILY = """
create or replace temp table activity_daily as
select
    $site as site_id, $course::bigint as course_id, user_id, cmid, day, origin_class as origin,
    count(*) as events, count(*) filter (opens) as sessions, coalesce(sum(active), 0)::bigint as active_seconds,
    min(occurred_at) as first_at, max(occurred_at) as last_at
from steps group by user_id, cmid, day, origin_class"""

_EVENTS_DAILY = """
create or replace temp table activity_events_daily as
select
    $site as site_id, $course::bigint as course_id, user_id, cmid, day, origin_class as origin, event_name,
    count(*) as events
from steps group by user_id, cmid, day, origin_class, event_name"""

_SESSIONS = """
create or replace temp table activity_sessions as
select
    $site as site_id, $course::bigint as course_id, user_id,
    arg_min(origin_class, place) as origin, min(occurred_at) as started_at, max(occurred_at) as ended_at,
    arg_min(day, place) as day, arg_min(cmid, place) as cmid,
    count(distinct cmid) filter (cmid <> 0) as modules, count(*) as events, sum(active)::bigint as active_seconds
from (
    select
        *,
        row_number() over in_order as place,
        count(*) filter (opens) over in_order as session_no
    from steps
    where presence is not null
    window in_order as (partition by user_id, presence order by moment, event_key rows unbounded preceding)
)
group by user_id, presence, session_no"""


@dataclass(frozen=True)
class Course:
    """Whose events are rolled up, and the clock its days are told by."""

    site_id: str
    course_id: int
    zone: ZoneInfo
    services: Sequence[int] = ()
    """The people of the site who are Studium itself."""


def roll_up(engine: DuckDBPyConnection, paths: Sequence[Path], course: Course) -> dict[str, int]:
    """Make `activity_daily`, `activity_events_daily` and `activity_sessions` of the lake's files.

    Returns:
        How many rows each has.
    """
    if paths:
        listed = ", ".join(literal(path) for path in paths)
        engine.execute(_EVENTS.format(paths=f"[{listed}]"))
    else:
        engine.execute(_NO_EVENTS)
    _offsets(engine, course.zone)
    engine.execute(_PRESENT.format(services=list(course.services)))
    engine.execute(_STEPS, {"gap": GAP_SECONDS})
    whose = {"site": course.site_id, "course": course.course_id}
    counts = {}
    for name, statement in TABLES.items():
        row = engine.execute(statement, whose).fetchone() or (0,)
        counts[name] = int(row[0])
    return counts


TABLES = {
    "activity_daily": _DAILY,
    "activity_events_daily": _EVENTS_DAILY,
    "activity_sessions": _SESSIONS,
}


def _offsets(engine: DuckDBPyConnection, zone: ZoneInfo) -> None:
    """Make `zone_offsets`: seconds east of UTC, from each moment of the events' time on."""
    first, last = engine.execute("select min(occurred_at), max(occurred_at) from lake_events").fetchone() or (
        None,
        None,
    )
    engine.execute("create or replace temp table zone_offsets (since bigint, east bigint)")
    if first is None or last is None:
        return
    offset = first.astimezone(zone).utcoffset()
    rows = [(int(first.timestamp()), int(offset.total_seconds()))]
    rows += [(int(at.timestamp()), after) for at, _, after in transitions(zone, first, last)]
    engine.executemany("insert into zone_offsets values (?, ?)", rows)
