"""What speaks for a course: the newest of its backups and its syncs. Landed in the lake, it is the course's records."""

import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from obstore.store import ObjectStore
from psycopg import Connection

from studium.moodle.harvest import CourseRecords
from studium.moodle.intake import NoBackupError, RegisteredBackup, land_backup, newest_backup
from studium.moodle.keeping import bringing
from studium.moodle.keys import CourseKey
from studium.moodle.lake import read_records, write_records
from studium.moodle.standing import RegisteredSync, newest_sync
from studium.moodle.webservice.answers import Answers
from studium.moodle.webservice.reader.read import read_course
from studium.moodle.webservice.snapshot import brought_files
from studium.storage import fetch


class NoSnapshotError(LookupError):
    """Nothing is known of a course yet."""


@dataclass(frozen=True)
class Speaking:
    """The snapshot that speaks for a course."""

    source: RegisteredBackup | RegisteredSync

    @property
    def course(self) -> CourseKey:
        """The course it is of."""
        return self.source.course

    @property
    def sha256(self) -> str:
        """What it is, as a hash."""
        return self.source.sha256

    @property
    def at(self) -> datetime:
        """The moment it speaks for."""
        return self.source.backup_at if isinstance(self.source, RegisteredBackup) else self.source.synced_at


def newest_snapshot(connection: Connection, course: CourseKey) -> Speaking:
    """The backup or sync that speaks for a course: the newest.

    Raises:
        NoSnapshotError: there is neither.
    """
    found: list[RegisteredBackup | RegisteredSync] = []
    with suppress(NoBackupError):
        found.append(newest_backup(connection, course))
    if sync := newest_sync(connection, course):
        found.append(sync)
    if not found:
        raise NoSnapshotError(f"nothing is known of {course}: no backup has been imported, and it was never synced")
    return max(map(Speaking, found), key=lambda one: one.at)


def courses_with_snapshots(connection: Connection) -> list[CourseKey]:
    """Every course something is known of."""
    rows = connection.execute(
        "select site_id, course_id from raw.course_backups where refused_because is null "
        "union select site_id, course_id from raw.course_syncs order by 1, 2"
    ).fetchall()
    return [CourseKey(*row) for row in rows]


def is_loaded(connection: Connection, course: CourseKey) -> bool:
    """Whether the rows of a course are those of the snapshot that speaks for it."""
    row = connection.execute(
        "select c.backup_sha256, c.backup_at, g.course_id is not null from raw.courses c "
        "left join raw.gone_courses g using (site_id, course_id) where site_id = %s and course_id = %s",
        list(course),
    ).fetchone()
    newest = newest_snapshot(connection, course)
    return row == (newest.sha256, newest.at, False)


def records_of(store: ObjectStore, speaking: Speaking) -> CourseRecords:
    """The landed records of a snapshot; `FileNotFoundError` when it has not been landed."""
    records = read_records(store, speaking.course, speaking.sha256)
    if records.backup_at != speaking.at:
        raise FileNotFoundError(f"{speaking.course} was landed as of {records.backup_at}, not of {speaking.at}")
    return records


def land(connection: Connection, store: ObjectStore, speaking: Speaking) -> CourseRecords:
    """Read a snapshot and land its records in the lake; once landed, that is what they are."""
    with bringing(connection, speaking.course.site_id):
        if isinstance(speaking.source, RegisteredBackup):
            return land_backup(store, speaking.source)
        with suppress(FileNotFoundError):
            return records_of(store, speaking)
        return _land_answers(connection, store, speaking, speaking.source)


def _land_answers(
    connection: Connection, store: ObjectStore, speaking: Speaking, source: RegisteredSync
) -> CourseRecords:
    course = speaking.course
    [(wwwroot,)] = connection.execute("select wwwroot from raw.sites where site_id = %s", [course.site_id]).fetchall()
    answers = Answers.load(store, source.object_path)
    with tempfile.TemporaryDirectory(prefix="studium-") as folder:
        files: dict[str, bytes | Path] = {}
        for number, (url, path) in enumerate(brought_files(answers).items()):
            files[url] = Path(folder, str(number))
            fetch(store, path, Path(folder, str(number)))
        records = read_course(answers, course, wwwroot, speaking.at, files)
        write_records(store, records)
    return records
