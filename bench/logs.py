"""How fast logs go from file to `raw`, beside DuckDB merely reading the same file: `python bench/logs.py [rows]`.

The rows are a real site's, repeated over more people and more weeks. Everything else is as in an installation: object
store, lake, embedded PostgreSQL.
"""

import atexit
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from psycopg import Connection
from rich.console import Console
from rich.table import Table

from studium.database import migrate
from studium.database.pool import Role, connect
from studium.moodle.activity import Course, roll_up
from studium.moodle.activity_load import KEYS, load_imports, load_table
from studium.moodle.keys import CourseKey
from studium.moodle.logs.engine import literal, open_engine
from studium.moodle.logs.lake import fetch_events, land
from studium.moodle.logs.register import register_log
from studium.settings import Settings
from studium.storage import open_store

DUMP = Path(__file__).parents[1] / "tests/data/moodle/mdl_logstore_standard_log.parquet"
LONDON = ZoneInfo("Europe/London")
FORTNIGHT = 14 * 24 * 3600
SHAPES = {"parquet": 2, "csv": 4, "report": 6}
"""The course each shape of the file is imported as."""


def synthesized(rows: int) -> pl.DataFrame:
    """The real course's rows, over and over: every copy other people, some other weeks and seconds."""
    real = pl.read_parquet(DUMP).filter(pl.col("courseid") == 2)
    copies = [
        real.with_columns(
            pl.col("userid") + 1000 * (copy % 40),
            pl.col("relateduserid") + 1000 * (copy % 40),
            pl.col("timecreated") - FORTNIGHT * (copy // 8) - copy,
        )
        for copy in range(-(-rows // len(real)))
    ]
    return pl.concat(copies).head(rows).sort("timecreated").with_columns(id=pl.int_range(1, rows + 1))


def as_report(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows as a log report would show them."""
    wall = pl.from_epoch("timecreated").dt.replace_time_zone("UTC").dt.convert_time_zone(LONDON.key)
    return rows.reverse().select(
        wall.dt.strftime("%d/%m/%y, %H:%M:%S").alias("Time"),
        pl.format("Person {}", "userid").alias("User full name"),
        pl.lit("-").alias("Affected user"),
        pl.when(pl.col("contextlevel") == 70)
        .then(pl.format("Page: Module {}", "contextinstanceid"))
        .otherwise(pl.lit("Course: Cardiovascular Physiology"))
        .alias("Event context"),
        pl.lit("Page").alias("Component"),
        pl.lit("Course module viewed").alias("Event name"),
        pl.format(
            "The user with id '{}' viewed the 'page' activity with course module id '{}'.",
            "userid",
            "contextinstanceid",
        ).alias("Description"),
        pl.col("origin").alias("Origin"),
        pl.col("ip").alias("IP address"),
    )


def merely_read(path: Path) -> float:
    """Seconds DuckDB takes to read every value of a file into a table of its own."""
    reader = "read_parquet({})" if path.suffix == ".parquet" else "read_csv({}, all_varchar=true, header=true)"
    with tempfile.TemporaryDirectory() as folder, open_engine(Path(folder)) as engine:
        started = time.perf_counter()
        engine.execute(f"create table file as select * from {reader.format(literal(path))}")
        return time.perf_counter() - started


def imported(settings: Settings, connection: Connection, path: Path, course: CourseKey) -> dict[str, float]:
    """Seconds of each step from the file to `raw`."""
    store = open_store(settings)
    took: dict[str, float] = {}

    def timed(step: str, work: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        done = work()
        took[step] = time.perf_counter() - started
        return done

    timed("register", lambda: register_log(store, connection, path, course, LONDON))
    landed = timed("lake", lambda: land(store, connection, course))
    with tempfile.TemporaryDirectory() as name, open_engine(Path(name)) as engine:
        paths = fetch_events(store, course, Path(name))
        timed("roll up", lambda: roll_up(engine, paths, Course(*course, LONDON)))
        timed("load", lambda: [load_table(engine, connection, table, course, Path(name)) for table in KEYS])
    load_imports(connection, course, landed.imports)
    return took


def main(rows: int) -> None:
    """Write the files, import each as a course of its own, and print the table."""
    table = Table(title=f"{rows:,} log rows, from file to raw")
    for heading in ("file", "MB", "register", "lake", "roll up", "load", "total s", "rows/s", "mere read s", "ratio"):
        table.add_column(heading, justify="left" if heading == "file" else "right")
    folder = Path(tempfile.mkdtemp(prefix="bench-logs-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # before the server starts: after it has stopped
    settings = Settings(home=folder / "home", _env_file=None)
    migrate.upgrade(settings)
    for path, course in written(folder, rows):
        read = merely_read(path)
        with connect(settings, Role.PIPELINE) as connection:
            known(connection, course)
            took = imported(settings, connection, path, course)
            (counted,) = connection.execute(
                "select sum(events) from raw.activity_daily where course_id = %s", [course.course_id]
            ).fetchone()
            assert counted == rows, f"{counted} of {rows} rows arrived"
        total = sum(took.values())
        steps = [f"{seconds:.1f}" for seconds in took.values()]
        size = f"{path.stat().st_size / 1e6:.0f}"
        table.add_row(
            path.name, size, *steps, f"{total:.1f}", f"{rows / total:,.0f}", f"{read:.2f}", f"{total / read:.1f}"
        )
    Console(width=140).print(table)


def written(folder: Path, rows: int) -> list[tuple[Path, CourseKey]]:
    """The same rows in every shape a log comes in."""
    made = []
    for shape, course_id in SHAPES.items():
        frame = synthesized(rows).with_columns(courseid=pl.lit(course_id, pl.Int64))
        path = folder / f"{shape}.{'parquet' if shape == 'parquet' else 'csv'}"
        if shape == "parquet":
            frame.write_parquet(path)
        else:
            (as_report(frame) if shape == "report" else frame).write_csv(path)
        made.append((path, CourseKey("bench-example-org", course_id)))
    return made


def known(connection: Connection, course: CourseKey) -> None:
    """Stand in for the import of the course's backup."""
    connection.execute(
        "insert into raw.sites values (%s, 'https://bench.example.org') on conflict do nothing", course[:1]
    )
    connection.execute(
        """
        insert into raw.course_backups (site_id, course_id, sha256, object_path, filename, byte_size, backup_at)
        values (%s, %s, 'x', 'x', 'x', 1, now())""",
        course,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
