"""What a sync has to ask about a course, worked out from what has been said so far. Pure: nothing is asked here.

Each call says what its answer hangs on. While that is as it was when the call was made, the answer of then is good.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Any

from studium.moodle.keys import CourseKey, is_own
from studium.moodle.webservice.answers import Answers, Call, Unasked, call_of
from studium.moodle.webservice.errors import WebServiceError
from studium.moodle.webservice.reader.activities import OPTIONS, tells_options
from studium.moodle.webservice.reader.course import STATE
from studium.moodle.webservice.reader.people import ENROLLED, ONLY_ACTIVE, PROFILE, PROFILES, profiles_of
from studium.moodle.webservice.reader.read import ALSO, CONTENTS, KINDS
from studium.moodle.webservice.reader.reading import SURPRISES
from studium.moodle.webservice.reader.things import PAGE_OF_ENTRIES

COURSES = "core_course_get_courses_by_field"
UPDATES = "core_course_get_updates_since"
CHECK = "core_course_check_updates"
GRADEBOOK = "gradereport_user_get_grade_items"
ATTEMPTS = "mod_quiz_get_user_attempts"
REVIEW = "mod_quiz_get_attempt_review"
COMPLETION = "core_completion_get_activities_completion_status"
COURSE_COMPLETION = "core_completion_get_course_completion_status"
ALWAYS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    (CONTENTS, {}),
    (STATE, {}),
    (ENROLLED, {}),
    (ENROLLED, {"options": list(ONLY_ACTIVE)}),
    ("core_group_get_course_groups", {}),
    ("core_group_get_course_groupings", {}),
    (GRADEBOOK, {}),
)
"""What nothing announces, and who may see what hangs on: seven calls a course, however large it is."""
OPEN_STATES = {"inprogress", "overdue"}
CHECKED_AT_ONCE = 300
"""Modules in one call, three parameters each: PHP takes a thousand by default, and forgets the rest without a word."""


@dataclass(frozen=True)
class Wanted:
    """A call whose answer belongs to the snapshot of a course."""

    function: str
    parameters: Mapping[str, Any]
    mark: str | None = None
    """What the answer hangs on, as a hash; None: nothing tells, it is asked at every sync."""
    cmids: frozenset[int] = frozenset()
    """Modules whose being told as changed makes it due."""
    is_personal: bool = False
    """One of the calls there is one of for each person, or more."""

    @cached_property
    def call(self) -> Call:
        """What is asked, as answers are kept by."""
        return call_of(self.function, **self.parameters)


def mark_of(*facts: object) -> str:
    """A short hash of what an answer hangs on."""
    return hashlib.sha256(_facts(facts).encode()).hexdigest()[:16]


_facts = json.JSONEncoder(sort_keys=True, default=str).encode


def always(course: CourseKey) -> Iterator[Wanted]:
    """What is asked at every sync, whatever was said before."""
    yield Wanted(COURSES, {"field": "id", "value": course.course_id})
    for function, parameters in ALWAYS:
        yield Wanted(function, {"courseid": course.course_id, **parameters})


def wanted(answers: Answers, course: CourseKey, unsettled: float = inf) -> Iterator[Wanted]:
    """Every call the course's snapshot is made of, as far as the answers so far let them be known.

    Whoever was seen at `unsettled` or later may do more without being said to have been there again.
    """
    yield from always(course)
    planned = _Plan(answers, course.course_id, unsettled, is_one_learners=is_own(course.site_id))
    course_wide = (planned.groupings, planned.kinds, planned.forums, planned.glossaries, planned.assignments)
    for part in (*course_wide, planned.choices, planned.profiles):
        yield from _as_far_as_it_goes(part())
    yield from _as_far_as_it_goes(planned.people())


def _as_far_as_it_goes(part: Iterator[Wanted]) -> Iterator[Wanted]:
    """Where an answer has a shape nobody knows, its reader says so; here nothing more follows from it."""
    try:
        yield from part
    except SURPRISES:
        return


class _Plan:
    """What follows from the answers about one course."""

    def __init__(self, answers: Answers, number: int, unsettled: float = inf, *, is_one_learners: bool = False) -> None:
        self.answers, self.number, self.unsettled = answers, number, unsettled
        self.is_one_learners = is_one_learners

    def heard(self, function: str, **parameters: Any) -> Any:
        """The answer, or None."""
        try:
            return self.answers.get(function, **parameters)
        except (WebServiceError, Unasked):
            return None

    def modules(self, modname: str | None = None) -> list[Mapping[str, Any]]:
        """The modules of the contents."""
        sections = self.heard(CONTENTS, courseid=self.number) or []
        modules = (module for section in sections for module in section["modules"])
        return [module for module in modules if modname in (None, module["modname"])]

    def cells(self) -> list[tuple[int, int | None, Mapping[str, Any]]]:
        """The gradebook: person, module, cell."""
        report = self.heard(GRADEBOOK, courseid=self.number) or {"usergrades": []}
        return [
            (person["userid"], cell.get("cmid"), cell)
            for person in report["usergrades"]
            for cell in person["gradeitems"]
        ]

    def groupings(self) -> Iterator[Wanted]:
        found = self.heard("core_group_get_course_groupings", courseid=self.number)
        if found:
            ids = [grouping["id"] for grouping in found]
            yield Wanted("core_group_get_groupings", {"groupingids": ids, "returngroups": True})

    def kinds(self) -> Iterator[Wanted]:
        """One call a kind of module there is."""
        for modname in sorted({module["modname"] for module in self.modules()} & KINDS.keys()):
            modules = sorted(self.modules(modname), key=lambda module: module["id"])  # moving one changes none
            asked = {"courseids": [self.number], **ALSO.get(modname, {})}
            yield Wanted(KINDS[modname][0], asked, mark_of(modules), frozenset(module["id"] for module in modules))

    def forums(self) -> Iterator[Wanted]:
        for module in self.modules("forum"):
            asked = {"forumid": module["instance"]}
            yield Wanted("mod_forum_get_forum_discussions", asked, mark_of(module), frozenset({module["id"]}))
            told = self.heard("mod_forum_get_forum_discussions", **asked)
            for discussion in told["discussions"] if told else []:
                moved = mark_of(discussion.get("timemodified"), discussion.get("numreplies"))
                yield Wanted("mod_forum_get_discussion_posts", {"discussionid": discussion["discussion"]}, moved)

    def glossaries(self) -> Iterator[Wanted]:
        for module in self.modules("glossary"):
            start, count = 0, 1
            while start < count:
                asked = {"id": module["instance"], "letter": "ALL", "from": start, "limit": PAGE_OF_ENTRIES}
                function = "mod_glossary_get_entries_by_letter"
                yield Wanted(function, asked, mark_of(module), frozenset({module["id"]}))
                told = self.heard(function, **asked)
                start, count = start + PAGE_OF_ENTRIES, int(told["count"]) if told else 0

    def assignments(self) -> Iterator[Wanted]:
        cells = self.cells()
        for module in self.modules("assign"):
            asked, cmids = {"assignmentids": [module["instance"]]}, frozenset({module["id"]})
            graded = [_graded(cell) for _, cmid, cell in cells if cmid == module["id"]]
            yield Wanted("mod_assign_get_submissions", asked, mark_of(module), cmids)
            yield Wanted("mod_assign_get_grades", asked, mark_of(module, graded), cmids)

    def choices(self) -> Iterator[Wanted]:
        """The options, where the account may choose; when they are shown hangs on the clock too."""
        function, name, _ = KINDS["choice"]
        if self.modules("choice"):
            told = self.heard(function, courseids=[self.number])
            for choice in told[name] if told else []:
                if tells_options(choice):
                    yield Wanted(OPTIONS, {"choiceid": choice["id"]})

    def profiles(self) -> Iterator[Wanted]:
        """What the list of people leaves out: asked again once one of them was there again, and may have changed it."""
        people = self.heard(ENROLLED, courseid=self.number) or []
        there = {person["id"]: person.get("lastaccess") for person in people}
        for asked in profiles_of(there):
            seen = [there[user_id] for user_id in asked["values"]]
            moved = None if any(map(self._is_unsettled, seen)) else mark_of(seen)
            yield Wanted(PROFILES, asked, moved, is_personal=True)

    def people(self) -> Iterator[Wanted]:
        """What is asked about each person: again only once they were there again, or were graded."""
        graded: dict[int, list[Any]] = {}
        for user_id, cmid, cell in self.cells():
            graded.setdefault(user_id, []).append((cmid, _graded(cell)))
        quizzes = self.modules("quiz")
        for person in self.heard(ENROLLED, courseid=self.number) or []:
            user_id, seen = person["id"], person.get("lastcourseaccess")
            grades = graded.get(user_id, [])
            asked = {"courseid": self.number, "userid": user_id}
            unsettled = self._is_unsettled(seen)
            moved = None if unsettled else mark_of(seen, grades)
            yield Wanted(COMPLETION, asked, moved, is_personal=True)
            yield Wanted(COURSE_COMPLETION, asked, None if self._is_completion_due(asked) else moved, is_personal=True)
            for quiz in quizzes:
                in_quiz = [grade for cmid, grade in grades if cmid == quiz["id"]]
                # news of a quiz is of everybody's attempts, and so tells something of one learner's own view alone
                cmids = frozenset({quiz["id"]} if self.is_one_learners else ())
                moved = None if unsettled else mark_of(seen, in_quiz)
                yield from self._attempts(quiz["instance"], user_id, moved, cmids)

    def _is_unsettled(self, seen: int | None) -> bool:
        return (seen or 0) >= self.unsettled

    def _is_completion_due(self, asked: Mapping[str, Any]) -> bool:
        """Whether all parts are done and the whole is not yet: Moodle sees to that some time later."""
        told = self.heard(COURSE_COMPLETION, **asked)
        if not told:
            return False
        status = told["completionstatus"]
        parts = [part.get("complete") for part in status.get("completions") or []]
        return bool(parts) and all(parts) and not status.get("completed")

    def _attempts(self, quiz_id: int, user_id: int, moved: str | None, cmids: frozenset[int]) -> Iterator[Wanted]:
        asked = {"quizid": quiz_id, "userid": user_id, "status": "all", "includepreviews": 0}
        told = self.heard(ATTEMPTS, **asked)
        attempts = told["attempts"] if told else []
        is_open = any(attempt.get("state") in OPEN_STATES for attempt in attempts)
        yield Wanted(ATTEMPTS, asked, None if is_open else moved, cmids, is_personal=True)
        for attempt in attempts:
            if attempt.get("state") == "finished":
                ended = mark_of(attempt.get("timemodified"), attempt.get("sumgrades"))
                yield Wanted(REVIEW, {"attemptid": attempt["id"], "page": -1}, ended, is_personal=True)


def _graded(cell: Mapping[str, Any]) -> tuple[Any, ...]:
    return cell.get("id"), cell.get("graderaw"), cell.get("gradedategraded")


def checks(answers: Answers, course: CourseKey, since: int) -> tuple[list[dict[str, Any]], frozenset[int]]:
    """Where a quiz with a random question makes `UPDATES` fail: what to ask `CHECK`, and the modules left out of it."""
    modules = _Plan(answers, course.course_id).modules()
    quizzes = frozenset(module["id"] for module in modules if module["modname"] == "quiz")
    others = [module["id"] for module in modules if module["id"] not in quizzes]
    asked = [
        {
            "courseid": course.course_id,
            "tocheck": [
                {"contextlevel": "module", "id": cmid, "since": since} for cmid in others[start:][:CHECKED_AT_ONCE]
            ],
        }
        for start in range(0, len(others), CHECKED_AT_ONCE)
    ]
    return asked, quizzes


def moved_modules(told: Any) -> frozenset[int]:
    """The modules `UPDATES` or `CHECK` names."""
    instances: Iterable[Mapping[str, Any]] = told["instances"]
    return frozenset(int(one["id"]) for one in instances if one.get("contextlevel") == "module" and one.get("updates"))


def tidy(function: str, answer: Any) -> Any:
    """An answer without what changes though nothing has: keys of caches, addresses of pictures, how many chose what."""
    if function == STATE and isinstance(answer, str):
        return json.dumps({kind: json.loads(answer).get(kind, []) for kind in ("section", "cm")}, sort_keys=True)
    if function == ENROLLED and isinstance(answer, list):
        pictures = {"profileimageurl", "profileimageurlsmall"}
        return [{name: value for name, value in person.items() if name not in pictures} for person in answer]
    if function == PROFILES and isinstance(answer, list):
        return [{name: person[name] for name in PROFILE if name in person} for person in answer]
    if function == OPTIONS and isinstance(answer, dict):
        return {"options": [{"id": option["id"], "text": option["text"]} for option in answer["options"]]}
    return answer
