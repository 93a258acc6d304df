"""A package as a zip archive, assuming the worst of it: its collection unpacked into a file, its media one by one.

Nothing is ever written under a name that the archive gives.
"""

import json
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

import zstandard

from studium.learning.anki import protobuf
from studium.learning.card_file_errors import CardFileError

PIECE = 1 << 20
OLD, OLDER, NEW = "collection.anki21", "collection.anki2", "collection.anki21b"
NEW_VERSION = 3
NEWEST_FIRST = (NEW, OLD, OLDER)
LARGEST_WINDOW = 1 << 27
NOT_A_PACKAGE = "This is no Anki package: such a file is made in Anki with File, Export, and ends in .apkg."
DAMAGED = "The file is damaged or incomplete. Export it from Anki again."
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, zstandard.ZstdError, EOFError, NotImplementedError, RuntimeError, OSError),
    *(ValueError, TypeError, AttributeError, KeyError, RecursionError),
)


@dataclass(frozen=True)
class Limits:
    """How much a package may hold."""

    entries: int = 50_000
    collection_bytes: int = 512 << 20
    media_list_bytes: int = 16 << 20
    medium_bytes: int = 20 << 20
    media_bytes: int = 512 << 20


LIMITS = Limits()


@dataclass(frozen=True)
class OpenPackage:
    """A package whose collection lies in a file; its media are read when they are asked for."""

    collection: Path
    media: dict[str, str]
    is_new: bool
    archive: zipfile.ZipFile
    limits: Limits = LIMITS

    def medium(self, name: str) -> bytes | None:
        """The bytes of a medium; None when the archive has not got them, or more of them than are kept."""
        entry = self.media.get(name)
        if entry is None or entry not in self.archive.namelist():
            return None
        out = BytesIO()
        with _broken(), self.archive.open(entry) as packed:
            whole = _copy(_unpacked(packed, self.is_new), out, self.limits.medium_bytes)
        return out.getvalue() if whole else None


@contextmanager
def open_package(file: Path, folder: Path, limits: Limits = LIMITS) -> Iterator[OpenPackage]:
    """Open a package; its collection is unpacked into `folder`.

    Raises:
        CardFileError: it is none, it is damaged, or it holds more than it may.
    """
    if not zipfile.is_zipfile(file):
        raise CardFileError(NOT_A_PACKAGE)
    with ExitStack() as stack:
        with _broken():
            archive = stack.enter_context(zipfile.ZipFile(file))
            opened = _open(archive, folder / "collection.db", limits)
        yield opened


def _open(archive: zipfile.ZipFile, collection: Path, limits: Limits) -> OpenPackage:
    names = archive.namelist()
    if len(names) > limits.entries:
        raise CardFileError(f"The file holds more than {limits.entries:,} entries.")
    name = _collection_name(archive, names)
    is_new = name == NEW
    with archive.open(name) as packed, collection.open("wb") as out:
        if not _copy(_unpacked(packed, is_new), out, limits.collection_bytes):
            raise CardFileError(f"The cards in the file unpack to more than {limits.collection_bytes >> 20:,} MB.")
    return OpenPackage(collection, _media(archive, names, is_new, limits), is_new, archive, limits)


def _collection_name(archive: zipfile.ZipFile, names: list[str]) -> str:
    found = [name for name in NEWEST_FIRST if name in names]
    if not found:
        raise CardFileError(NOT_A_PACKAGE)
    if "meta" in names:
        with archive.open("meta") as packed:
            if protobuf.number(packed.read(64), 1) > NEW_VERSION:
                raise CardFileError(
                    "The file was made by a newer Anki than is known here. When you export it, tick "
                    "“Support older Anki versions”."
                )
    return found[0]


def _media(archive: zipfile.ZipFile, names: list[str], is_new: bool, limits: Limits) -> dict[str, str]:
    """The archive's entry for each medium, by the name that cards call it."""
    if "media" not in names:
        return {}
    out = BytesIO()
    with archive.open("media") as packed:
        if not _copy(_unpacked(packed, is_new), out, limits.media_list_bytes):
            raise CardFileError("The file's list of media is too long.")
    data = out.getvalue()
    if is_new:
        entries = [value for key, value in protobuf.fields(data) if key == 1 and isinstance(value, bytes)]
        listed = {str(place): protobuf.text(entry, 1) for place, entry in enumerate(entries)}
    else:
        listed = {str(place): str(name) for place, name in json.loads(data.decode() or "{}").items()}
    return {unicodedata.normalize("NFC", name): place for place, name in listed.items() if name}


def _unpacked(packed: IO[bytes], is_new: bool) -> IO[bytes]:
    if not is_new:
        return packed
    return zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW).stream_reader(packed)


def _copy(source: IO[bytes], out: IO[bytes], most: int) -> bool:
    """Copy at most `most` bytes; says whether that was all."""
    written = 0
    while piece := source.read(PIECE):
        written += len(piece)
        if written > most:
            return False
        out.write(piece)
    return True


@contextmanager
def _broken() -> Iterator[None]:
    try:
        yield
    except CardFileError:
        raise
    except _BROKEN as error:
        raise CardFileError(DAMAGED) from error
