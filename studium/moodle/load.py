"""Brings a course's records into `raw` by COPY, writing only what differs. Nothing is read or judged here."""

from dataclasses import dataclass, field, replace

import polars as pl
from psycopg import Connection, sql

from studium.moodle.gone import bury, raise_again, stop_if_much_is_gone
from studium.moodle.harvest import CourseRecords, Silence
from studium.moodle.keys import is_own
from studium.moodle.known_ids import with_known_ids
from studium.moodle.records.activity import ChoiceOption
from studium.moodle.records.people import User
from studium.moodle.records.row import CourseRow, Row
from studium.moodle.records.tables import TABLES
from studium.moodle.trust import restrain, vouch

LOCK = 7_318_221
PERMISSION = (
    "sections", "modules", "users", "enrolments", "role_assignments", "group_members", "grouping_groups",
    "grades", "completions",
)  # fmt: skip
"""The tables that decide who may see what, beside whether the course is visible."""
ASIDE = {("users", "seen_at")}
"""Columns that alone are no news: a person about whom all is as it was is not written anew at every sync."""
NEWER = (
    "where known.seen_at <= excluded.seen_at or exists "
    "(select from raw.unvouched_people p where (p.site_id, p.user_id) = (known.site_id, known.user_id))"
)

STILL_THERE = """
delete from raw.gone_courses where site_id = %s and course_id = %s and (
    gone_at < %s or not exists (select from app.course_sync where course_id = %s and state = 'gone')
)
"""
"""What was taken before a course went does not bring it back, however often it is loaded."""


@dataclass(frozen=True)
class Change:
    """What a load did to one table."""

    rows: int
    written: int
    removed: int


@dataclass(frozen=True)
class Word:
    """Whose word a snapshot is, and what it may do."""

    is_trusted: bool
    """It may touch more than its course."""
    may_shrink: bool
    """It may take away as much as it likes."""


@dataclass(frozen=True)
class Loaded:
    """What a load did."""

    is_stale: bool
    """A newer snapshot is in already: nothing was touched."""
    changes: dict[str, Change] = field(default_factory=dict)
    moves_permission: bool = False
    """Whether somebody may see now what they might not before."""

    @property
    def touched(self) -> int:
        """How many rows were written or removed."""
        return sum(change.written + change.removed for change in self.changes.values())


