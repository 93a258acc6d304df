"""The two recorded courses from web services, held against the same courses from their backups, cell by cell.

What may differ is the closed list (`reader.untold`, `docs/moodle-web-services.md`). What the recording lacks, though a
site would tell it, stands in `UNRECORDED`: those rows are looked for on neither side.
"""

from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest
import ws_help
from backup_help import CVS201, PHA203, opened
from backup_help import read as read_opened

from studium.moodle.harvest import CourseRecords, Silence
from studium.moodle.keys import CourseKey
from studium.moodle.records.tables import BY_NAME
from studium.moodle.webservice.reader.untold import (
    COLUMNS,
    MATERIAL_TEXTS,
    MATERIAL_TIMES,
    MATERIALS,
    ROWS,
    UNSAID,
    WHOLE_TABLES,
)

NATURAL_KEYS = {
    "enrolments": ("user_id", "method"),
    "role_assignments": ("user_id", "role_id"),
    "grades": ("grade_item_id", "user_id"),
    "question_attempts": ("attempt_id", "slot"),
    "question_attempt_steps": ("attempt_id", "slot", "sequence"),
}
"""What names a row of a table whose ids Moodle keeps to itself."""

UNRECORDED: dict[CourseKey, dict[str, pl.Expr]] = {
    ws_help.CVS: {
        # of the forums, one forum's discussions and the posts of two of them were asked for
        "forum_discussions": pl.col("cmid") == 1,
        "forum_posts": (pl.col("cmid") == 1) | pl.col("discussion_id").is_in([6, 11]),
        "materials": pl.col("material_key").str.contains(r"^forum:(1|3):discussion:(3|7|19|6|11)$"),
        "assignment_submissions": pl.col("cmid") == 28,
        "assignment_grades": pl.col("cmid") == 28,
        "grouping_groups": pl.lit(value=True),
    },
    ws_help.PHA: {
        "glossary_entries": pl.lit(value=True),
        "forum_discussions": pl.lit(value=True),
        "forum_posts": pl.lit(value=True),
        "materials": pl.col("material_key").str.contains(r"^(forum:\d+:discussion|glossary:\d+:entry):"),
        "assignment_submissions": pl.lit(value=True),
        "assignment_grades": pl.lit(value=True),
        "groupings": pl.lit(value=True),
        "grouping_groups": pl.lit(value=True),
    },
}
OF_PROFILES = ("institution", "language", "timezone")
UNRECORDED_COLUMNS = {
    ws_help.CVS: {"users": OF_PROFILES},  # the profiles of staff were not recorded; learners' are compared below
    ws_help.PHA: {
        "users": OF_PROFILES,
        "groups": ("idnumber",),  # only the participants' own list of groups was recorded
    },
}


UNHEARD_COLUMNS = {ws_help.PHA: [("groups", "idnumber"), ("groups", "visibility"), ("groups", "is_participation")]}


class Compared(NamedTuple):
    """How a table fared."""

    cells: int
    differences: list[str]
    only_backup: pl.DataFrame
    only_services: pl.DataFrame


class Pair(NamedTuple):
    """One course, read both ways."""

    backup: CourseRecords
    services: CourseRecords


