"""What a course no longer has: tombstones for rows that went, and a stop when too much goes at once."""

from psycopg import Connection, sql

from studium.moodle.errors import HeldError
from studium.moodle.harvest import CourseRecords
from studium.moodle.records.row import CourseRow, Row

LARGEST_SHARE = 5
"""More than one in so many modules, or materials, gone at once is for a person to look at."""
COUNTED = {"modules": ("cmid", "name"), "materials": ("material_key", "title")}
"""What is counted, by its key, and what a person is shown of it."""
KEYS: dict[str, tuple[str, ...]] = {
    "enrolments": ("user_id", "method"),
    "role_assignments": ("user_id", "role_id"),
    "grades": ("grade_item_id", "user_id"),
    "question_attempts": ("attempt_id", "slot"),
    "question_attempt_steps": (),
}
"""What names a row where its id is not the same in every source; steps go with their question."""
TITLES = ("heading", "title", "concept", "name")


def key_of(row: type[Row]) -> tuple[str, ...]:
    """The columns that name a row of a table within its course, in every source; none: it gets no tombstone."""
    return KEYS.get(row.table, tuple(name for name in row.key if name != "course_id"))


def bury(row: type[CourseRow], gone: sql.Composed, records: CourseRecords) -> sql.Composed:
    """The statement that removes rows (`gone`: a delete) and keeps a tombstone of each; it returns their number."""
    if not key_of(row):
        return sql.SQL("with gone as ({} returning 1) select count(*) from gone").format(gone)
    titles: list[sql.Composable] = [sql.Identifier(name) for name in TITLES if name in row.model_fields]
    return sql.SQL(
        "with gone as ({gone} returning old.*), buried as ("
        "insert into raw.tombstones (site_id, course_id, table_name, row_key, title, gone_at) "
        "select site_id, course_id, {table}, {key}, coalesce({titles}), {at} from gone on conflict do nothing) "
        "select count(*) from gone"
    ).format(
        gone=gone,
        table=sql.Literal(row.table),
        key=_key(row),
        titles=sql.SQL(", ").join(titles or [sql.SQL("null")]),
        at=sql.Literal(records.backup_at),
    )


def raise_again(connection: Connection, row: type[CourseRow], records: CourseRecords) -> None:
    """Remove the tombstones of rows that are there again, or are there under another id."""
    if key_of(row):
        statement = sql.SQL(
            "delete from raw.tombstones t using {} r where (t.site_id, t.course_id, t.table_name) = (%s, %s, %s) "
            "and (r.site_id, r.course_id) = (t.site_id, t.course_id) and t.row_key = {}"
        ).format(sql.Identifier("raw", row.table), _key(row))
        connection.execute(statement, [*records.course, row.table])


def _key(row: type[Row]) -> sql.Composed:
    pairs = (sql.SQL("{}, {}").format(sql.Literal(name), sql.Identifier(name)) for name in key_of(row))
    return sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(pairs))


def stop_if_much_is_gone(
    connection: Connection, records: CourseRecords, row: type[Row], spared: sql.Composable
) -> None:
    """Raise `HeldError` when more than a fifth of what was there is not among the records. `spared` is a condition."""
    if row.table not in COUNTED:
        return
    key, title = COUNTED[row.table]
    statement = sql.SQL("select {}, {}, true {} from {} where site_id = %s and course_id = %s").format(
        sql.Identifier(key), sql.Identifier(title), spared, sql.Identifier("raw", row.table)
    )
    known = connection.execute(statement, list(records.course)).fetchall()
    told = set(records.tables[row.table][key].to_list())
    gone = [str(title) for key, title, may_go in known if may_go and key not in told]
    if len(gone) * LARGEST_SHARE > len(known):
        raise HeldError(
            f"{len(gone)} of {len(known)} {row.table} of {records.course} are gone at once; "
            f"if that is right, run: studium moodle approve {records.course}",
            {row.table: sorted(gone)},
        )
