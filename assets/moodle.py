"""A Moodle course: backup or answers -> typed records in the lake -> `raw`. What the rows mean is told in dbt."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
import polars as pl

from assets.figures import ask_for_figures
from pipelines.partitions import courses
from pipelines.resources import Studium
from studium.content.intake import waiting, withdraw
from studium.database.pool import Role, connect
from studium.live import reporter
from studium.moodle.clients import open_client
from studium.moodle.errors import ForeignBackupError, HeldError
from studium.moodle.intake import RegisteredBackup, newest_backup, refuse_backup
from studium.moodle.keys import CourseKey
from studium.moodle.lake import counts
from studium.moodle.load import Change, load_course
from studium.moodle.records.row import Row, describe
from studium.moodle.records.tables import TABLES
from studium.moodle.snapshots import is_loaded, land, newest_snapshot, records_of
from studium.moodle.standing import RegisteredSync, add_cost, hold, is_approved, release
from studium.moodle.sync import Synced, sync_course

BACKUP = dg.AssetKey(["lake", "course_backup"])
ANSWERS = dg.AssetKey(["lake", "course_answers"])
RECORDS = dg.AssetKey(["lake", "course_records"])
PREVIEW_ROWS = 5
CELL_WIDTH = 60

sites = dg.AssetSpec(
    ["raw", "sites"],
    group_name="moodle",
    owners=["team:data"],
    kinds={"postgres"},
    description="Moodle sites, written down when a backup of theirs is registered; one row per site.",
)
course_backups = dg.AssetSpec(
    ["raw", "course_backups"],
    group_name="moodle",
    owners=["team:data"],
    kinds={"postgres"},
    description="Backups given to Studium, written down when they are registered; one row per course and file.",
    partitions_def=courses,
)


@dg.asset(
    key=BACKUP,
    group_name="moodle",
    owners=["team:data"],
    kinds={"file"},
    partitions_def=courses,
    deps=[course_backups],
    description="A course's newest backup, as Moodle made it; one file per course.",
)
def course_backup(context: dg.AssetExecutionContext, studium: Studium) -> dg.MaterializeResult[None]:
    """Find the course's newest backup."""
    with studium.connect() as connection:
        backup = newest_backup(connection, CourseKey.parse(context.partition_key))
    return dg.MaterializeResult(
        data_version=dg.DataVersion(backup.sha256),
        metadata={
            "file": backup.filename,
            "bytes": backup.byte_size,
            "moodle": backup.moodle_release or "unknown",
            "made_at": dg.MetadataValue.timestamp(backup.backup_at),
            "object": backup.object_path,
        },
    )


@dg.asset(
    key=ANSWERS,
    group_name="moodle",
    owners=["team:data"],
    kinds={"parquet"},
    partitions_def=courses,
    output_required=False,
    description="What a course's Moodle says of it, asked only for what may have changed; one file per snapshot.",
)
def course_answers(context: dg.AssetExecutionContext, studium: Studium) -> Iterator[dg.MaterializeResult[None]]:
    """Sync with the course's Moodle; where nothing is new and nothing left to do, nothing downstream runs."""
    course = CourseKey.parse(context.partition_key)
    with connect(studium.settings, Role.PIPELINE, autocommit=True) as connection:
        if is_approved(connection, course) and not is_loaded(connection, course):
            synced = None  # what a person let through is loaded as they saw it
        else:
            with open_client(studium.settings, connection, course.site_id) as client:
                progress = reporter(studium.connect, str(course))
                synced = sync_course(studium.store, connection, client, course, at=datetime.now(UTC), progress=progress)
        if synced and synced.is_gone:
            return
        if synced is None or synced.changed or not is_loaded(connection, course) or waiting(connection, str(course)):
            newest = newest_snapshot(connection, course)
            yield dg.MaterializeResult(data_version=dg.DataVersion(newest.sha256), metadata=_cost(synced))


def _cost(synced: Synced | None) -> dict[str, int | dg.MetadataValue[str]]:
    if synced is None:
        return {}
    skipped = [f"{one.function}: {one.reason} ({one.times} times)" for one in synced.skipped]
    return {
        "calls": synced.calls,
        "bytes": synced.bytes,
        "new_items": synced.new_items,
        "skipped": dg.MetadataValue.md("\n".join(f"- {line}" for line in skipped)),
    }


