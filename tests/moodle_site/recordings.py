"""What the real Moodle answered, by function, account and parameters; and the few answers that follow from those."""

import copy
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from studium.moodle.webservice.parameters import flatten

DATA = Path(__file__).parents[1] / "data" / "moodle"
RECORDED_AT = "http://127.0.0.1:8088"
ALL_COURSES = ("2", "3", "4")
QUIET_SINCE = 1795307594  # asked for what changed since then, the real site said: nothing (course 3, every account)
RANDOM_QUIZ = {"course": "2", "cmid": "26"}  # makes both functions for updates fail
# Recorded in a state of the site, or with settings, that a plain call does not have.
_APART = ("DEBUGON", "settings_", "c1_", "after_all_restored", "maintenance_", "GET_method", "with_custom_report")


class NotRecorded(LookupError):  # noqa: N818 - reads as the sentence it is
    """The real Moodle was not asked this, so nobody knows what it would have said."""


@dataclass(frozen=True)
class Recorded:
    """One recorded call."""

    function: str
    account: str
    tag: str
    params: Mapping[str, str]
    http_status: int
    content_type: str
    errorcode: str | None
    body: Any

    @property
    def raw(self) -> bytes:
        """The body as PHP wrote it."""
        return php_json(self.body) if self.content_type.startswith("application/json") else self.body.encode()

    @property
    def name(self) -> str:
        return f"{self.function}/{self.account}/{self.tag}"


