"""What is said of log files: the file that was registered, what its import gave, what the lake holds."""

import json
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from zoneinfo import ZoneInfo

from studium.moodle.keys import CourseKey
from studium.moodle.logs.format import Kind


@dataclass(frozen=True)
class LogFile:
    """A registered file of a course."""

    course: CourseKey
    sha256: str
    object_path: str
    filename: str
    kind: Kind
    timezone: ZoneInfo | None
    is_new: bool = False
    """Whether registering it told anything that was not known."""


@dataclass(frozen=True)
class Import:
    """What a file gave: every row read is accepted, refused, or of another course."""

    sha256: str
    filename: str
    rows_read: int
    rows_of_course: int
    rows_elsewhere: int
    accepted: int
    repeated: int
    refused: int
    unknown_events: int
    unknown_users: int
    guessed_times: int
    from_at: datetime | None
    to_at: datetime | None


@dataclass(frozen=True)
class Landing:
    """What lies in the lake for a course, and which inputs it was made of."""

    fingerprint: str
    events: int
    imports: list[Import]
    months: dict[str, str] = field(default_factory=dict)
    """SHA-256 of the month's file, by month."""

    def dumps(self) -> bytes:
        """This landing as it is kept beside the events."""
        return json.dumps(asdict(self), default=_iso, indent=1).encode()

    @classmethod
    def loads(cls, text: bytes) -> "Landing":
        """Read what `dumps` wrote."""
        kept = json.loads(text)
        imports = [
            Import(**one | {"from_at": _moment(one["from_at"]), "to_at": _moment(one["to_at"])})
            for one in kept["imports"]
        ]
        return cls(kept["fingerprint"], kept["events"], imports, kept["months"])


IMPORT_COLUMNS = tuple(one.name for one in fields(Import))


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in a landing")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
