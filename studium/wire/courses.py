"""Courses, what is in them, and the documents one may open."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from studium.wire.accounts import CourseRole
from studium.wire.base import Wire

DocumentStatus = Literal["processing", "ready", "failed"]
DocumentSource = Literal["moodle", "file", "upload"]
PageKind = Literal["page", "slide"]
SyncState = Literal["never", "idle", "running", "held", "failed", "gone"]


class SkippedCall(Wire):
    """Something a Moodle did not tell at the last sync, and why."""

    function: str
    kind: str
    reason: str
    times: int = 1


class FollowsMoodle(Wire):
    """How a course stands with its Moodle."""

    sync_enabled: bool | None = Field(None, description="Null: the course follows no Moodle.")
    sync_state: SyncState | None = None
    last_checked_at: datetime | None = Field(None, description="When its Moodle was last asked whether it changed.")
    last_synced_at: datetime | None = None
    last_changed_at: datetime | None = Field(None, description="The last sync that found something new.")
    skipped: list[SkippedCall] = Field([], description="What its Moodle did not tell at the last sync.")
    held: dict[str, Any] | None = Field(None, description="What is gone and waits for approval; its instructors alone.")
    sync_error: str | None = Field(None, description="Why the last sync failed; its instructors alone.")
    figures_pending: bool = Field(False, description="Materials are as last synced, and figures are still being made.")


class Course(FollowsMoodle):
    """One course, as the one who asks stands to it."""

    course_id: str
    shortname: str
    fullname: str
    summary: str | None
    role: CourseRole
    start_date: date | None
    end_date: date | None
    timezone: str
    as_of: datetime | None
    learners: int
    modules: int


class MaterialDocument(Wire):
    """A readable thing of a module."""

    document_id: UUID
    title: str
    filename: str | None
    media_type: str
    status: DocumentStatus
    open_url: str


class Material(Wire):
    """A module the one who asks may see (or the course's own files, when `module_id` is null)."""

    module_id: str | None
    section_name: str | None
    section_number: int | None
    position: int | None
    name: str
    modname: str | None
    url: str | None
    due_at: datetime | None
    is_visible: bool
    documents: list[MaterialDocument]


class Document(Wire):
    """One document: where it is from, how far it got, where it opens."""

    document_id: UUID
    source: DocumentSource
    course_id: str | None
    module_id: str | None
    title: str
    filename: str | None
    media_type: str
    byte_size: int
    subject: str | None
    tags: list[str]
    status: DocumentStatus
    status_reason: str | None
    status_detail: str | None
    page_count: int | None
    source_url: str | None
    open_url: str
    created_at: datetime


class TextChunk(Wire):
    """A stretch of a document's text."""

    position: int
    text: str
    page: int | None
    page_kind: PageKind | None
    chapter: str | None
    heading: str | None