def php_json(value: Any) -> bytes:
    """JSON as PHP writes it: ASCII, no blanks, slashes escaped."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode()


def recorded() -> Iterator[Recorded]:
    """Every recorded call of the index."""
    with gzip.open(DATA / "ws.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            row.pop("method")
            yield Recorded(**row)


@cache
def _by_name() -> Mapping[str, Recorded]:
    return {call.name: call for call in recorded()}


def recording(name: str) -> Recorded:
    """One recorded call by `function/account/tag`."""
    return _by_name()[name]


def learners() -> Iterator[tuple[str, dict[str, str], Any]]:
    """Every recorded call about a learner of two courses: function, parameters, body."""
    with gzip.open(DATA / "ws_all_learners.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["function"], row["params"], row["body"]


Key: TypeAlias = tuple[str, str, frozenset[tuple[str, str]]]


def _key(function: str, account: str, params: Mapping[str, str]) -> Key:
    return function, account, frozenset(params.items())


@cache
def _as_recorded() -> Mapping[Key, Any]:
    bodies: dict[Key, Any] = {}
    for call in recorded():
        apart = call.tag.startswith(_APART) or call.function == "login/token.php"
        if not apart and not (call.function == "core_webservice_get_site_info" and call.tag):
            bodies.setdefault(_key(call.function, call.account, call.params), call.body)
    for function, params, body in learners():
        bodies.setdefault(_key(function, "service", params), body)
    return bodies


class Recordings:
    """The site's answers; `updates` are the edits that the functions for updates tell."""

    def __init__(self) -> None:
        self._edited: dict[Key, Any] = {}
        self.updates: list[dict[str, Any]] = []
        self.edited: set[str] = set()

    def body(self, function: str, account: str, **params: str) -> Any:
        """The body that a call gets; `NotRecorded` when there is none."""
        found = self._found(_key(function, account, params))
        if found is None:
            raise NotRecorded(f"not recorded: {function} {dict(sorted(params.items()))} as {account}")
        return found

    def _found(self, key: Key) -> Any:
        return self._edited.get(key, _as_recorded().get(key))

    def to_edit(self, function: str, **params: str) -> Iterator[Any]:
        """The bodies of a call, of each account that got one and not a refusal, to be edited in place."""
        wanted = frozenset(params.items())
        for key in [key for key in _as_recorded() if key[0] == function and key[2] == wanted]:
            body = self._found(key)
            if not (isinstance(body, dict) and "exception" in body):
                yield self._edited.setdefault(key, copy.deepcopy(body))

    def replace(self, function: str, body: Any, **params: str) -> None:
        """Give every account another answer to a call."""
        wanted = frozenset(params.items())
        for key in _as_recorded():
            if key[0] == function and key[2] == wanted:
                self._edited[key] = body

    def add(self, function: str, account: str, body: Any, **params: Any) -> None:
        """Have an answer that was not recorded; whoever adds it says what it rests on."""
        self._edited[_key(function, account, dict(flatten(params)))] = body

    def answer(self, function: str, account: str, params: Mapping[str, str]) -> Any:
        """What the real Moodle answered, or what follows from it."""
        if function in {"core_course_get_updates_since", "core_course_check_updates"}:
            return self._updates(function, account, params)
        if function == "core_course_get_contents" and len(params) > 1 and params.get("courseid") in self.edited:
            raise NotRecorded(f"not recorded: {function} {dict(params)} after an edit")
        try:
            return self.body(function, account, **params)
        except NotRecorded:
            found = self._of_fewer_courses(function, account, params)
            if function == "core_course_get_courses_by_field" and params.get("field") == "id":
                found = self._of_one_course(account, params["value"])
            if function == "core_user_get_users_by_field" and params.get("field") == "id":
                found = self._of_people(account, {value for name, value in params.items() if name != "field"})
            if found is None:
                raise
            return found

    def _of_fewer_courses(self, function: str, account: str, params: Mapping[str, str]) -> Any:
        """Recorded for three courses, asked for some of them: a part of the same answer.

        That this is what Moodle does is recorded for quizzes, which were asked in both ways.
        """
        wanted = {value for name, value in params.items() if name.startswith("courseids[")}
        if not wanted or not wanted <= set(ALL_COURSES):
            return None
        others = {name: value for name, value in params.items() if not name.startswith("courseids[")}
        asked = {f"courseids[{index}]": course for index, course in enumerate(ALL_COURSES)} | others
        whole = self._found(_key(function, account, asked))
        if whole is None or "exception" in whole:
            return whole
        if isinstance(whole, list):
            return [one for one in whole if str(one["course"]) in wanted]
        return {
            name: [one for one in items if str(one.get("course", one.get("itemid", one.get("id")))) in wanted]
            for name, items in whole.items()
        }

    def _of_one_course(self, account: str, course: str) -> Any:
        """Recorded for all courses, and by short name for one, which was the same answer's part; here by id."""
        whole = self.body("core_course_get_courses_by_field", account)
        return whole | {"courses": [one for one in whole["courses"] if str(one["id"]) == course]}

    def _of_people(self, account: str, wanted: set[str]) -> Any:
        """Recorded by id number for two people, and by e-mail for all learners, in the same words; here by id.

        Whoever was not recorded is left out, as Moodle leaves out whom it does not show.
        """
        learners = {"criteria[0][key]": "email", "criteria[0][value]": "%@students.example.test"}
        whole = self._found(_key("core_user_get_users", account, learners))
        return whole and [person for person in whole["users"] if str(person["id"]) in wanted]

    def _updates(self, function: str, account: str, params: Mapping[str, str]) -> Any:
        course = params["courseid"]
        asked = _asked_about(params)
        if course == RANDOM_QUIZ["course"] and (asked is None or RANDOM_QUIZ["cmid"] in asked):
            return self.body("core_course_get_updates_since", account, courseid="2", since="0")
        since = asked or {None: int(params.get("since", "0"))}
        if all(moment >= QUIET_SINCE for moment in since.values()) and not any("filter" in name for name in params):
            return {"instances": self._edits_since(course, since), "warnings": []}
        if course in self.edited:
            raise NotRecorded(f"not recorded: {function} {dict(params)} after an edit")
        return self.body(function, account, **params)

    def _edits_since(self, course: str, since: Mapping[str | None, int]) -> list[dict[str, Any]]:
        """Edits told as the experiment's answers tell them: a time for `configuration`, ids for everything else."""
        told: dict[int, dict[str, dict[str, Any]]] = {}
        for edit in self.updates:
            moment = since.get(str(edit["cmid"]), since.get(None))
            if edit["course"] != course or moment is None or edit["at"] <= moment:
                continue
            update = told.setdefault(edit["cmid"], {}).setdefault(edit["name"], {"name": edit["name"]})
            if edit["name"] == "configuration":
                update["timeupdated"] = edit["at"]
            else:
                update["itemids"] = [*update.get("itemids", []), edit["itemid"]]
        return [
            {"contextlevel": "module", "id": cmid, "updates": list(updates.values())} for cmid, updates in told.items()
        ]


def _asked_about(params: Mapping[str, str]) -> dict[str | None, int] | None:
    """Modules by id with the moment asked about, for `check_updates`."""
    modules = {
        params[f"tocheck[{index}][id]"]: int(params[f"tocheck[{index}][since]"])
        for index in range(len(params))
        if f"tocheck[{index}][id]" in params
    }
    return dict(modules) or None
