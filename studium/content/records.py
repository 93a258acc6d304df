"""What reading a file gives: elements in reading order, or the reason why there are none. No rules here."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Kind = Literal["title", "text", "list_item", "row", "code"]
PageKind = Literal["page", "slide"]


class Reason(StrEnum):
    """Why a document failed, as kept in `content.documents.status_reason`."""

    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    UNSUPPORTED_TYPE = "unsupported_type"
    TOO_LARGE = "too_large"
    TOO_MANY_PAGES = "too_many_pages"
    NO_TEXT = "no_text"
    EMPTY = "empty"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    BOMB = "bomb"
    MISSING = "missing"


class UnreadableError(Exception):
    """A file that gives no text, with a sentence for the person who brought it. Trying again changes nothing."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Element:
    """A piece of a document that stands by itself: a heading, a paragraph, an item, a row."""

    kind: Kind
    text: str
    level: int = 0
    """Of a title: 0 opens a chapter, more is deeper."""
    page: int | None = None
    chapter: str | None = None
    """When the file itself says so (a PDF's bookmarks); titles of level 0 say it otherwise."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file, read."""

    media_type: str
    """What the content is, whatever its name says."""
    elements: list[Element]
    page_count: int | None = None
    page_kind: PageKind | None = None
    notes: list[str] = field(default_factory=list)
    """Sentences for people about what could not be read, or was not what it was said to be."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may cost."""

    file_bytes: int = 200 * 1024**2
    memory_bytes: int = 1536 * 1024**2
    cpu_seconds: int = 240
    wall_seconds: float = 300
    pages: int = 3000
    scanned_pages: int = 100
    characters: int = 20_000_000
    pixels: int = 100_000_000
    unpacked_bytes: int = 500 * 1024**2
    unpacked_part_bytes: int = 64 * 1024**2
    archive_entries: int = 10_000
    compression_ratio: int = 200
