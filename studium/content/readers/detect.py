"""What a file is, judged by its content; its name and declared type only choose between kinds of text."""

from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from studium.content.readers.archive import check_archive
from studium.content.readers.encoding import BOMS, declared_charset, decode
from studium.content.records import Limits, Reason, UnreadableError


class Family(StrEnum):
    """Each has a reader of its own."""

    PDF = "pdf"
    DOCX = "docx"
    PPTX = "pptx"
    HTML = "html"
    MARKDOWN = "markdown"
    TEXT = "text"
    CSV = "csv"
    IMAGE = "image"


MEDIA_TYPES = {
    Family.PDF: "application/pdf",
    Family.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Family.PPTX: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    Family.HTML: "text/html",
    Family.MARKDOWN: "text/markdown",
    Family.TEXT: "text/plain",
    Family.CSV: "text/csv",
}
BELOW_TAB = bytes(range(0x09))
CONTROLS = BELOW_TAB[1:] + bytes(range(0x0E, 0x1B))
"""What no text holds; a stray zero, a page break and an escape some do."""
BY_SUFFIX = {
    **dict.fromkeys((".htm", ".html", ".xhtml"), Family.HTML),
    **dict.fromkeys((".md", ".markdown", ".mdown"), Family.MARKDOWN),
    **dict.fromkeys((".csv", ".tsv"), Family.CSV),
    ".pdf": Family.PDF,
    ".docx": Family.DOCX,
    ".pptx": Family.PPTX,
}
BY_DECLARED = {media_type: family for family, media_type in MEDIA_TYPES.items()}
IMAGES = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/tiff"}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
READABLE = "Studium reads PDF, DOCX, PPTX, HTML, Markdown, text, CSV and images."


class Detected(NamedTuple):
    """What a file is; `text` when it is one."""

    family: Family
    media_type: str
    text: str = ""


def detect(data: bytes, filename: str, declared: str | None, limits: Limits) -> Detected:
    """Say what `data` is, or why it cannot be read."""
    if not data.strip(b"\x00 \t\r\n"):
        raise UnreadableError(Reason.EMPTY, "The file is empty.")
    if b"%PDF-" in data[:1024]:
        return Detected(Family.PDF, MEDIA_TYPES[Family.PDF])
    if data.startswith(b"PK"):
        return _office(data, limits)
    if data.startswith(OLE):
        raise _old_office(data)
    if data.startswith(b"{\\rtf"):
        raise UnreadableError(Reason.UNSUPPORTED_TYPE, "This is an RTF file; save it as DOCX or PDF.")
    known = _signature(data)
    if known in IMAGES:
        return Detected(Family.IMAGE, known)
    if known is not None and not known.startswith("text/"):
        raise UnreadableError(Reason.UNSUPPORTED_TYPE, f"Files of type {known} cannot be read. {READABLE}")
    return _text(data, filename, declared)


def expected_family(filename: str, declared: str | None) -> Family | None:
    """What the name, or else the declared type, promises."""
    named = BY_SUFFIX.get(Path(filename).suffix.lower())
    return named or BY_DECLARED.get((declared or "").partition(";")[0].strip().lower())


def _office(data: bytes, limits: Limits) -> Detected:
    names = check_archive(data, limits)
    for family, part in ((Family.DOCX, "word/document.xml"), (Family.PPTX, "ppt/presentation.xml")):
        if part in names:
            return Detected(family, MEDIA_TYPES[family])
    if "xl/workbook.xml" in names:
        raise UnreadableError(Reason.UNSUPPORTED_TYPE, "This is an Excel workbook; save its sheets as CSV.")
    if any(name.startswith("word/") for name in names) or any(name.startswith("ppt/") for name in names):
        raise UnreadableError(Reason.BROKEN, "The file is damaged: its main part is missing.")
    raise UnreadableError(Reason.UNSUPPORTED_TYPE, "This is an archive; unpack it and bring the files themselves.")


def _old_office(data: bytes) -> UnreadableError:
    from io import BytesIO

    import olefile

    try:
        with olefile.OleFileIO(BytesIO(data)) as container:
            streams = {name for path in container.listdir() for name in path}
    except (OSError, ValueError, IndexError, TypeError):
        return UnreadableError(Reason.BROKEN, "The file is damaged: it begins like an old Office file and is none.")
    if "EncryptedPackage" in streams or "EncryptionInfo" in streams:
        return UnreadableError(Reason.ENCRYPTED, "The file is protected by a password; bring it without one.")
    return UnreadableError(Reason.UNSUPPORTED_TYPE, "This is an old Office file; save it as DOCX, PPTX or PDF.")


def _signature(data: bytes) -> str | None:
    import filetype

    kind = filetype.guess(data[:8192])
    if kind is None:
        return None
    # two letters are no proof: text may begin with BM (a bitmap's mark) or MZ (a program's)
    if kind.mime in {"image/bmp", "application/x-msdownload"} and _is_plain(data):
        return None
    mime: str = kind.mime
    return mime


def _is_plain(data: bytes) -> bool:
    return _count(BELOW_TAB, data[:4096]) == 0


def _is_mostly_text(head: bytes) -> bool:
    """Stray zeros come from careless programs; other control characters from no text at all."""
    return _count(CONTROLS, head) * 50 <= len(head) and head.count(0) * 10 <= len(head)


def _count(characters: bytes, head: bytes) -> int:
    return len(head) - len(head.translate(None, characters))


def _text(data: bytes, filename: str, declared: str | None) -> Detected:
    is_wide = any(data.startswith(mark) for mark, _ in BOMS) or data[:64].count(0) > len(data[:64]) // 3
    head = data[:65536]
    if not is_wide and not _is_mostly_text(head):
        raise UnreadableError(Reason.UNSUPPORTED_TYPE, f"This is no text and no known kind of file. {READABLE}")
    try:
        text = decode(data, declared_charset(declared, data))
    except ValueError:
        message = "The text is in no encoding we know; save it as UTF-8."
        raise UnreadableError(Reason.BROKEN, message) from None
    if not text.replace("\x00", "").strip("\ufeff").strip():
        raise UnreadableError(Reason.EMPTY, "The file is empty.")
    start = text[:2048].lstrip("\ufeff \t\r\n").lower()
    if start.startswith("<svg") or (start.startswith("<?xml") and "<svg" in start):
        raise UnreadableError(Reason.UNSUPPORTED_TYPE, "SVG drawings cannot be read; bring a PDF or a PNG.")
    family = expected_family(filename, declared)
    if start.startswith(("<!doctype html", "<html")) or (start.startswith("<?xml") and "<html" in start):
        family = Family.HTML
    if family not in {Family.HTML, Family.MARKDOWN, Family.CSV}:
        family = Family.TEXT
    return Detected(family, MEDIA_TYPES[family], text)
