"""Takes a backup in: proves that it is one, keeps the file, and writes down whose it is. Its rows are read later."""

import hashlib
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from obstore.store import ObjectStore
from psycopg import Connection
from psycopg.rows import class_row

from studium.moodle.backup.archive import unpack
from studium.moodle.backup.header import Header, read_header
from studium.moodle.backup.reader import read_backup
from studium.moodle.errors import ForeignBackupError
from studium.moodle.harvest import CourseRecords
from studium.moodle.keys import CourseKey, site_id_of
from studium.moodle.lake import read_records, write_records
from studium.moodle.trust import NOT_TAUGHT, is_trusted, require_taught
from studium.storage import exists, fetch, put_file

CLOCK_ERROR = timedelta(hours=1)
"""By how much a Moodle's clock may be ahead of ours."""


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
    is_trusted: bool
    refused_because: str | None

    @property
    def course(self) -> CourseKey:
        """The course it is of."""
        return CourseKey(self.site_id, self.course_id)


def register_backup(
    store: ObjectStore, connection: Connection, path: Path, account_id: UUID | None = None
) -> CourseKey:
    """Keep a backup, its facts and whose word it is (no account: the command line's). The same again changes nothing.

    Raises:
        BackupError: named by what is wrong with the file, of which nothing is kept.
    """
    trusted = is_trusted(connection, account_id)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    known = connection.execute(
        "select site_id, course_id, object_path from raw.course_backups where sha256 = %s", [sha256]
    ).fetchone()
    if known is not None and exists(store, known[2]):
        course = CourseKey(known[0], known[1])
        _allow(connection, account_id, course, sha256, trusted=trusted)
        return course
    with tempfile.TemporaryDirectory() as folder:
        unpack(path, Path(folder))
        header = read_header(Path(folder))
        course = CourseKey(_settled(connection, header, trusted=trusted), header.course_id)
        _allow(connection, account_id, course, sha256, trusted=trusted)
        # read whole: a backup that cannot be read must not come to speak for its course
        read_backup(Path(folder), course.site_id, sha256)
    if not trusted and header.backup_at > datetime.now(UTC) + CLOCK_ERROR:
        raise ForeignBackupError("this backup says it is from the future; it would shut out every later one")
    object_path = put_file(store, f"moodle/{course.site_id}/{course.course_id}/backups", path)
    connection.execute(
        """
        insert into raw.course_backups
            (site_id, course_id, sha256, object_path, filename, byte_size, moodle_release, backup_at, is_trusted)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        on conflict do nothing
        """,
        [*course, sha256, object_path, path.name, path.stat().st_size, header.release, header.backup_at, trusted],
    )
    return course


def _allow(connection: Connection, account_id: UUID | None, course: CourseKey, sha256: str, *, trusted: bool) -> None:
    """Refuse a course the account does not teach; trust what an administrator hands in after an instructor did."""
    if not trusted:
        require_taught(connection, account_id, course)
        return
    connection.execute(
        "update raw.course_backups set is_trusted = true, refused_because = null "
        "where site_id = %s and course_id = %s and sha256 = %s and not (is_trusted and refused_because is null)",
        [*course, sha256],
    )


def refuse_backup(connection: Connection, backup: RegisteredBackup, because: str) -> None:
    """Let a backup speak for its course no longer: the one before it does again."""
    connection.execute(
        "update raw.course_backups set refused_because = %s where site_id = %s and course_id = %s and sha256 = %s",
        [because, *backup.course, backup.sha256],
    )


def site_names(header: Header) -> tuple[str, str]:
    """The names the site of a backup may have here: its address's, or when another site had that first, its own."""
    plain = site_id_of(header.wwwroot)
    return plain, f"{plain}-{(header.identifier_hash or '')[:8]}"


def _settled(connection: Connection, header: Header, *, trusted: bool) -> str:
    if trusted:
        return settle_site(connection, header)
    known = connection.execute(
        "select site_id from raw.sites where site_id = any(%s) and (identifier_hash is null or identifier_hash = %s) "
        "order by length(site_id) desc limit 1",
        [list(site_names(header)), header.identifier_hash],
    ).fetchone()
    if known is None:
        raise ForeignBackupError(NOT_TAUGHT)
    site_id: str = known[0]
    return site_id


def settle_site(connection: Connection, header: Header) -> str:
    """The name of the site a backup is from, written down when it is new.

    Two Moodles can live at one address (http://localhost does for many), and their people must not mix: the one that
    came second gets a part of its own hash behind the name.
    """
    fingerprint = header.identifier_hash
    for site_id in site_names(header):
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
            select * from raw.course_backups
            where site_id = %s and course_id = %s and refused_because is null
            order by backup_at desc, received_at desc, sha256 limit 1
            """,
            [course.site_id, course.course_id],
        ).fetchone()
    if found is None:
        raise NoBackupError(f"no backup of {course} has been imported")
    return found


def courses_with_backups(connection: Connection) -> list[CourseKey]:
    """Every course a backup has been registered of."""
    rows = connection.execute(
        "select distinct site_id, course_id from raw.course_backups where refused_because is null order by 1, 2"
    ).fetchall()
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
