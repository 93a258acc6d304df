"""A Moodle course: registered backup -> typed records in the lake -> `raw`. What the rows mean is told in dbt."""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from pipelines.partitions import courses
from pipelines.resources import Studium
from studium.moodle.errors import ForeignBackupError
from studium.moodle.intake import land_backup, newest_backup, refuse_backup
from studium.moodle.keys import CourseKey
from studium.moodle.lake import counts, read_records
from studium.moodle.load import Change, load_course
from studium.moodle.records.row import Row, describe
from studium.moodle.records.tables import TABLES

BACKUP = dg.AssetKey(["lake", "course_backup"])
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
    description="The backup that speaks for a course, the newest Moodle made; one file per course.",
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
    key=RECORDS,
    group_name="moodle",
    owners=["team:data"],
    kinds={"python", "parquet"},
    partitions_def=courses,
    deps=[BACKUP],
    description="A course's rows, typed and checked, and the refused ones beside them; one Parquet file per table.",
)
def course_records(context: dg.AssetExecutionContext, studium: Studium) -> dg.MaterializeResult[None]:
    """Read the newest backup into the lake; a backup that has been read is not read again."""
    with studium.connect() as connection:
        backup = newest_backup(connection, CourseKey.parse(context.partition_key))
    records = land_backup(studium.store, backup)
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
        backup = newest_backup(connection, CourseKey.parse(context.partition_key))
    records = read_records(studium.store, backup.course, backup.sha256)
    try:
        with studium.connect() as connection:
            loaded = load_course(connection, records)
    except ForeignBackupError as error:
        with studium.connect() as connection:
            refuse_backup(connection, backup, str(error))
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


ASSETS = [sites, course_backups, course_backup, course_records, course]
