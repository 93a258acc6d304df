"""Rows of logstore_standard_log, dumped or read from the database: moments in UTC, ids everywhere, many courses.

Fills `store_rows` of an engine with one course's rows, and counts the rest.
"""

from pathlib import Path

from duckdb import DuckDBPyConnection

from studium.moodle.logs.engine import literal, read_csv
from studium.moodle.logs.format import Kind, Layout

TABLE = """
create temp table store_rows (
    file_no integer, position bigint, moment bigint, event_name varchar, user_id bigint, related_user_id bigint,
    real_user_id bigint, cmid bigint, object_id bigint, origin varchar, ip varchar
)"""

_ROWS = "(select row_number() over () as line, * from read_parquet({path}, binary_as_string=true))"

NUMBERS = {
    "id": "id",
    "timecreated": "moment",
    "courseid": "course_id",
    "userid": "user_id",
    "relateduserid": "related_user_id",
    "realuserid": "real_user_id",
    "contextlevel": "context_level",
    "contextinstanceid": "context_instance_id",
    "objectid": "object_id",
    "anonymous": "anonymous",
}

_TEXT = "if(lower(trim({0}::varchar)) in ('\\n', 'null', 'none', 'nan'), null, trim({0}::varchar)) as {0}"
"""Nothing, as databases and data frames write it in text."""

_NUMBER = {
    "timecreated": "coalesce(try_cast({0} as bigint), try_cast(epoch(try_cast({0} as timestamptz)) as bigint))",
    "anonymous": "coalesce(try_cast({0} as bigint), try_cast({0} as boolean)::bigint)",
}
"""Columns that tools on the way give a type of its own; a time without a zone is in UTC, as the log store's are."""

# Doubled backslashes are how COPY's text format and the mysql client write one. An anonymous event keeps its author
# in the log store, but Moodle shows it to nobody; neither does this.
TYPED = r"""
insert into store_rows
select
    ?, coalesce(id, line), moment, event_name,
    if(anonymous = 1, 0, greatest(user_id, 0)), if(anonymous = 1, 0, greatest(coalesce(related_user_id, 0), 0)),
    if(anonymous = 1, 0, greatest(coalesce(real_user_id, 0), 0)),
    if(context_level = 70, coalesce(context_instance_id, 0), 0), object_id, origin, ip
from parsed where course_id = ? and reason is null"""

PARSED = r"""
create or replace temp table parsed as
select
    *,
    case
        when moment is null or moment <= 0 or moment > 7258118400 then 'timecreated is no time'
        when course_id is null then 'courseid is no number'
        when user_id is null then 'userid is no number'
        when context_level is null then 'contextlevel is no number'
        when not contains(event_name, '\event\') or event_name is null then 'eventname is none'
    end as reason
from (
    select
        line, {numbers},
        replace(eventname, '\\', '\') as event_name,
        coalesce(lower(origin), '') as origin, coalesce(ip, '') as ip,
        concat_ws(',', eventname, timecreated, courseid, userid, contextlevel, contextinstanceid, origin) as text
    from (select line, {texts} from {source})
)"""


def read_store(
    engine: DuckDBPyConnection, file_no: int, path: Path, layout: Layout, course_id: int
) -> tuple[int, list[tuple[int, str, str]]]:
    """Add a course's rows of a dump to `store_rows`; returns how many lie elsewhere, and what is refused."""
    broken: list[tuple[int, str, str]] = []
    source = _ROWS.format(path=literal(path / "*.parquet" if layout.kind is Kind.STORE_DATABASE else path))
    if layout.kind is Kind.STORE_CSV:
        source, lines = read_csv(engine, path, layout)
        _parse(engine, source, layout)
        broken = lines()
    else:
        _parse(engine, source, layout)
    engine.execute(TYPED, [file_no, course_id])
    refused = engine.execute("select line, reason, text from parsed where reason is not null").fetchall()
    elsewhere = engine.execute(
        "select count(*) from parsed where reason is null and course_id <> ?", [course_id]
    ).fetchone() or (0,)
    return int(elsewhere[0]), broken + [(int(line), reason, text) for line, reason, text in refused]


def _parse(engine: DuckDBPyConnection, source: str, layout: Layout) -> None:
    known = {name.lower() for name in layout.columns}
    wanted = [*NUMBERS, "eventname", "origin", "ip"]
    texts = ", ".join(_TEXT.format(name) if name in known else f"null::varchar as {name}" for name in wanted)
    numbers = ", ".join(
        f"{_NUMBER.get(name, 'try_cast({0} as bigint)').format(name)} as {renamed}" for name, renamed in NUMBERS.items()
    )
    engine.execute(PARSED.format(source=source, texts=texts, numbers=numbers))
