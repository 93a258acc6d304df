"""The log report's CSV: rows in newest-first order, a wall clock without offset, ids only in the description.

Fills `report_rows` and `refused` of an engine. Who the names are is settled in `people`, when all files are read.
"""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from duckdb import DuckDBPyConnection

from studium.moodle.logs.clock import later_half, spans
from studium.moodle.logs.dates import Clock, clock_of
from studium.moodle.logs.engine import read_csv
from studium.moodle.logs.format import Layout

DOUBT_TIME, DOUBT_SECONDS, DOUBT_USER, DOUBT_RELATED, DOUBT_EVENT, DOUBT_MODULE = 1, 2, 4, 8, 16, 32

TABLE = """
create temp table report_rows (
    file_no integer, position bigint, moment bigint, doubts integer,
    who varchar, whom varchar, context varchar, component varchar, event_name varchar,
    actor_id bigint, other_id bigint, described_cmid bigint, object_id bigint, origin varchar, ip varchar
);
create temp table falls (began bigint, ended bigint)"""

READ = """
create or replace temp table staged as
select
    line, "Time" as time, trim("User full name") as who, trim("Affected user") as whom,
    trim("Event context") as context, trim("Component") as component, trim("Event name") as event,
    "Description" as description, lower(trim("Origin")) as origin, trim("IP address") as ip
from {source}"""

TIMED = """
create or replace temp table timed as
select
    spanned.*,
    if(coalesce(halves.is_later, false), spanned.later, spanned.sooner) as wall_offset,
    if(
        spanned.kind = 'skipped' or coalesce(spanned.component, '') = '' or coalesce(spanned.event, '') = '',
        null, epoch(spanned.wall)::bigint - wall_offset
    ) as moment,
    $minutes + if(coalesce(halves.is_guess, false), $guess, 0) as doubts
from spanned left join halves using (line)"""

# Names of events are translated, descriptions never are: they tell a view of any module, and most ids. Who completes
# a course is named first in its description, though somebody else acts.
TYPED = r"""
insert into report_rows
with told as (
    select
        *,
        [greatest(id::bigint, 0) for id in regexp_extract_all(description, 'user with id ''?(-?\d{{1,18}})', 1)] as ids,
        regexp_extract(description, 'viewed the ''(\w+)'' activity with course module id', 1) as viewed
    from timed where moment is not null
)
select
    ?, told.line * ?, told.moment,
    told.doubts + if(event_names.event_name is null and told.viewed = '', {doubt_event}, 0),
    coalesce(told.who, '-'), coalesce(told.whom, '-'), coalesce(told.context, ''), told.component,
    coalesce(
        event_names.event_name,
        if(told.viewed <> '', concat('\mod_', told.viewed, '\event\course_module_viewed'), null),
        concat('?', told.component, '/', told.event)
    ),
    if(
        starts_with(told.description, 'The user with id ')
        and not contains(told.description, ' completed the course with id '), told.ids[1], null
    ),
    if(starts_with(told.description, 'The user with id ') and len(told.ids) > 1, told.ids[-1], told.ids[1]),
    try_cast(nullif(regexp_extract(told.description, 'course module (?:with )?id ''?(\d+)', 1), '') as bigint),
    try_cast(nullif(regexp_extract(
        told.description, '(?:attempt|discussion|chapter|entry|submission|grade) with id ''(\d+)''', 1
    ), '') as bigint),
    coalesce(told.origin, ''), coalesce(nullif(told.ip, '-'), '')
from told left join event_names on told.component = event_names.component and told.event = event_names.event"""


def stage(engine: DuckDBPyConnection, path: Path, layout: Layout) -> list[tuple[int, str, str]]:
    """Read a report into the table `staged`; returns the lines that are no rows: line, reason, text."""
    source, refused = read_csv(engine, path, layout)
    engine.execute(READ.format(source=source))
    return refused()


def read_report(
    engine: DuckDBPyConnection, file_no: int, path: Path, layout: Layout, zone: ZoneInfo
) -> list[tuple[int, str, str]]:
    """Add the rows of a report to `report_rows`; returns what is refused: line, reason, text."""
    refused = stage(engine, path, layout)
    if engine.execute("select count(*) from staged").fetchone() == (0,):
        return refused
    clock = clock_of(engine)
    _time(engine, clock, zone)
    refused += engine.execute(
        """
        select line, case
            when wall is null then 'time is not one'
            when kind = 'skipped' then 'this hour did not exist in ' || ?
            else 'component or event name is missing' end,
            concat_ws(',', time, who, whom, context, component, event, description, origin, ip)
        from timed where moment is null""",
        [zone.key],
    ).fetchall()
    engine.execute(TYPED.format(doubt_event=DOUBT_EVENT), [file_no, -1 if clock.newest_first else 1])
    return refused


def _time(engine: DuckDBPyConnection, clock: Clock, zone: ZoneInfo) -> None:
    """Make `timed`: the staged rows with their wall time, moment in UTC and doubts."""
    minutes = DOUBT_SECONDS if "%S" not in clock.format else 0
    engine.execute(
        "create or replace temp table walls as select *, try_strptime(time, ?) as wall from staged", [clock.format]
    )
    first, last = engine.execute("select min(wall), max(wall) from walls").fetchone() or (None, None)
    engine.execute("create or replace temp table spans (starts timestamp, kind varchar, sooner bigint, later bigint)")
    engine.executemany("insert into spans values (?, ?, ?, ?)", spans(zone, first, last))
    engine.execute("""
        insert into falls
        select epoch(starts)::bigint - sooner, epoch(starts)::bigint - later + (sooner - later)
        from spans where kind = 'repeated' and epoch(starts)::bigint - sooner not in (select began from falls)""")
    engine.execute("""
        create or replace temp table spanned as
        select walls.*, spans.starts, spans.kind, spans.sooner, spans.later
        from walls asof left join spans on walls.wall >= spans.starts""")
    engine.execute("create or replace temp table halves (line bigint, is_later boolean, is_guess boolean)")
    for starts in engine.execute("select distinct starts from spanned where kind = 'repeated'").fetchall():
        _halve(engine, clock, starts[0])
    engine.execute(TIMED, {"minutes": minutes, "guess": DOUBT_TIME})


def _halve(engine: DuckDBPyConnection, clock: Clock, starts: datetime) -> None:
    rows = engine.execute("select line, wall from spanned where starts = ? order by line", [starts]).fetchall()
    rows = rows[::-1] if clock.newest_first else rows
    before, after = engine.execute(
        "select max(wall) filter (starts < ?), min(wall) filter (starts > ?) from spanned", [starts, starts]
    ).fetchone() or (None, None)
    told = later_half([wall for _, wall in rows], before, after, clock.ordered)
    engine.executemany(
        "insert into halves values (?, ?, ?)",
        [(line, later, guess) for (line, _), (later, guess) in zip(rows, told, strict=True)],
    )


def course_named(engine: DuckDBPyConnection, course_id: int) -> tuple[int, int]:
    """How many descriptions of the staged report name this course, and how many another."""
    ours, others = engine.execute(
        """
        select count(*) filter (id = ?), count(*) filter (id <> ?)
        from (select try_cast(nullif(regexp_extract(description, 'course with (?:the )?id ''?(\\d+)', 1), '') as bigint)
              as id from staged)""",
        [course_id, course_id],
    ).fetchone() or (0, 0)
    return int(ours), int(others)
