"""The asking of one sync: what is asked always, then round after round what follows, until nothing more does.

What was said before goes on until it is asked anew. Nothing is written here but the files that are brought.
"""

import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from obstore.store import ObjectStore

from studium.moodle.keys import CourseKey
from studium.moodle.standing import Skipped
from studium.moodle.webservice.answers import Answers, Call, Refused, Told, Unasked, call_of
from studium.moodle.webservice.client import SITE_INFO, Asked, MoodleClient
from studium.moodle.webservice.errors import (
    BrokenFunction,
    NotThere,
    SurprisingAnswer,
    TransientError,
    WebServiceError,
)
from studium.moodle.webservice.files import FILE, Declared, NotModified
from studium.moodle.webservice.plan import (
    CHECK,
    COURSES,
    REVIEW,
    UPDATES,
    Wanted,
    always,
    checks,
    mark_of,
    moved_modules,
    tidy,
    wanted,
)
from studium.moodle.webservice.reader.course import STATE
from studium.moodle.webservice.reader.people import ENROLLED
from studium.moodle.webservice.reader.read import CONTENTS, wanted_files
from studium.moodle.webservice.reader.reading import SURPRISES, RemoteFile
from studium.moodle.webservice.snapshot import Snapshot
from studium.storage import exists, put_file

Progress = Callable[[str, int, int], None]
"""Told what is under way, how much of it is done, and how much there is so far."""

OVERLAP = timedelta(seconds=10)
"""How far before the last sync, by the site's clock, updates are asked for again: edits made while asking."""
SEEN_LATE = timedelta(seconds=60)
"""So long after it has written down that somebody was there, Moodle does not write down that they still are."""
PERSONAL_CALLS = 3000
"""Calls about single people in one sync; a Moodle answers about 25 a second, so that a sync stays near two minutes."""
IN_ENGLISH = {"moodlewssettinglang": "en"}
TELL_WHO_SEES_WHAT = {CONTENTS, STATE, ENROLLED, "core_group_get_course_groupings", "core_group_get_groupings"}
"""Where one of these fails that did not before, the sync comes to nothing: new conditions and old groups together could
show a learner what neither the course of before nor that of now does."""


class CourseGone(Exception):  # noqa: N818 - reads as the sentence it is
    """The site knows the course no longer."""


