"""How fast logs go from file to marts, beside DuckDB merely reading the same file: `python bench/logs.py [rows]`.

The rows are a real site's, repeated over more people and more weeks. They go the way every import goes: a work request,
the warm runner, a Dagster run of lake, Great Expectations, roll-ups, `raw`, dbt and its tests, asset checks.
"""

import sys
import tempfile
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.support.installation import new_home, steps_of, warm_runner
from bench.support.report import show, table
from studium.database.pool import Role, connect
from studium.moodle.keys import CourseKey
from studium.moodle.logs.engine import literal, open_engine
from studium.operations.imports import import_logs
from studium.settings import Settings

DUMP = Path(__file__).parents[1] / "tests/data/moodle/mdl_logstore_standard_log.parquet"
LONDON = ZoneInfo("Europe/London")
FORTNIGHT = 14 * 24 * 3600
SITE = "bench-example-org"
SHAPES = {"parquet": 2, "csv": 4, "report": 6}
"""The course each shape of the file is imported as."""
STEPS = {
    "lake__activity_log": "lake",
    "lake__activity_log_events_are_sound": "GX",
    "activity": "raw",
    "warehouse": "dbt",
}
"""Steps of a run, and what their columns are called."""
COURSE = (
    """
    insert into raw.course_backups (site_id, course_id, sha256, object_path, filename, byte_size, backup_at)
    values (%(site)s, %(course)s, 'x' || %(course)s, 'x', 'x', 1, now())
    """,
    """
    insert into raw.courses (site_id, course_id, shortname, fullname, is_visible, group_mode, group_mode_forced,
                             completion_enabled, backup_sha256, backup_at)
    select site_id, course_id, 'C' || course_id, 'A course', true, 0, false, true, sha256, backup_at
    from raw.course_backups where course_id = %(course)s
    """,
    """
    insert into raw.enrolments (site_id, course_id, enrolment_id, user_id, method, status, method_status)
    select %(site)s, %(course)s, %(course)s * 1000000 + one, one, 'manual', 0, 0
    from unnest(%(people)s::bigint[]) as one
    """,
    """
    insert into raw.role_assignments (site_id, course_id, assignment_id, user_id, role_id, role, archetype)
    select %(site)s, %(course)s, %(course)s * 1000000 + one, one, 5, 'student', 'student'
    from unnest(%(people)s::bigint[]) as one
    """,
)
"""A course with its students; nothing in it but them."""


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
        made.append((path, CourseKey(SITE, course_id)))
    return made


def introduce(settings: Settings, courses: list[CourseKey], people: list[int]) -> None:
    """Stand in for the import of the courses' backups: the same people are students of each."""
    with connect(settings, Role.PIPELINE) as connection:
        connection.execute("insert into raw.sites values (%s, 'https://bench.example.org')", [SITE])
        columns = "site_id, user_id, is_deleted, seen_at"
        users = f"insert into raw.users ({columns}) select %s, unnest(%s::bigint[]), false, now()"
        connection.execute(users, [SITE, people])
        for course in courses:
            for statement in COURSE:
                connection.execute(statement, {"site": SITE, "course": course.course_id, "people": people})


def arrived(settings: Settings, course: CourseKey) -> int:
    """Events of a course in the mart."""
    with connect(settings, Role.PIPELINE) as connection:
        row = connection.execute(
            "select sum(events + noise_events) from marts.fct_activity_daily where course_id = %s", [str(course)]
        ).fetchone()
    return int(row[0] or 0)


def main(rows: int) -> None:
    """Write the files, import each as a course of its own, and print the table."""
    headings = ("file", "MB", *STEPS.values(), "rest", "total s", "rows/s", "mere read s", "times that")
    made = table(f"{rows:,} log rows, from file to marts: seconds", *headings)
    settings = new_home()
    with tempfile.TemporaryDirectory() as folder, warm_runner(settings):
        files = written(Path(folder), rows)
        introduce(settings, [course for _, course in files], synthesized(rows)["userid"].unique().to_list())
        for path, course in files:
            read = merely_read(path)
            started = time.perf_counter()
            import_logs(settings, Console(quiet=True), path, str(course), LONDON)
            total = time.perf_counter() - started
            if (count := arrived(settings, course)) != rows:
                raise SystemExit(f"{count:,} of {rows:,} rows of {path.name} are in the mart")
            took = steps_of(settings, list(STEPS))
            steps = [f"{seconds:.1f}" for seconds in (*took, total - sum(took))]
            size = f"{path.stat().st_size / 1e6:.0f}"
            ends = f"{total:.1f}", f"{rows / total:,.0f}", f"{read:.2f}", f"{total / read:.0f}"
            made.add_row(path.name, size, *steps, *ends)
    show(made)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
