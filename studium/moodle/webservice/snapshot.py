"""What is kept of a course between two syncs: the answers, and beside them what each hung on when it was given.

The answers are the snapshot: content-addressed, and what the course's rows are made of. The marks only save calls; lost
or too old they cost some, and nothing else.
"""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from obstore.store import ObjectStore

from studium.moodle.keys import CourseKey
from studium.moodle.webservice.answers import Answers, Call, Told, Unreadable
from studium.moodle.webservice.errors import WebServiceError
from studium.moodle.webservice.files import FILE
from studium.moodle.webservice.plan import COMPLETION
from studium.storage import get, put


@dataclass
class Snapshot:
    """One course as its site told it."""

    answers: Answers = field(default_factory=Answers)
    marks: dict[Call, str] = field(default_factory=dict)
    asked_at: datetime | None = None
    """When asking began; None: never."""

    def keep_only(self, wanted: set[Call], gone: set[int]) -> None:
        """Forget what no longer belongs to the course: calls about what is gone, and completions of modules gone."""
        said = self.answers.said = {call: told for call, told in self.answers.said.items() if call in wanted}
        self.marks = {call: mark for call, mark in self.marks.items() if call in wanted}
        for call, told in said.items():
            if gone and call[0] == COMPLETION and isinstance(told, Told):
                said[call] = Told.of(_without(told.body, gone))


def _without(body: Any, gone: set[int]) -> Any:
    if not isinstance(body, dict) or not isinstance(body.get("statuses"), list):
        return body
    return body | {"statuses": [status for status in body["statuses"] if status.get("cmid") not in gone]}


def answers_path(course: CourseKey, sha256: str) -> str:
    """Where the answers of a snapshot lie."""
    return f"lake/moodle/{course.site_id}/{course.course_id}/answers/{sha256}.parquet"


def _marks_path(course: CourseKey) -> str:
    return f"lake/moodle/{course.site_id}/{course.course_id}/marks.json"


def load_snapshot(store: ObjectStore, course: CourseKey, answers_at: str | None) -> Snapshot:
    """The snapshot of before; an empty one when there is none, or none that can be read: the course is asked anew."""
    if answers_at is None:
        return Snapshot()
    try:
        snapshot = Snapshot(Answers.load(store, answers_at))
    except (FileNotFoundError, Unreadable):
        return Snapshot()
    with suppress(FileNotFoundError, ValueError):
        kept = json.loads(get(store, _marks_path(course)))
        snapshot.asked_at = datetime.fromisoformat(kept["asked_at"])
        snapshot.marks = {(f, tuple(map(tuple, params))): mark for f, params, mark in kept["marks"]}
    return snapshot


def save_marks(store: ObjectStore, course: CourseKey, snapshot: Snapshot) -> None:
    """Keep the marks; only once the answers they belong to are registered, never before."""
    asked_at = snapshot.asked_at and snapshot.asked_at.isoformat()
    marks = [(*call, mark) for call, mark in snapshot.marks.items()]
    put(store, _marks_path(course), json.dumps({"asked_at": asked_at, "marks": marks}).encode())


def brought_files(answers: Answers) -> dict[str, str]:
    """Where in the store the bytes of the course's files lie, by URL."""
    found = {}
    for function, parameters in answers:
        if function == FILE:
            with suppress(WebServiceError):
                found[dict(parameters)["url"]] = str(answers.get(FILE, **dict(parameters))["object_path"])
    return found