def load_course(connection: Connection, records: CourseRecords) -> Loaded:
    """Make `raw` say of a course what its records say, in one transaction.

    The same records again touch no row; rows that went away go and leave a tombstone, except those the source kept
    silent about; records older than what is there change nothing. Only a backup registered as trusted, or a sync, may
    touch more than its course.

    Raises:
        ForeignBackupError: the backup is not trusted, and says what it may not say. Nothing has changed.
        HeldError: a sync says that much of the course is gone, and nobody has approved that. Nothing has changed.
    """
    course = records.course
    with connection.transaction():
        # one load a site at a time: courses share people
        connection.execute("select pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK, course.site_id])
        known = connection.execute(
            "select backup_at, is_visible from raw.courses where site_id = %s and course_id = %s", list(course)
        ).fetchone()
        if known is not None and known[0] > records.backup_at:
            return Loaded(is_stale=True)
        word = _word(connection, records)
        records = replace(records, tables=with_known_ids(connection, records))
        changes = {row.table: _load_table(connection, records, row, word) for row in TABLES}
        returned = connection.execute(STILL_THERE, [*course, records.backup_at, str(course)]).rowcount
        if word.is_trusted:
            vouch(connection, course, records.tables["users"]["user_id"].to_list())
        for table in ("users", "unvouched_people"):
            connection.execute(
                sql.SQL(
                    "delete from {} u where site_id = %s and not exists "
                    "(select from raw.course_users c where (c.site_id, c.user_id) = (u.site_id, u.user_id))"
                ).format(sql.Identifier("raw", table)),
                [course.site_id],
            )
        connection.execute(
            "update raw.sites s set moodle_release = b.moodle_release from raw.course_backups b "
            "where s.site_id = %s and b.is_trusted and (b.site_id, b.course_id, b.sha256) = (s.site_id, %s, %s) "
            "and s.moodle_release is distinct from b.moodle_release and not exists "
            "(select from raw.courses c where c.site_id = s.site_id and c.backup_at > b.backup_at)",
            [*course, records.sha256],
        )
    shown = [known and known[1]] != records.tables["courses"]["is_visible"].to_list()
    moved = any(changes[table].written or changes[table].removed for table in PERMISSION)
    return Loaded(is_stale=False, changes=changes, moves_permission=moved or shown or returned > 0)


def _word(connection: Connection, records: CourseRecords) -> Word:
    known = connection.execute(
        "select is_trusted, true from raw.course_backups where site_id = %(site)s and course_id = %(course)s "
        "and sha256 = %(sha256)s union all select true, approved_at is not null from raw.course_syncs "
        "where site_id = %(site)s and course_id = %(course)s and sha256 = %(sha256)s and synced_at = %(at)s",
        {
            "site": records.course.site_id,
            "course": records.course.course_id,
            "sha256": records.sha256,
            "at": records.backup_at,
        },
    ).fetchone()
    if known is None:
        return Word(is_trusted=False, may_shrink=True)
    # what a learner is no longer shown is closed for them at once, however much it is
    return Word(known[0], may_shrink=known[1] or is_own(records.course.site_id))


def _load_table(connection: Connection, records: CourseRecords, row: type[Row], word: Word) -> Change:
    frame = records.tables[row.table]
    table, incoming = sql.Identifier("raw", row.table), sql.Identifier(f"incoming_{row.table}")
    connection.execute(sql.SQL("create temp table {} (like {}) on commit drop").format(incoming, table))
    _copy(connection, incoming, frame)
    # without statistics the planner compares 250,000 rows with 250,000 by nested loops: minutes instead of seconds
    connection.execute(sql.SQL("analyze {}").format(incoming))
    if not word.is_trusted:
        restrain(connection, records.course, row, incoming)
    removed = _remove(connection, records, row, incoming, word) if issubclass(row, CourseRow) else 0
    written = connection.execute(_upsert(row, table, incoming, records.silence)).rowcount
    if issubclass(row, CourseRow):
        raise_again(connection, row, records)
    connection.execute(sql.SQL("drop table {}").format(incoming))
    return Change(len(frame), written, removed)


def _copy(connection: Connection, table: sql.Identifier, frame: pl.DataFrame) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    statement = sql.SQL("copy {} ({}) from stdin").format(table, columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for values in frame.iter_rows():
            copy.write_row(values)


def _remove(
    connection: Connection, records: CourseRecords, row: type[CourseRow], incoming: sql.Identifier, word: Word
) -> int:
    """Remove the course's rows that the records no longer hold."""
    kept = _kept_by_silence(row, records.silence)
    if kept is None:
        return 0
    if not word.may_shrink:
        stop_if_much_is_gone(connection, records, row, kept)
    same = sql.SQL(" and ").join(
        sql.SQL("new.{0} = old.{0}").format(sql.Identifier(column)) for column in ("site_id", *row.key)
    )
    statement = sql.SQL(
        "delete from {} old where site_id = {} and course_id = {} and not exists (select from {} new where {}) {}"
    ).format(sql.Identifier("raw", row.table), records.course.site_id, records.course.course_id, incoming, same, kept)
    [(removed,)] = connection.execute(bury(row, statement, records)).fetchall()
    return int(removed)


def _kept_by_silence(row: type[Row], silence: Silence) -> sql.Composable | None:
    """The condition that spares what the source did not speak of; None when it spoke of nothing in the table."""
    of_modules = "cmid" in row.model_fields
    if row.table in silence.tables or (row.is_personal and silence.people and not of_modules):
        return None
    spared = [*silence.modules, *(silence.work if row.is_personal else ())]
    conditions: list[sql.Composable] = [sql.SQL("")]
    if of_modules and spared:
        conditions.append(sql.SQL("(cmid is null or cmid <> all({}))").format(sql.Literal(spared)))
    if row.is_personal and silence.people:
        conditions.append(sql.SQL("cmid is not null"))
    if row.table == "materials" and silence.work:
        told = sql.SQL("not (cmid = any({}) and material_key ~ ':(discussion|entry):')")
        conditions.append(told.format(sql.Literal(list(silence.work))))
    if row.table == "materials" and ChoiceOption.table in silence.tables:
        there = "select m.site_id, m.course_id, m.cmid from raw.modules m"
        conditions.append(sql.SQL(f"not (material_key ~ ':options$' and (site_id, course_id, cmid) in ({there}))"))
    return sql.SQL(" and ").join(conditions)


def _upsert(row: type[Row], table: sql.Identifier, incoming: sql.Identifier, silence: Silence) -> sql.Composed:
    """Write what is new or different. A person of several courses stays as the newest trusted backup says."""
    told = [name for name in row.model_fields if (row.table, name) not in silence.columns]
    news = [name for name in told if (row.table, name) not in ASIDE]
    names = ("site_id", *row.key)
    columns = [sql.Identifier(name) for name in row.model_fields]
    changed = [sql.SQL("{0} = excluded.{0}").format(sql.Identifier(n)) for n in told if n not in names]
    newer = sql.SQL(NEWER if row is User else "")
    return sql.SQL(
        "insert into {table} as known ({columns}) "
        "select {columns} from {incoming} new where not exists "
        "(select from {table} old where {same} and ({olds}) is not distinct from ({news})) "
        "order by {keys} on conflict ({keys}) do {action} {newer}"
    ).format(
        table=table,
        incoming=incoming,
        columns=sql.SQL(", ").join(columns),
        olds=sql.SQL(", ").join(sql.SQL("old.{}").format(sql.Identifier(n)) for n in news),
        news=sql.SQL(", ").join(sql.SQL("new.{}").format(sql.Identifier(n)) for n in news),
        same=sql.SQL(" and ").join(sql.SQL("old.{0} = new.{0}").format(sql.Identifier(n)) for n in names),
        keys=sql.SQL(", ").join(map(sql.Identifier, names)),
        action=sql.SQL("update set ") + sql.SQL(", ").join(changed) if changed else sql.SQL("nothing"),
        newer=newer,
    )
