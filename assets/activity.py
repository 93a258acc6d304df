"""A course's logs: registered files and Moodle's own log -> events in the lake -> roll-ups in `raw`.

What they mean is told in dbt.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg

from assets.figures import ask_for_figures
from pipelines.partitions import courses
from pipelines.resources import Studium
from studium.moodle.activity import Course, roll_up
from studium.moodle.activity_load import load_imports, load_table
from studium.moodle.keys import CourseKey
from studium.moodle.logs.engine import open_engine
from studium.moodle.logs.lake import fetch_events, land, landing
from studium.moodle.logs.records import Landing
from studium.moodle.logs.service import services
from studium.operations.logs import pull

LAKE = dg.AssetKey(["lake", "activity_log"])
ROLL_UPS = {
    "activity_daily": "Events, sessions and active seconds; one row per person, module, day and origin.",
    "activity_events_daily": "Events by name; one row per person, module, day, origin and event class.",
    "activity_sessions": "Sessions; one row per unbroken presence of a person in a course.",
}
IMPORTS = "What each log file gave: read, accepted, repeated, refused; one row per course and file."

log_files = dg.AssetSpec(
    ["raw", "log_files"],
    group_name="activity",
    owners=["team:data"],
    kinds={"postgres"},
    description="Logs given to courses, written when they are registered; one row per course and file, or database.",
    partitions_def=courses,
)


@dg.asset(
    key=["lake", "moodle_logs"],
    group_name="moodle_logs",
    owners=["team:data"],
    kinds={"parquet"},
    description="Rows of Moodle's own log, read from its database, a Parquet file a course and day; one row per event.",
)
def moodle_logs(studium: Studium) -> dg.MaterializeResult[None]:
    """Read what is new of the site's log, and ask for a run of each course it changes."""
    account = pull(studium.settings, store=studium.store)
    return dg.MaterializeResult(metadata=account.as_values())


@dg.asset(
    key=LAKE,
    group_name="activity",
    owners=["team:data"],
    kinds={"duckdb", "parquet"},
    partitions_def=courses,
    deps=[["raw", "log_files"], ["lake", "moodle_logs"], ["raw", "users"], ["raw", "modules"]],
    description="Events of a course from all its logs, a Parquet file a month; one row per event.",
)
def activity_log(context: dg.AssetExecutionContext, studium: Studium) -> dg.MaterializeResult[None]:
    """Read the course's log files and its days of Moodle's own log; what was read already costs nothing."""
    course = CourseKey.parse(context.partition_key)
    with studium.connect() as connection:
        landed = land(studium.store, connection, course)
    return dg.MaterializeResult(metadata=_account(landed))


def _account(landed: Landing) -> dict[str, dg.MetadataValue]:
    sums = {
        name: dg.MetadataValue.int(sum(getattr(one, name) for one in landed.imports))
        for name in ("rows_read", "accepted", "repeated", "refused", "unknown_events", "unknown_users", "guessed_times")
    }
    table = ["| file | read | accepted | repeated | refused | from | to |", "|---|---|---|---|---|---|---|"]
    table += [
        f"| {one.filename} | {one.rows_read} | {one.accepted} | {one.repeated} | {one.refused} "
        f"| {one.from_at or ''} | {one.to_at or ''} |"
        for one in landed.imports
    ]
    return {
        "dagster/partition_row_count": dg.MetadataValue.int(landed.events),
        "months": dg.MetadataValue.int(len(landed.months)),
        "files": dg.MetadataValue.md("\n".join(table)),
        **sums,
    }


@dg.multi_asset(
    name="activity",
    specs=[
        dg.AssetSpec(
            ["raw", table],
            group_name="activity",
            owners=["team:data"],
            kinds={"duckdb", "postgres"},
            deps=[LAKE] if table == "log_imports" else [LAKE, ["raw", "sites"]],
            description=description,
        )
        for table, description in {**ROLL_UPS, "log_imports": IMPORTS}.items()
    ],
    partitions_def=courses,
)
def activity(context: dg.AssetExecutionContext, studium: Studium) -> Iterator[dg.MaterializeResult[None]]:
    """Roll the course's events up and bring what changed into `raw`, in one transaction."""
    course = CourseKey.parse(context.partition_key)
    with (
        tempfile.TemporaryDirectory() as name,
        open_engine(Path(name)) as engine,
        studium.connect() as connection,
    ):
        folder = Path(name)
        zone = zone_of(studium, course)
        whose = Course(*course, zone, services(connection, course.site_id))
        rows = roll_up(engine, fetch_events(studium.store, course, folder), whose)
        written = {table: load_table(engine, connection, table, course, folder) for table in ROLL_UPS}
        landed = landing(studium.store, course)
        imports = landed.imports if landed else []
        written["log_imports"] = load_imports(connection, course, imports)
        rows["log_imports"] = len(imports)
        if any(written.values()):
            ask_for_figures(context, connection)
    for table, count in written.items():
        yield _result(table, rows[table], count, zone)


def zone_of(studium: Studium, course: CourseKey) -> ZoneInfo:
    """The clock a course's days are told by: its site's, or the setting for sites whose zone is not known."""
    with studium.connect() as connection:
        row = connection.execute("select timezone from raw.sites where site_id = %s", [course.site_id]).fetchone()
    return ZoneInfo(row[0] if row and row[0] else studium.settings.site_timezone)


def _result(table: str, rows: int, written: int, zone: ZoneInfo) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(
        asset_key=["raw", table],
        metadata={
            "dagster/partition_row_count": rows,
            "rows_written": written,
            "time_zone": zone.key,
        },
    )


ASSETS = [log_files, moodle_logs, activity_log, activity]