class Asking:
    """One sync's questions, and the snapshot their answers make."""

    def __init__(
        self, client: MoodleClient, course: CourseKey, at: datetime, previous: Snapshot, progress: Progress
    ) -> None:
        self.client, self.course, self.at = client, course, at
        self.previous, self.progress = previous, progress
        self.snapshot = Snapshot(Answers(dict(previous.answers.said)), dict(previous.marks), at)
        self.deferred = 0
        """Calls about people that were put off to the next sync."""
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

    def ask(self, store: ObjectStore) -> None:
        """Ask all there is to ask, and bring the files."""
        answers = self.snapshot.answers
        told = self._look()
        # by the site's clock, as far as that is behind: what it dates before this has been told by now
        began = self.snapshot.asked_at = self.at - self.client.behind
        unsettled = int((began - SEEN_LATE - OVERLAP).timestamp())
        is_news = True
        while is_news:
            plan = list(wanted(answers, self.course, unsettled))
            is_news = self._ask_round(self._affordable([one for one in plan if self._is_due(one, told)]))
        files = self._bring_files(store, {one.call for one in plan if not one.is_personal})
        gone = cmids(self.previous.answers, self.course) - cmids(answers, self.course)
        self.snapshot.keep_only({one.call for one in plan} | files, gone)

    def _look(self) -> frozenset[int] | None:
        """Ask what is always asked; returns the modules told as changed since the last sync, None if that is untold."""
        before, everything = self.previous.asked_at, list(always(self.course))
        since = int((before - OVERLAP).timestamp()) if before else None
        calls = [(one.function, one.parameters) for one in everything]
        updates = [] if since is None else [(UPDATES, {"courseid": self.course.course_id, "since": since})]
        made = list(self.client.map_calls([*calls, *updates]))
        for one, asked in zip(everything, made, strict=False):
            self._settled.add(one.call)
            self._take(one, asked.answer, asked.error)
        self._see_whether_it_is_there()
        if since is None:
            return None
        told = self._moved(made[-1])
        return self._checked(since) if isinstance(made[-1].error, BrokenFunction) else told

    def _moved(self, asked: Asked) -> frozenset[int] | None:
        error = asked.error
        if isinstance(error, TransientError):
            raise error
        if error is None:
            try:
                return moved_modules(asked.answer)
            except SURPRISES as unlike:
                error = SurprisingAnswer(asked.function, f"cannot be read: {type(unlike).__name__}")
        self._leave(asked.function, error)
        return None

    def _checked(self, since: int) -> frozenset[int] | None:
        """The same, asked of all modules but those that may make the question fail; of these nobody knows."""
        calls, unknown = checks(self.snapshot.answers, self.course, since)
        told = [self._moved(asked) for asked in self.client.map_calls((CHECK, asked) for asked in calls)]
        return None if None in told else unknown.union(*(moved for moved in told if moved))

    def _is_due(self, one: Wanted, told: frozenset[int] | None) -> bool:
        call = one.call
        if call in self._settled:
            return False
        said = self.snapshot.answers.said.get(call)
        if said is None or one.mark is None or self.snapshot.marks.get(call) != one.mark:
            return True
        if isinstance(said, Refused) and not one.is_personal:
            return True
        return bool(one.cmids) and (told is None or bool(told & one.cmids))

    def _affordable(self, due: list[Wanted]) -> list[Wanted]:
        """Those to ask now: calls about people only within the budget, and first what was never asked."""
        self._settled |= {one.call for one in due}
        known = self.snapshot.answers.said
        personal = sorted((one for one in due if one.is_personal), key=lambda one: one.call in known)
        affordable = personal[: max(0, PERSONAL_CALLS - self._made)]
        self._made += len(affordable)
        self.deferred += len(personal) - len(affordable)
        return [one for one in due if not one.is_personal] + affordable

    def _ask_round(self, asked: list[Wanted]) -> bool:
        """Ask several things; returns whether anything said is news, from which more may follow."""
        said = self.snapshot.answers.said
        before = [said.get(one.call) for one in asked]
        calls = [(one.function, {**one.parameters, **_language(one)}) for one in asked]
        for done, (one, made) in enumerate(zip(asked, self.client.map_calls(calls), strict=True), start=1):
            self._take(one, made.answer, made.error)
            self.progress(one.function, done, len(asked))
        return before != [said.get(one.call) for one in asked]

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
            if isinstance(error, BrokenFunction | SurprisingAnswer) and isinstance(answers.said.get(one.call), Told):
                if one.function in TELL_WHO_SEES_WHAT:
                    raise error
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

    def _bring_files(self, store: ObjectStore, impersonal: set[Call]) -> set[Call]:
        """Bring the files that are not as they were; returns the calls that stand for all of them."""
        answers, marks, before = self.snapshot.answers, self.snapshot.marks, self.previous.answers.said
        course = Answers({call: said for call, said in answers.said.items() if call in impersonal})
        brought_before = {call for call in before if call[0] == FILE}
        if brought_before <= marks.keys() and all(before.get(call) == said for call, said in course.said.items()):
            return brought_before
        files = {
            call_of(FILE, url=file.url): file
            for file in wanted_files(course, self.course, self.client.address.wwwroot, self.at)
        }
        due = [file for call, file in files.items() if call not in answers.said or marks.get(call) != _file_mark(file)]
        with tempfile.TemporaryDirectory(prefix="studium-") as folder:
            numbered = [(file, Path(folder, str(number))) for number, file in enumerate(due)]
            brought = self.client.each(lambda item: self._bring(store, *item), numbered)
            for done, ((file, _), made) in enumerate(brought, start=1):
                self._take_file(file, made)
                self.progress("files", done, len(due))
        return set(files)

    def _bring(self, store: ObjectStore, file: RemoteFile, into: Path) -> dict[str, Any]:
        """Bring one file, if it is not the one that is there already."""
        known = heard(self.previous.answers, FILE, url=file.url) or {}
        etag = known.get("etag") if known and exists(store, known["object_path"]) else None
        made = self.client.download(file.url, into, Declared(size=file.size or None), etag=etag)
        if isinstance(made, NotModified):
            return known
        path = put_file(store, f"moodle/{self.course.site_id}/contents", made.path)
        into.unlink()
        return {"object_path": path, "size": made.size, "etag": made.etag}

    def _take_file(self, file: RemoteFile, made: dict[str, Any] | WebServiceError) -> None:
        one = Wanted(FILE, {"url": file.url}, _file_mark(file))
        if isinstance(made, TransientError):
            self.client.call(SITE_INFO)  # raises where the site has failed, and not the file alone
            self._leave(FILE, made, about=unquote(file.url.rpartition("/")[2]))
            self.snapshot.marks.pop(one.call, None)
        elif isinstance(made, WebServiceError):
            self._take(one, None, made)
        else:
            self._take(one, made, None)

    def _leave(self, function: str, error: WebServiceError, about: str = "") -> None:
        """Go on with what the site said before."""
        reason = f"{about}: {error.message}" if about else error.message
        self._unheard[function, type(error).__name__, reason] += 1


def heard(answers: Answers, function: str, **parameters: Any) -> Any:
    """An answer, or None."""
    try:
        return answers.get(function, **parameters)
    except (WebServiceError, Unasked):
        return None


def cmids(answers: Answers, course: CourseKey) -> set[int]:
    """The modules of a course."""
    contents = heard(answers, CONTENTS, courseid=course.course_id) or []
    return {module["id"] for section in contents for module in section["modules"]}


def _language(one: Wanted) -> dict[str, str]:
    """Reviews are pages, and read in English."""
    return IN_ENGLISH if one.function == REVIEW else {}


def _file_mark(file: RemoteFile) -> str:
    return mark_of(file.size, file.modified_at)
