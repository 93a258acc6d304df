"""A Moodle as one learner sees it: a site of its own, with nobody else in it.

Every question a sync asks is answered here as it would be of a site that shows this learner everything it has. What
Moodle shows the learner is open, whatever conditions it keeps to itself; what it does not show is closed, and a course
it no longer lists for the learner is gone. That may be read so because the answers are for this learner alone: the
rows stand under a site of their own, in which no other account is anybody. Of other people nothing is
kept but what they wrote where the learner reads it.
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from studium.moodle.webservice.address import Address
from studium.moodle.webservice.answers import Call, call_of
from studium.moodle.webservice.client import MoodleClient
from studium.moodle.webservice.errors import NotPermitted, NotThere, TransientError, WebServiceError
from studium.moodle.webservice.plan import COURSES, GRADEBOOK
from studium.moodle.webservice.reader.course import STATE
from studium.moodle.webservice.reader.people import ENROLLED
from studium.moodle.webservice.reader.read import CONTENTS, KINDS

OWN_COURSES = "core_enrol_get_users_courses"
SUBMISSION = "mod_assign_get_submission_status"
OF_OTHERS = "Studium does not ask about other people through a learner's own link."
KEPT_OF_ONESELF = ("id", "username", "firstname", "lastname", "fullname", "email", "idnumber", "department", "groups")
AS_STUDENT = {"roleid": 5, "shortname": "student"}


@dataclass(frozen=True)
class Learner:
    """Whose eyes these are."""

    site_id: str
    """Of the site that is only theirs."""
    user_id: int
    username: str
    full_name: str


class OwnView(MoodleClient):
    """Asks a Moodle with a learner's token."""

    def __init__(self, address: Address, token: SecretStr, learner: Learner, **options: Any) -> None:
        """Point the view at a site; `options` are those of the client."""
        super().__init__(address, token, **options)
        self.learner = learner
        self._told: dict[Call, Any] = {}
        self._asking: dict[Call, threading.Lock] = {}

    @property
    def site_id(self) -> str:
        """The site that is only this learner's."""
        return self.learner.site_id

    def call(self, function: str, **parameters: Any) -> Any:
        """The answer as the learner's own site would give it."""
        seen = _SEEN.get(function)
        return seen(self, parameters) if seen else super().call(function, **parameters)

    def _once(self, function: str, **parameters: Any) -> Any:
        """The answer to what several questions hang on, asked once in the view's life, which is one sync or look."""
        call = call_of(function, **parameters)
        with self._asking.setdefault(call, threading.Lock()):
            if call not in self._told:
                self._told[call] = super().call(function, **parameters)
            return self._told[call]

    @property
    def courses(self) -> dict[int, Mapping[str, Any]]:
        """What the site says of the courses the learner is in now, by number."""
        return {int(course["id"]): course for course in self._once(OWN_COURSES, userid=self.learner.user_id)}

    def catalogue(self, asked: Mapping[str, Any]) -> Any:
        """The list of courses, those of the learner alone: one by one, since the whole list is as long as the site."""
        mine = self.courses
        wanted = [asked] if asked else [{"field": "id", "value": number} for number in mine]
        listed = [course for one in wanted for course in super(OwnView, self).call(COURSES, **one)["courses"]]
        return {"courses": [course for course in listed if course["id"] in mine], "warnings": []}

    def contents(self, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Sections and modules: open exactly where Moodle shows them to the learner."""
        if asked["courseid"] not in self.courses:
            raise NotThere(CONTENTS, "the learner is not in this course, or no longer")
        sections = self._once(CONTENTS, **asked)
        return [_as_seen(section) | {"modules": [_as_seen(one) for one in section["modules"]]} for section in sections]

    def state(self, asked: Mapping[str, Any]) -> str:
        """What the course page knows of restrictions: none, where the contents say already what is open."""
        sections = self.contents(asked)
        modules = [module for section in sections for module in section["modules"]]
        return json.dumps(
            {
                "section": [{"id": one["id"], "hasrestrictions": False} for one in sections],
                "cm": [{"id": one["id"], "hascmrestrictions": False} for one in modules],
            }
        )

    def people(self, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The learner, as a student whatever else they are; of the others in the list nothing is kept."""
        me, course = self.learner, self.courses.get(asked["courseid"])
        if course is None:
            return []
        if "options" in asked:
            return [{"id": me.user_id, "username": me.username}]
        try:
            listed = super().call(ENROLLED, **asked)
        except TransientError:
            raise
        except WebServiceError as error:
            if error.stops:
                raise
            listed = []
        told: Mapping[str, Any] = next((person for person in listed if person["id"] == me.user_id), {})
        mine = {name: told[name] for name in KEPT_OF_ONESELF if name in told}
        # what hangs on "when they were there last" hangs on how far they are: asking through the link is being there
        known = {"id": me.user_id, "username": me.username, "firstname": me.full_name}
        return [{**known, **mine, "roles": [AS_STUDENT], "lastcourseaccess": course.get("progress")}]

    def gradebook(self, asked: Mapping[str, Any]) -> Any:
        """The learner's own row."""
        return super().call(GRADEBOOK, **asked, userid=self.learner.user_id)

    def assignments(self, asked: Mapping[str, Any]) -> Any:
        """The assignments of the learner's courses; only who sees all courses may ask for those of others."""
        return super().call(KINDS["assign"][0], courseids=asked["courseids"])

    def submissions(self, asked: Mapping[str, Any]) -> Any:
        """What the learner handed in last."""
        return self._of_assignments(asked, "submissions", ("lastattempt", "submission"))

    def marks(self, asked: Mapping[str, Any]) -> Any:
        """How that was marked, once the learner may know."""
        return self._of_assignments(asked, "grades", ("feedback", "grade"))

    def _of_assignments(self, asked: Mapping[str, Any], name: str, path: tuple[str, str]) -> Any:
        found = []
        for number in asked["assignmentids"]:
            status = super().call(SUBMISSION, assignid=number, userid=self.learner.user_id)
            mine = (status.get(path[0]) or {}).get(path[1])
            found.append({"assignmentid": number, name: [mine] if mine else []})
        return {"assignments": found, "warnings": []}

    def of_others(self, _: Mapping[str, Any]) -> Any:
        """What is about everybody in a course."""
        raise NotPermitted("learner's link", OF_OTHERS)


def _as_seen(one: Mapping[str, Any]) -> dict[str, Any]:
    """A section or a module: what Moodle has decided for the learner stands for all its conditions.

    It always says so: each section and module that was recorded for a student has the field. One without it is closed.
    """
    return {**one, "visible": int(one.get("uservisible") is True), "availability": None, "availabilityinfo": None}


_SEEN: Mapping[str, Callable[[OwnView, Mapping[str, Any]], Any]] = {
    COURSES: OwnView.catalogue,
    CONTENTS: OwnView.contents,
    STATE: OwnView.state,
    ENROLLED: OwnView.people,
    GRADEBOOK: OwnView.gradebook,
    "core_group_get_course_groups": OwnView.of_others,
    "core_group_get_course_groupings": OwnView.of_others,
    KINDS["assign"][0]: OwnView.assignments,
    "mod_assign_get_submissions": OwnView.submissions,
    "mod_assign_get_grades": OwnView.marks,
}
