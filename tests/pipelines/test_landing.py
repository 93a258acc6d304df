"""What Great Expectations lets through to `raw`, and what it holds back."""

import dataclasses
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from backup_help import PHA203, opened, read

from pipelines.checks.landing import refused_pct, unsound
from studium.moodle.harvest import REFUSED_SCHEMA, CourseRecords, Reason


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> CourseRecords:
    return read(opened(PHA203, tmp_path_factory.mktemp("pha") / "a"))


def refused(count: int, reason: Reason = Reason.INVALID) -> pl.DataFrame:
    return pl.DataFrame([{"reason": reason.value, "detail": "d", "row": "{}"}] * count, schema=REFUSED_SCHEMA)


def changed(records: CourseRecords, table: str, *columns: pl.Expr) -> CourseRecords:
    return dataclasses.replace(records, tables=records.tables | {table: records.tables[table].with_columns(columns)})


def test_a_recorded_course_is_sound(records: CourseRecords) -> None:
    assert unsound(records) == []


def test_few_refused_rows_hold_nothing_back(records: CourseRecords) -> None:
    some = {"grades": refused(8), "groups": refused(3), "materials": refused(500, Reason.BYTES_ELSEWHERE)}
    given = dataclasses.replace(records, refused=some)
    assert refused_pct(given) == {"grades": pytest.approx(100 * 8 / 168)}
    assert unsound(given) == []


def test_many_refused_rows_hold_the_course_back(records: CourseRecords) -> None:
    given = dataclasses.replace(records, refused={"grades": refused(9), "groups": refused(4)})
    broken = unsound(given)
    assert [said.partition(":")[2].strip().partition(":")[0] for said in broken] == ["grades", "groups"]
    assert all(said.startswith("refused too much") for said in broken)


@pytest.mark.parametrize(
    ("table", "column", "said"),
    [
        ("courses", pl.lit(" ").alias("shortname"), "courses: shortname"),
        ("modules", pl.lit("javascript:x").alias("url"), "modules: url"),
        ("modules", pl.lit(7, pl.Int64).alias("group_mode"), "modules: group_mode"),
        ("materials", pl.lit("text").alias("media_type"), "materials: media_type"),
        ("enrolments", pl.lit(3, pl.Int64).alias("status"), "enrolments: status"),
        ("completions", pl.lit(9, pl.Int64).alias("state"), "completions: state"),
        ("completions", (pl.col("completed_at") + timedelta(days=400)), "completions: completed_at"),
        ("quiz_attempts", pl.lit(0, pl.Int64).alias("attempt_number"), "quiz_attempts: attempt_number"),
        ("quiz_attempts", (pl.col("finished_at") - timedelta(days=400)), "quiz_attempts: finished_at and started_at"),
        ("question_attempts", pl.lit(40.0).alias("fraction"), "question_attempts: fraction"),
        ("grade_items", (pl.col("grade_min") + 1000).alias("grade_min"), "grade_items: grade_max and grade_min"),
    ],
)
def test_impossible_values_hold_the_course_back(records: CourseRecords, table: str, column: pl.Expr, said: str) -> None:
    [broken] = unsound(changed(records, table, column))
    assert broken.startswith(said)


def test_a_course_without_sections_is_none(records: CourseRecords) -> None:
    empty = dataclasses.replace(records, tables=records.tables | {"sections": records.tables["sections"].clear()})
    [broken] = unsound(empty)
    assert broken.startswith("sections: rows")


def test_the_library_is_loaded_by_who_checks_alone(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = "import pipelines.checks.landing, assets.moodle, sys; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2]).returncode == 0
