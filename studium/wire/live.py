"""What the live socket says, and what it is told; and how the courses' syncs go."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from studium.wire.base import COURSE_KEY, Request, Wire
from studium.wire.courses import FollowsMoodle

CourseKeyText = Annotated[str, StringConstraints(pattern=COURSE_KEY)]
LiveKind = Literal["sync:start", "sync:progress", "sync:complete", "leaderboard:update"]


class LiveEvent(Wire):
    """Something that happened to a course; `event_id` is what to resume after."""

    event_id: int
    course_id: str
    kind: LiveKind
    payload: dict[str, Any]
    created_at: datetime


class LiveReady(Wire):
    """The first message: everything after `event_id` will be told."""

    kind: Literal["ready"] = "ready"
    event_id: int
    missed: bool
    """Events between the one asked for and this may be gone: look at the courses again."""


class LiveHeartbeat(Wire):
    """Nothing happened, and the caller may still listen."""

    kind: Literal["heartbeat"] = "heartbeat"
    event_id: int


class LiveProof(Request):
    """What a program says: its access token, as the first message or to renew the one it came with."""

    access_token: str


class SyncRequest(Request):
    """Which courses to sync; none named: all one teaches where syncing is on."""

    course_ids: Annotated[list[CourseKeyText], Field(min_length=1, max_length=100)] | None = None


class SyncStarted(Wire):
    """A sync that was asked for; `joined` when one was open already and this is it."""

    course_id: str
    request_id: UUID
    joined: bool


class SyncsStarted(Wire):
    """The syncs that were asked for, one a course."""

    items: list[SyncStarted]


class SyncChoice(Request):
    """Whether a course is to follow its Moodle."""

    sync_enabled: bool


class CourseSync(FollowsMoodle):
    """A course that follows its Moodle, what was last told of it, and whether a sync of it is asked for."""

    course_id: str
    shortname: str | None
    may_sync: bool
    request: Literal["queued", "running"] | None
    event: LiveEvent | None


class SyncStatus(Wire):
    """Whether a Moodle is connected, and how the courses one is in stand with it."""

    connected: bool
    courses: list[CourseSync]
