"""Office files are zip archives: what must hold before anything inside one is opened."""

import struct
import zipfile
import zlib
from io import BytesIO

from studium.content.records import Limits, Reason, UnreadableError

ENCRYPTED_FLAG = 1
SMALL = 20 * 1024**2  # below it no ratio hurts: blank slides compress a hundredfold
_DAMAGED = (zipfile.BadZipFile, struct.error, ValueError, EOFError, NotImplementedError, OSError, zlib.error)
# what an XML part may begin with; DTDs are forbidden in Office files, and entities are what bombs are made of
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")


def check_archive(data: bytes, limits: Limits) -> set[str]:
    """Names of the entries of an archive that is safe to open."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_sizes(entries, limits)
            if any(entry.flag_bits & ENCRYPTED_FLAG for entry in entries):
                raise UnreadableError(Reason.ENCRYPTED, "The file is protected by a password; bring it without one.")
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    _check_part(archive, entry)
    except _DAMAGED as error:
        raise UnreadableError(Reason.BROKEN, "The file is damaged or incomplete.") from error
    return {entry.filename for entry in entries}


def _check_sizes(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(entries) > limits.archive_entries:
        raise UnreadableError(Reason.BOMB, f"The archive holds {len(entries):,} entries; no document does.")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    largest = max((entry.file_size for entry in entries if entry.filename.endswith(".xml")), default=0)
    too_dense = unpacked > SMALL and unpacked > packed * limits.compression_ratio
    if unpacked > limits.unpacked_bytes or largest > limits.unpacked_part_bytes or too_dense:
        message = f"The file would unpack to {unpacked / 1024**2:,.0f} MB, which no document of its size needs."
        raise UnreadableError(Reason.BOMB, message)


def _check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    with archive.open(entry) as part:
        head = part.read(4096)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head[:64]:
        head = head.replace(b"\x00", b"")
    if any(mark in head for mark in _FORBIDDEN):
        raise UnreadableError(Reason.BOMB, "The file defines XML entities, which Office files never do.")
