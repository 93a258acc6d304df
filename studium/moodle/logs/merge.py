"""Several files of one course become one set of events: what two files hold is one event.

An event's key is a hash of what both sources of a log know, and its number among equal ones of a file: reports hold
exact repeats. Rows of a report that leave something open (the half of a repeated hour, seconds, a person, an unknown
event) are first sought among the rows of other files that agree on the rest.
"""

from duckdb import DuckDBPyConnection

from studium.moodle.logs.report import (
    DOUBT_EVENT,
    DOUBT_MODULE,
    DOUBT_RELATED,
    DOUBT_SECONDS,
    DOUBT_TIME,
    DOUBT_USER,
)

_NUMBERED = """
create or replace temp table numbered as
select
    *,
    row_number() over (partition by file_no, fields order by position) as occurrence
from (
    select
        *,
        md5(concat_ws('|', moment, event_name, user_id, related_user_id, real_user_id, cmid, origin, ip))::uuid
            as fields
    from (
        select *, 0 as doubts, true as is_store from store_rows
        union all by name
        select *, false as is_store from told_rows
    )
)"""

_MERGED = """
create or replace temp table merged as
select
    fields, occurrence, list(file_no order by file_no) as files,
    any_value(moment) as moment, any_value(event_name) as event_name, any_value(user_id) as user_id,
    any_value(related_user_id) as related_user_id, any_value(real_user_id) as real_user_id,
    any_value(cmid) as cmid, any_value(origin) as origin, any_value(ip) as ip,
    min(doubts) as doubts,
    coalesce(max(object_id) filter (is_store), max(object_id)) as object_id
from numbered group by fields, occurrence"""

_ALONE = """
create or replace temp table merged as
select
    fields, occurrence, [file_no] as files,
    moment, event_name, user_id, related_user_id, real_user_id, cmid, origin, ip, doubts, object_id
from numbered"""

_PAIRS = """
create or replace temp table pairs as
with wanted as (
    select
        fields, occurrence, files, {coarse} as coarse,
        row_number() over (partition by coarse order by fields, occurrence) as place
    from merged left join falls on moment >= began and moment < ended
    where doubts = {doubts} and files[1] = {file_no}
),
offered as (
    select
        fields, occurrence, {coarse} as coarse,
        row_number() over (partition by coarse order by fields, occurrence) as place
    from merged left join falls on moment >= began and moment < ended
    where doubts = 0 and not list_contains(files, {file_no}) and coarse in (select coarse from wanted)
)
select
    wanted.fields as doubtful, wanted.occurrence as doubtful_occurrence, wanted.files as files,
    offered.fields as certain, offered.occurrence as certain_occurrence
from wanted join offered using (coarse, place)"""

_JOIN = """
update merged set files = list_sort(list_distinct(list_concat(merged.files, pairs.files)))
from pairs where merged.fields = certain and merged.occurrence = certain_occurrence"""

_DROP = """
delete from merged using pairs
where merged.fields = doubtful and merged.occurrence = doubtful_occurrence"""


def merge(engine: DuckDBPyConnection) -> None:
    """Make `merged` of `store_rows` and `told_rows`: one row an event, with the files that hold it."""
    engine.execute(_NUMBERED)
    files = engine.execute("select count(distinct file_no) from numbered").fetchone()
    if files is None or files[0] < 2:  # noqa: PLR2004 - a file alone meets nothing
        engine.execute(_ALONE)
        return
    engine.execute(_MERGED)
    doubtful = engine.execute(
        "select distinct bit_count(doubts), doubts, files[1] from merged where doubts <> 0 order by all"
    ).fetchall()
    for _, doubts, file_no in doubtful:
        engine.execute(_PAIRS.format(coarse=_coarse(doubts), doubts=doubts, file_no=file_no))
        engine.execute(_JOIN)
        engine.execute(_DROP)


def _coarse(doubts: int) -> str:
    """What is left of an event's fields when those in doubt are not looked at, as an expression of SQL."""
    at = "moment"
    if doubts & DOUBT_TIME:  # both halves of the hour that repeats read the same on the wall
        at = "if(began is null, moment, began + (moment - began) % ((ended - began) // 2))"
    if doubts & DOUBT_SECONDS:
        at = f"({at}) // 60"
    left = [at, "origin", "ip"]
    left += [] if doubts & DOUBT_EVENT else ["event_name"]
    left += [] if doubts & DOUBT_USER else ["user_id", "real_user_id"]
    left += [] if doubts & DOUBT_RELATED else ["related_user_id"]
    left += [] if doubts & DOUBT_MODULE else ["cmid"]
    return f"concat_ws('|', {', '.join(left)})"
