"""Takes a backup in: proves that it is one, keeps the file, and writes down whose it is. Its rows are read later."""

import hashlib
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from obstore.store import ObjectStore
from psycopg import Connection
from psycopg.rows import class_row

from studium.moodle.backup.archive import unpack
from studium.moodle.backup.header import Header, read_header
from studium.moodle.backup.reader import read_backup
from studium.moodle.harvest import CourseRecords
from studium.moodle.keys import CourseKey, site_id_of
from studium.moodle.lake import read_records, write_records
from studium.storage import exists, fetch, put_file


class NoBackupError(LookupError):
    """A course has no backup to read."""


@dataclass(frozen=True)
class RegisteredBackup:
    """A backup in the object store."""

    site_id: str
    course_id: int
    sha256: str
    object_path: str
    filename: str
    byte_size: int
    moodle_release: str | None
    backup_at: datetime
    received_at: datetime

    @property
    def course(self) -> CourseKey:
        """The course it is of."""
        return CourseKey(self.site_id, self.course_id)


def register_backup(store: ObjectStore, connection: Connection, path: Path) -> CourseKey:
    """Keep a backup and its facts. The same file again changes nothing.

    Raises:
        BackupError: named by what is wrong with the file, of which nothing is kept.
    """
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    known = connection.execute(
        "select site_id, course_id, object_path from raw.course_backups where sha256 = %s", [sha256]
    ).fetchone()
    if known is not None and exists(store, known[2]):
        return CourseKey(known[0], known[1])
    with tempfile.TemporaryDirectory() as folder:
        unpack(path, Path(folder))
        header = read_header(Path(folder))
        # read whole: a backup that cannot be read must not come to speak for its course
        read_backup(Path(folder), site_id_of(header.wwwroot), sha256)
    site_id = settle_site(connection, header)
    object_path = put_file(store, f"moodle/{site_id}/{header.course_id}/backups", path)
    connection.execute(
        """
        insert into raw.course_backups
            (site_id, course_id, sha256, object_path, filename, byte_size, moodle_release, backup_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s)
        on conflict do nothing
        """,
        [
            site_id,
            header.course_id,
            sha256,
            object_path,
            path.name,
            path.stat().st_size,
            header.release,
            header.backup_at,
        ],
    )
    return CourseKey(site_id, header.course_id)


def settle_site(connection: Connection, header: Header) -> str:
    """The name of the site a backup is from, written down when it is new.

    Two Moodles can live at one address (http://localhost does for many), and their people must not mix: the one that
    came second gets a part of its own hash behind the name.
    """
    plain, fingerprint = site_id_of(header.wwwroot), header.identifier_hash
    for site_id in (plain, f"{plain}-{(fingerprint or '')[:8]}"):
        connection.execute(
            "insert into raw.sites (site_id, wwwroot, identifier_hash) values (%s, %s, %s) on conflict do nothing",
            [site_id, header.wwwroot, fingerprint],
        )
        if fingerprint is not None:
            connection.execute(
                "update raw.sites set identifier_hash = %s where site_id = %s and identifier_hash is null",
                [fingerprint, site_id],
            )
        known = connection.execute("select identifier_hash from raw.sites where site_id = %s", [site_id]).fetchone()
        if fingerprint is None or known == (fingerprint,):
            return site_id
    raise ValueError(f"{header.wwwroot} names two sites whose hashes begin alike")


def newest_backup(connection: Connection, course: CourseKey) -> RegisteredBackup:
    """The backup that speaks for a course: the one Moodle made last.

    Raises:
        NoBackupError: none has been registered.
    """
    with connection.cursor(row_factory=class_row(RegisteredBackup)) as cursor:
        found = cursor.execute(
            """
            select * from raw.course_backups where site_id = %s and course_id = %s
            order by backup_at desc, received_at desc, sha256 limit 1
            """,
            [course.site_id, course.course_id],
        ).fetchone()
    if found is None:
        raise NoBackupError(f"no backup of {course} has been imported")
    return found


def courses_with_backups(connection: Connection) -> list[CourseKey]:
    """Every course a backup has been registered of."""
    rows = connection.execute("select distinct site_id, course_id from raw.course_backups order by 1, 2").fetchall()
    return [CourseKey(*row) for row in rows]


def land_backup(store: ObjectStore, backup: RegisteredBackup) -> CourseRecords:
    """Read a registered backup and land its records and materials in the lake; once landed, that is what they are."""
    with suppress(FileNotFoundError):
        return read_records(store, backup.course, backup.sha256)
    with tempfile.TemporaryDirectory() as folder:
        packed, unpacked = Path(folder, "backup.mbz"), Path(folder, "backup")
        fetch(store, backup.object_path, packed)
        unpacked.mkdir()
        unpack(packed, unpacked)
        records = read_backup(unpacked, backup.site_id, backup.sha256)
        write_records(store, records)
    return records
