"""Gives rows the ids they are known by already, where their source had to derive some: web services tell few ids.

Without it a course that came from its backup would hold a grade twice once its Moodle is asked: under the backup's id
and under the derived one.
"""

import polars as pl
from psycopg import Connection, sql

from studium.moodle.harvest import CourseRecords
from studium.moodle.keys import CourseKey
from studium.moodle.webservice.reader.derived import FIRST

IDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "enrolments": ("enrolment_id", ("user_id", "method")),
    "role_assignments": ("assignment_id", ("user_id", "role_id")),
    "grades": ("grade_id", ("grade_item_id", "user_id")),
    "question_attempts": ("question_attempt_id", ("attempt_id", "slot")),
    "question_attempt_steps": ("step_id", ("question_attempt_id", "sequence")),
}
"""By table the column that may be derived, and those that name the row in every source; a row before its parts."""


def with_known_ids(connection: Connection, records: CourseRecords) -> dict[str, pl.DataFrame]:
    """The tables of the records, derived ids replaced where `raw` has the row under an id of Moodle's own."""
    tables = dict(records.tables)
    for table, (column, names) in IDS.items():
        frame = tables[table]
        if frame.filter(pl.col(column) >= FIRST).is_empty():
            continue
        known = _known(connection, records.course, table, frame.select(*names, column))
        joined = frame.join(known, on=names, how="left", maintain_order="left")
        tables[table] = _replaced(joined, column).select(frame.columns)
        if table == "question_attempts":
            tables["question_attempt_steps"] = _follow(tables["question_attempt_steps"], joined, column)
            tables |= _with_known_questions(connection, records.course, tables)
    return tables


def _known(connection: Connection, course: CourseKey, table: str, like: pl.DataFrame) -> pl.DataFrame:
    """What `raw` holds of a table under Moodle's own ids: the columns of `like`, the last one as `known`."""
    *names, column = like.columns
    statement = sql.SQL(
        "select {names}, min({id}) from raw.{table} "
        "where site_id = %s and course_id = %s and {id} < %s group by {names}"
    ).format(
        names=sql.SQL(", ").join(map(sql.Identifier, names)), id=sql.Identifier(column), table=sql.Identifier(table)
    )
    rows = connection.execute(statement, [*course, FIRST]).fetchall()
    return pl.DataFrame(rows, schema=like.rename({column: "known"}).schema, orient="row")


def _replaced(joined: pl.DataFrame, column: str) -> pl.DataFrame:
    derived = pl.col(column) >= FIRST
    return joined.with_columns(pl.when(derived).then(pl.coalesce("known", column)).otherwise(column).alias(column))


def _follow(frame: pl.DataFrame, joined: pl.DataFrame, column: str) -> pl.DataFrame:
    """Let the rows that point at `column` point at what it became."""
    became = joined.select(column, "known").drop_nulls().unique(column)
    return _replaced(frame.join(became, on=column, how="left", maintain_order="left"), column).select(frame.columns)


def _with_known_questions(
    connection: Connection, course: CourseKey, tables: dict[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """Questions known from the bank keep their number and their row there: an attempt shows less of them."""
    attempts, questions = tables["question_attempts"], tables["questions"]
    asked = _known(connection, course, "question_attempts", attempts.select("attempt_id", "slot", "question_id"))
    joined = attempts.join(asked, on=("attempt_id", "slot"), how="left", maintain_order="left")
    from_bank = joined.drop_nulls("known").select("question_id")
    return {
        "question_attempts": _follow(attempts, joined, "question_id"),
        "questions": questions.join(from_bank, on="question_id", how="anti"),
    }
