"""Unpacks a backup (.mbz: tar.gz or zip) into a folder, assuming the worst of it. Its files are not read here."""

import gzip
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from studium.moodle.errors import DamagedBackupError, NotABackupError, UnsafeBackupError, UnsupportedBackupError

PIECE = 1 << 20
INDEX = ".ARCHIVE_INDEX"


@dataclass(frozen=True)
class Limits:
    """How much an archive may hold. Moodle's own XML packs 15 : 1; a ratio counts once past `ratio_from_bytes`."""

    total_bytes: int = 16 << 30
    file_bytes: int = 4 << 30
    files: int = 500_000
    ratio: int = 200
    ratio_from_bytes: int = 64 << 20
    name_bytes: int = 255


LIMITS = Limits()


class _Meter:
    """Counts what comes out of an archive and stops it when it is too much."""

    def __init__(self, packed_bytes: int, limits: Limits) -> None:
        self.limits = limits
        self.most = min(limits.total_bytes, max(limits.ratio_from_bytes, packed_bytes * limits.ratio))
        self.total = 0
        self.files = 0

    def add(self, count: int) -> None:
        self.total += count
        if self.total > self.most:
            raise UnsafeBackupError(f"the archive unpacks to more than {self.most:,} bytes, too much for its size")

    def open_file(self, name: str, size: int) -> None:
        self.files += 1
        if self.files > self.limits.files:
            raise UnsafeBackupError(f"the archive holds more than {self.limits.files:,} files")
        if size > self.limits.file_bytes:
            raise UnsafeBackupError(f"{name} in the archive is larger than {self.limits.file_bytes:,} bytes")


class _Metered:
    """A stream whose bytes are counted: a tar header may ask for as much memory as it likes."""

    def __init__(self, stream: "IO[bytes] | gzip.GzipFile", meter: _Meter) -> None:
        self._stream, self._meter = stream, meter

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(min(size, PIECE) if size >= 0 else PIECE)
        self._meter.add(len(data))
        return data


def unpack(path: Path, folder: Path, limits: Limits = LIMITS) -> None:
    """Unpack `path` into the empty `folder`.

    Raises:
        BackupError: named by what is wrong; `folder` may then hold a part and is to be thrown away.
    """
    with path.open("rb") as file:
        magic = file.read(4)
    meter = _Meter(path.stat().st_size, limits)
    if magic[:2] == b"\x1f\x8b":
        _unpack_tar(path, folder, meter)
    elif magic == b"PK\x03\x04":
        _unpack_zip(path, folder, meter)
    elif magic in (b"", b"PK\x05\x06"):
        raise NotABackupError(f"{path.name} is empty")
    else:
        raise NotABackupError(f"{path.name} is neither a tar.gz nor a zip archive, so it is no Moodle backup")
    _compare_with_index(folder)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, NotImplementedError) as error:
        raise DamagedBackupError(f"{path.name} is cut off or damaged: {error}") from error


def _unpack_tar(path: Path, folder: Path, meter: _Meter) -> None:
    with _reading(path), gzip.open(path) as stream:
        metered = _Metered(stream, meter)
        with _open_tar(metered, path.name) as archive:
            for member in archive:
                if member.isdir():
                    continue
                if not member.isreg():
                    raise UnsafeBackupError(f"{member.name} in the archive is a link or a device, not a file")
                meter.open_file(member.name, member.size)
                source = archive.extractfile(member)
                if source is None or _write(source, _target(folder, member.name, meter.limits)) != member.size:
                    raise DamagedBackupError(f"{path.name} is cut off inside {member.name}")
        while metered.read(PIECE):  # the checksum stands at the very end
            pass


def _open_tar(stream: _Metered, name: str) -> tarfile.TarFile:
    try:
        return tarfile.open(fileobj=stream, mode="r|")  # type: ignore[call-overload,no-any-return]  # it only reads
    except tarfile.ReadError as error:
        raise NotABackupError(f"{name} is packed with gzip, but holds no tar archive: no Moodle backup") from error


def _unpack_zip(path: Path, folder: Path, meter: _Meter) -> None:
    with _reading(path), zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            mode = member.external_attr >> 16
            if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                raise UnsafeBackupError(f"{member.filename} in the archive is a link or a device, not a file")
            if member.flag_bits & 1:
                raise UnsupportedBackupError(f"{path.name} is encrypted; Moodle's own backups are not")
            meter.open_file(member.filename, member.file_size)
            with archive.open(member) as source:
                _write(_Metered(source, meter), _target(folder, member.filename, meter.limits))


def _target(folder: Path, name: str, limits: Limits) -> Path:
    """Where a member goes; `UnsafeBackupError` when its name leads out of the folder."""
    parts = PurePosixPath(name).parts
    unsafe = not parts or ".." in parts or name.startswith("/") or "\\" in name or "\0" in name or ":" in parts[0]
    if unsafe or any(len(part.encode("utf-8", "replace")) > limits.name_bytes for part in parts):
        raise UnsafeBackupError(
            f"the archive holds a file of the name {name[:200]!r}, which leads out of it or no disk can hold"
        )
    target = folder.joinpath(*parts)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DamagedBackupError(f"{name[:200]!r} cannot be unpacked: {error.strerror}") from error
    return target


def _write(source: "IO[bytes] | _Metered", target: Path) -> int:
    written = 0
    try:
        with target.open("xb") as out:
            while piece := source.read(PIECE):
                written += out.write(piece)
    except (FileExistsError, IsADirectoryError) as error:
        raise DamagedBackupError(f"the archive holds {target.name} twice") from error
    return written


def _compare_with_index(folder: Path) -> None:
    """Moodle writes a list of its files into a tar.gz: an archive cut between two files shows in it."""
    index = folder / INDEX
    if not index.exists():
        return
    for line in index.read_text("utf-8", "replace").splitlines()[1:]:
        name, kind, *_ = [*line.split("\t"), "", ""]
        if kind == "f" and not folder.joinpath(*PurePosixPath(name).parts).is_file():
            raise DamagedBackupError(f"{name} is missing from the backup")