@pytest.fixture(scope="module", params=["cvs", "pha"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    path, course, answers = {
        "cvs": (CVS201, ws_help.CVS, ws_help.answers_of(ws_help.CVS)),
        "pha": (PHA203, ws_help.PHA, ws_help.answers_of_pha()),
    }[request.param]
    folder: Path = opened(path, tmp_path_factory.mktemp(request.param))
    return Pair(read_opened(folder), ws_help.read(course, answers))


def frame(records: CourseRecords, table: str) -> pl.DataFrame:
    """A table's rows that were recorded, with the natural key of steps."""
    found = records.tables[table]
    if table == "question_attempt_steps":
        places = records.tables["question_attempts"].select("question_attempt_id", "attempt_id", "slot")
        found = found.join(places, on="question_attempt_id")
    if table == "materials":
        found = found.filter(~keys_like(MATERIALS))
    lacking = UNRECORDED[records.course].get(table)
    return found if lacking is None else found.filter(~lacking)


def compare(pair: Pair, table: str) -> Compared:
    """Compare a table, column by column, in the rows both tell."""
    course, key = pair.backup.course, NATURAL_KEYS.get(table, BY_NAME[table].key)
    backup, services = frame(pair.backup, table), frame(pair.services, table)
    left_out = {
        "site_id",
        "course_id",
        *COLUMNS.get(table, {}),
        *UNRECORDED_COLUMNS.get(course, {}).get(table, ()),
        *key,
    }
    both = backup.join(services, on=key, suffix="_told", nulls_equal=True)
    differences, cells = [], 0
    for column in (name for name in backup.columns if name not in left_out):
        rows = both.filter(may_be_compared(table, column))
        cells += len(rows)
        unlike = rows.filter(~pl.col(column).eq_missing(pl.col(f"{column}_told")))
        differences += [f"{table}.{column}: {row}" for row in unlike.select(*key, column, f"{column}_told").iter_rows()]
    absent = {"on": key, "how": "anti", "nulls_equal": True}
    return Compared(cells, differences, backup.join(services, **absent), services.join(backup, **absent))


def may_be_compared(table: str, column: str) -> pl.Expr:
    """Which of a column's cells the closed list leaves to compare."""
    everything = pl.lit(value=True)
    if table != "materials":
        return everything
    if column == "time_modified":
        return ~keys_like(MATERIAL_TIMES)
    if column in {"content_sha256", "object_path", "byte_size"}:
        return ~keys_like(MATERIAL_TEXTS)
    return everything


def keys_like(patterns: tuple[str, ...]) -> pl.Expr:
    return pl.col("material_key").map_elements(
        lambda key: any(fnmatch(key, pattern) for pattern in patterns), return_dtype=pl.Boolean
    )


def tables() -> list[str]:
    return [table for table in BY_NAME if table not in WHOLE_TABLES]


@pytest.mark.parametrize("table", tables())
def test_every_cell_told_by_both_is_equal(pair: Pair, table: str) -> None:
    assert compare(pair, table).differences == []


@pytest.mark.parametrize("table", tables())
def test_the_same_rows_are_told(pair: Pair, table: str) -> None:
    compared = compare(pair, table)
    if table not in ROWS:
        assert (len(compared.only_backup), len(compared.only_services)) == (0, 0)
    elif table != "course_completions":
        assert compared.only_services.is_empty()


def test_the_comparison_is_as_wide_as_it_was(pair: Pair) -> None:
    cells = {table: compare(pair, table).cells for table in tables()}
    assert sum(cells.values()) == {ws_help.CVS: 30_779, ws_help.PHA: 16_225}[pair.backup.course], cells


def test_rows_only_the_backup_tells(pair: Pair) -> None:
    """Each for the reason on the closed list, and no other."""
    inactive = set(pair.backup.tables["enrolments"].filter(pl.col("status") != 0)["user_id"])
    grades = compare(pair, "grades").only_backup
    assert grades.filter(pl.col("final_grade").is_not_null() & ~pl.col("user_id").is_in(inactive)).is_empty()
    unfinished = set(pair.backup.tables["quiz_attempts"].filter(pl.col("state") != "finished")["attempt_id"])
    for table in ("question_attempts", "question_attempt_steps"):
        assert set(compare(pair, table).only_backup["attempt_id"]) == unfinished
    for table in ("completions", "quiz_attempts", "glossary_entries", "assignment_submissions", "assignment_grades"):
        assert compare(pair, table).only_backup.is_empty(), table
    assert set(compare(pair, "course_completions").only_backup["user_id"]) <= inactive


def test_who_has_completed_the_course(pair: Pair) -> None:
    """Moodle tells whether, not when: the last part's time stands for it, never after the course's own."""
    both = pair.backup.tables["course_completions"].join(
        pair.services.tables["course_completions"], on="user_id", suffix="_told"
    )
    assert len(both) > 30
    told, known = pl.col("completed_at_told"), pl.col("completed_at")
    assert both.filter(told.is_null() != known.is_null()).is_empty()
    assert both.filter(told > known).is_empty()


def test_questions_are_one_for_one_with_the_banks(pair: Pair) -> None:
    both = pair.backup.tables["question_attempts"].join(
        pair.services.tables["question_attempts"], on=["attempt_id", "slot"], suffix="_told"
    )
    pairs = both.select("question_id", "question_id_told").unique()
    assert len(pairs) == pairs["question_id"].n_unique() == pairs["question_id_told"].n_unique()
    bank, told = pair.backup.tables["questions"], pair.services.tables["questions"]
    known = pairs.join(bank, on="question_id").join(
        told, left_on="question_id_told", right_on="question_id", suffix="_told"
    )
    assert len(known) == len(told)
    for column in ("qtype", "text", "general_feedback", "version"):
        assert known.filter(~pl.col(column).eq_missing(pl.col(f"{column}_told"))).is_empty(), column


def test_glossary_texts_lack_only_the_other_names(pair: Pair) -> None:
    texts = [
        {
            row["material_key"]: records.contents[row["object_path"]].decode().partition("</h3>")  # type: ignore[union-attr]
            for row in frame(records, "materials").filter(keys_like(MATERIAL_TEXTS)).rows(named=True)
        }
        for records in pair
    ]
    backup, services = texts
    assert backup.keys() == services.keys()
    assert len(backup) == (9 if pair.backup.course == ws_help.CVS else 0)
    for key, (first, _, rest) in services.items():
        assert backup[key][2] == rest
        assert backup[key][0].split("; ")[0] == first


def test_learners_profiles_say_what_the_backup_says(pair: Pair) -> None:
    is_learner = pl.col("username").str.starts_with("s2026")
    told, known = (
        records.tables["users"].filter(is_learner).select("user_id", *OF_PROFILES).sort("user_id")
        for records in (pair.services, pair.backup)
    )
    assert told.rows() == known.filter(pl.col("user_id").is_in(told["user_id"].to_list())).rows()
    assert {"en"} == set(told["language"])
    assert {None, "Asia/Tokyo"} == set(told["timezone"])


def test_nothing_is_refused(pair: Pair) -> None:
    assert pair.services.refused == {}


def test_silence_is_about_what_was_not_asked(pair: Pair) -> None:
    asked = {"course_completions", "grouping_groups"}  # the suspended's and the teachers' way is refused
    asked |= {"groups", "groupings"} if pair.backup.course == ws_help.PHA else set()
    tables = tuple(sorted({*WHOLE_TABLES, *asked}))
    of_profiles = {("users", name) for name in OF_PROFILES}
    columns = tuple(sorted({*UNSAID, *of_profiles, *UNHEARD_COLUMNS.get(pair.backup.course, ())}))
    work = {ws_help.CVS: (1, 3, 28), ws_help.PHA: (58, 60, 62, 81, 82)}
    assert pair.services.silence == Silence(
        work=work[pair.backup.course], tables=tables, columns=tuple(sorted(columns))
    )


def test_every_exclusion_names_a_column_there_is() -> None:
    for table, columns in COLUMNS.items():
        assert columns.keys() <= BY_NAME[table].model_fields.keys()
    assert {*WHOLE_TABLES, *ROWS} <= BY_NAME.keys()


def test_the_closed_list_is_told_to_people() -> None:
    page = (Path(__file__).parents[2] / "docs/moodle-web-services.md").read_text()
    for table, columns in COLUMNS.items():
        for column in columns:
            assert f"`{table}.{column}`" in page, f"{table}.{column}"
    for table in {*WHOLE_TABLES, *ROWS}:
        assert f"`{table}`" in page, table
