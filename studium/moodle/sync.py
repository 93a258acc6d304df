"""One sync of a course with its Moodle: ask what may have changed, keep what was said, write down how it went.

A sync ends either with a whole new snapshot, or as if it had not been. Turning a snapshot into rows is `snapshots`' and
`load`'s; scanning a site for courses worth syncing is `scan`'s.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from obstore.store import ObjectStore
from psycopg import Connection

from studium.moodle.keys import CourseKey
from studium.moodle.standing import Account, Skipped, begin, end_gone, end_well, fail, newest_sync, register_sync
from studium.moodle.webservice.answers import Answers, Call, Refused, Unasked, call_of
from studium.moodle.webservice.client import MoodleClient
from studium.moodle.webservice.errors import (
    BrokenFunction,
    NotThere,
    SurprisingAnswer,
    TransientError,
    WebServiceError,
)
from studium.moodle.webservice.files import FILE, Declared, NotModified
from studium.moodle.webservice.plan import (
    COURSES,
    REVIEW,
    UPDATES,
    Wanted,
    mark_of,
    moved_modules,
    tidy,
    wanted,
)
from studium.moodle.webservice.reader.read import CONTENTS, wanted_files
from studium.moodle.webservice.reader.reading import SURPRISES, RemoteFile
from studium.moodle.webservice.snapshot import Snapshot, answers_path, load_snapshot, save_marks
from studium.storage import exists, put_file

Progress = Callable[[str, int, int], None]
"""Told what is under way, how much of it is done, and how much there is so far."""

OVERLAP = timedelta(seconds=10)
"""How far before the last sync updates are asked for again: two clocks, and edits made while asking."""
PERSONAL_CALLS = 3000
"""Calls about single people in one sync; a Moodle answers about 25 a second, so that a sync stays near two minutes."""
IN_ENGLISH = {"moodlewssettinglang": "en"}


def _untold(_stage: str, _done: int, _total: int) -> None:
    """Nobody looks on."""


class CourseGone(Exception):  # noqa: N818 - reads as the sentence it is
    """The site knows the course no longer."""


@dataclass(frozen=True)
class Synced:
    """What a sync found."""

    changed: bool
    """Whether there is a snapshot that is not the one before."""
    calls: int
    bytes: int
    skipped: list[Skipped] = field(default_factory=list)
    new_items: int = 0
    """Modules that were not there before."""
    held: dict[str, Any] | None = None
    is_gone: bool = False


def sync_course(
    store: ObjectStore,
    connection: Connection,
    client: MoodleClient,
    course: CourseKey,
    *,
    at: datetime,
    progress: Progress = _untold,
) -> Synced:
    """Ask a course's site what is new, and register the snapshot if it differs from the one before.

    Args:
        store: where snapshots and files lie.
        connection: in autocommit, so that no transaction is open while the site is asked.
        client: of the site.
        course: the course.
        at: now; the moment the snapshot speaks for.
        progress: is told how far it is.

    Raises:
        WebServiceError: the site cannot be asked, or does not show the course. Nothing has changed.
    """
    with _alone(connection, course):
        began, calls, received = time.monotonic(), client.calls, client.bytes
        known = newest_sync(connection, course)
        begin(connection, course)
        previous = load_snapshot(store, course, known.object_path if known else None)
        asking = _Asking(store, client, course, at, previous, progress)
        try:
            asking.ask()
        except CourseGone:
            end_gone(connection, course, at)
            return Synced(True, client.calls - calls, client.bytes - received, is_gone=True)
        except WebServiceError as error:
            fail(connection, course, str(error))
            raise
        snapshot = asking.snapshot
        account = Account(
            client.calls - calls, client.bytes - received, round(time.monotonic() - began, 2), asking.deferred
        )
        changed = known is None or known.sha256 != snapshot.answers.sha256
        if changed:
            snapshot.answers.save(store, answers_path(course, snapshot.answers.sha256))
            register_sync(connection, course, client.address.wwwroot, snapshot.answers.sha256, at, account)
        end_well(connection, course, at, snapshot.answers, account, asking.skipped, changed=changed)
        save_marks(store, course, snapshot)
    new = _cmids(snapshot.answers, course) - _cmids(previous.answers, course)
    return Synced(changed, account.calls, account.bytes, asking.skipped, len(new))


@contextmanager
def _alone(connection: Connection, course: CourseKey) -> Iterator[None]:
    """One sync a course at a time."""
    name = f"studium.sync {course}"
    connection.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [name])
    try:
        yield
    finally:
        connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def _cmids(answers: Answers, course: CourseKey) -> set[int]:
    contents = _heard(answers, CONTENTS, courseid=course.course_id) or []
    return {module["id"] for section in contents for module in section["modules"]}


def _heard(answers: Answers, function: str, **parameters: Any) -> Any:
    try:
        return answers.get(function, **parameters)
    except (WebServiceError, Unasked):
        return None


class _Asking:
    """The asking of one sync: round after round, until the answers name nothing more to ask."""

    def __init__(
        self,
        store: ObjectStore,
        client: MoodleClient,
        course: CourseKey,
        at: datetime,
        previous: Snapshot,
        progress: Progress,
    ) -> None:
        self.store, self.client, self.course, self.at = store, client, course, at
        self.previous, self.progress = previous, progress
        self.snapshot = Snapshot(asked_at=at)
        self.deferred = 0
        self._said = previous.answers.said
        self._settled: set[Call] = set()
        self._unheard: Counter[tuple[str, str, str]] = Counter()
        self._made = 0

    @property
    def skipped(self) -> list[Skipped]:
        """What the site did not tell, now or when it was asked last, and why."""
        refused = Counter(
            (function, said.kind, said.message)
            for (function, _), said in self.snapshot.answers.said.items()
            if isinstance(said, Refused)
        )
        return [Skipped(*what, times=times) for what, times in sorted((refused + self._unheard).items())]

    def ask(self) -> None:
        """Ask all there is to ask, and bring the files."""
        told = self._told() if self.previous.asked_at else None
        answers = self.snapshot.answers
        while todo := [one for one in wanted(answers, self.course) if one.call not in self._settled]:
            self._ask_round(todo, told)
            self._see_whether_it_is_there()
        self._bring_files()
        files = {call for call in answers if call[0] == FILE}
        self.snapshot.keep_only({one.call for one in wanted(answers, self.course)} | files)

    def _told(self) -> frozenset[int] | None:
        """The modules the site tells as changed since the last sync; None when it cannot tell."""
        assert self.previous.asked_at  # noqa: S101 - looked at before
        since = int((self.previous.asked_at - OVERLAP).timestamp())
        try:
            return moved_modules(self.client.call(UPDATES, courseid=self.course.course_id, since=since))
        except TransientError:
            raise
        except WebServiceError as error:
            if error.stops:
                raise
            self._leave(UPDATES, error)
        except SURPRISES as error:
            self._leave(UPDATES, SurprisingAnswer(UPDATES, f"cannot be read: {type(error).__name__}"))
        return None

    def _ask_round(self, todo: list[Wanted], told: frozenset[int] | None) -> None:
        due = []
        for one in todo:
            self._settled.add(one.call)
            if one.call in self._said:
                self.snapshot.answers.said[one.call] = self._said[one.call]
                if one.call in self.previous.marks:
                    self.snapshot.marks[one.call] = self.previous.marks[one.call]
            if self._is_due(one, told):
                due.append(one)
        personal = sorted((one for one in due if one.is_personal), key=lambda one: one.call in self._said)
        affordable = personal[: max(0, PERSONAL_CALLS - self._made)]
        self._made += len(affordable)
        self.deferred += len(personal) - len(affordable)
        asked = [one for one in due if not one.is_personal] + affordable
        calls = [(one.function, {**one.parameters, **_language(one)}) for one in asked]
        for done, (one, made) in enumerate(zip(asked, self.client.map_calls(calls), strict=True), start=1):
            self._take(one, made.answer, made.error)
            self.progress(one.function, done, len(asked))

    def _is_due(self, one: Wanted, told: frozenset[int] | None) -> bool:
        said = self._said.get(one.call)
        if one.call not in self._said or one.mark is None or self.previous.marks.get(one.call) != one.mark:
            return True
        if isinstance(said, Refused) and not one.is_personal:
            return True
        return bool(one.cmids) and (told is None or bool(told & one.cmids))

    def _take(self, one: Wanted, answer: Any, error: WebServiceError | None) -> None:
        answers, marks = self.snapshot.answers, self.snapshot.marks
        if isinstance(error, TransientError):
            raise error
        if error is None:
            try:
                answers.put(tidy(one.function, answer), one.function, **one.parameters)
            except SURPRISES as unlike:
                error = SurprisingAnswer(one.function, f"cannot be read: {type(unlike).__name__}")
        if error is not None:
            if isinstance(error, BrokenFunction | SurprisingAnswer) and _is_answer(self._said.get(one.call)):
                self._leave(one.function, error)
            else:
                answers.refuse(error, one.function, **one.parameters)
        if one.mark is not None and not isinstance(error, BrokenFunction | SurprisingAnswer):
            marks[one.call] = one.mark
        else:
            marks.pop(one.call, None)

    def _see_whether_it_is_there(self) -> None:
        """A course is gone when its contents are not there and no list has it; all else may be a bad day."""
        number, answers = self.course.course_id, self.snapshot.answers
        try:
            answers.get(CONTENTS, courseid=number)
        except NotThere:
            listed = answers.get(COURSES, field="id", value=number)["courses"]
            if any(one.get("id") == number for one in listed):
                raise
            raise CourseGone from None

    def _bring_files(self) -> None:
        answers = self.snapshot.answers
        impersonal = {one.call for one in wanted(answers, self.course) if not one.is_personal}
        course = Answers({call: said for call, said in answers.said.items() if call in impersonal})
        files = wanted_files(course, self.course, self.client.address.wwwroot, self.at)
        due = []
        for file in files:
            call = call_of(FILE, url=file.url)
            if call in self._said:
                answers.said[call] = self._said[call]
            if self.previous.marks.get(call) == _file_mark(file) and call in self._said:
                self.snapshot.marks[call] = _file_mark(file)
            else:
                due.append(file)
        with tempfile.TemporaryDirectory(prefix="studium-") as folder:
            numbered = [(file, Path(folder, str(number))) for number, file in enumerate(due)]
            brought = self.client.each(lambda item: self._bring(*item), numbered)
            for done, ((file, _), made) in enumerate(brought, start=1):
                self._take_file(file, made)
                self.progress("files", done, len(due))

    def _bring(self, file: RemoteFile, into: Path) -> dict[str, Any]:
        """Bring one file, if it is not the one that is there already."""
        known = _heard(self.previous.answers, FILE, url=file.url) or {}
        etag = known.get("etag") if known and exists(self.store, known["object_path"]) else None
        made = self.client.download(file.url, into, Declared(size=file.size or None), etag=etag)
        if isinstance(made, NotModified):
            return known
        path = put_file(self.store, f"moodle/{self.course.site_id}/contents", made.path)
        into.unlink()
        return {"object_path": path, "size": made.size, "etag": made.etag}

    def _take_file(self, file: RemoteFile, made: dict[str, Any] | WebServiceError) -> None:
        self._settled.add(call_of(FILE, url=file.url))
        one = Wanted(FILE, {"url": file.url}, _file_mark(file))
        if isinstance(made, WebServiceError):
            self._take(one, None, made)
        else:
            self._take(one, made, None)

    def _leave(self, function: str, error: WebServiceError) -> None:
        """Go on with what the site said before."""
        self._unheard[function, type(error).__name__, error.message] += 1


def _is_answer(said: Any) -> bool:
    return said is not None and not isinstance(said, Refused)


def _language(one: Wanted) -> dict[str, str]:
    """Reviews are pages, and read in English."""
    return IN_ENGLISH if one.function == REVIEW else {}


def _file_mark(file: RemoteFile) -> str:
    return mark_of(file.size, file.modified_at)