@dg.asset(
    key=RECORDS,
    group_name="moodle",
    owners=["team:data"],
    kinds={"python", "parquet"},
    partitions_def=courses,
    deps=[BACKUP, ANSWERS],
    description="A course's rows, typed and checked, and the refused ones beside them; one Parquet file per table.",
)
def course_records(context: dg.AssetExecutionContext, studium: Studium) -> dg.MaterializeResult[None]:
    """Read the newest backup or answers into the lake; what has been read is not read again."""
    with studium.connect() as connection:
        records = land(connection, studium.store, newest_snapshot(connection, CourseKey.parse(context.partition_key)))
    tables = counts(records)
    return dg.MaterializeResult(
        metadata={
            "dagster/partition_row_count": int(tables["rows"].sum()),
            "refused": int(tables["refused"].sum()),
            "tables": dg.MetadataValue.md(markdown(tables)),
            "reasons": dg.MetadataValue.md(markdown(_reasons(records.refused))),
        }
    )


@dg.multi_asset(
    name="course",
    specs=[
        dg.AssetSpec(
            ["raw", row.table],
            group_name="moodle",
            owners=["team:data"],
            kinds={"postgres"},
            deps=[RECORDS],
            description=describe(row),
        )
        for row in TABLES
    ],
    partitions_def=courses,
)
def course(context: dg.AssetExecutionContext, studium: Studium) -> Iterator[dg.MaterializeResult[None]]:
    """Bring what differs into `raw`, in one transaction."""
    with studium.connect() as connection:
        newest = newest_snapshot(connection, CourseKey.parse(context.partition_key))
    records = records_of(studium.store, newest)
    try:
        with studium.connect() as connection, connection.transaction():
            loaded = load_course(connection, records)
            if loaded.moves_permission:
                withdraw(connection, newest.course)
            release(connection, newest.course)
            if isinstance(newest.source, RegisteredSync):
                add_cost(connection, newest.course, rows_written=loaded.touched)
            if loaded.touched:
                ask_for_figures(context, connection)
    except ForeignBackupError as error:
        with studium.connect() as connection:
            if isinstance(newest.source, RegisteredBackup):
                refuse_backup(connection, newest.source, str(error))
        raise
    except HeldError as error:
        with studium.connect() as connection:
            hold(connection, newest.course, newest.at, error.gone)
        raise
    for row in TABLES:
        yield _result(row, records.tables[row.table], loaded.changes.get(row.table))


def _result(row: type[Row], frame: pl.DataFrame, change: Change | None) -> dg.MaterializeResult[None]:
    metadata: dict[str, int | dg.MetadataValue[str]] = {
        "dagster/partition_row_count": len(frame),
        "rows_written": change.written if change else 0,
        "rows_removed": change.removed if change else 0,
    }
    if not row.is_personal:  # what people did stays out of Dagster's own log
        metadata["preview"] = dg.MetadataValue.md(markdown(frame.head(PREVIEW_ROWS)))
    return dg.MaterializeResult(asset_key=["raw", row.table], metadata=metadata)


def _reasons(refused: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """How many rows of which table were refused, and why."""
    frames = [frame.select(pl.lit(table).alias("table"), "reason", "detail") for table, frame in refused.items()]
    if not frames:
        return pl.DataFrame(schema={"table": pl.String(), "reason": pl.String(), "rows": pl.UInt32()})
    groups = pl.concat(frames).group_by("table", "reason").agg(pl.len().alias("rows"), pl.col("detail").first())
    return groups.sort("table", "reason")


def markdown(frame: pl.DataFrame) -> str:
    """A frame as a Markdown table, long values cut."""
    lines = [frame.columns, ["---"] * frame.width, *frame.iter_rows()]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


def _cell(value: object) -> str:
    text = "" if value is None else " ".join(str(value).split())
    return (text if len(text) <= CELL_WIDTH else f"{text[: CELL_WIDTH - 1]}…").replace("|", "\\|")


ASSETS = [sites, course_backups, course_backup, course_answers, course_records, course]
