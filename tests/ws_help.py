"""The recorded answers of the test site, put where a reader of one course looks for them."""

import gzip
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from studium.moodle.harvest import CourseRecords
from studium.moodle.keys import CourseKey
from studium.moodle.webservice.answers import Answers
from studium.moodle.webservice.errors import is_refusal, refusal
from studium.moodle.webservice.reader.people import ENROLLED, ONLY_ACTIVE, PROFILES, profiles_of
from studium.moodle.webservice.reader.read import read_course

DATA = Path(__file__).parent / "data/moodle"
WWWROOT = "http://127.0.0.1:8088"
AT = datetime(2026, 11, 22, 1, 36, tzinfo=UTC)
CVS, PHA = CourseKey("example", 2), CourseKey("example", 4)


INTRO_FILES = {
    "/83/mod_assign/introattachment/0/CVS201%20Practical%20-%20Blood%20pressure%20and%20exercise.docx": (
        "CVS201__resource10__CVS201 Practical - Blood pressure and exercise.docx"
    ),
    "/138/mod_assign/introattachment/0/PHA203%20Tutorial%202%20-%20Schild%20analysis.docx": (
        "PHA203__resource67__PHA203 Tutorial 2 - Schild analysis.docx"
    ),
}
"""Two files hang on assignments too, and were downloaded only from where they hang first."""


@cache
def recorded() -> tuple[dict[str, Any], ...]:
    """Every call the service account made, oldest first."""
    return tuple(_lines("ws.jsonl.gz")) + tuple(_lines("ws_all_learners.jsonl.gz"))


def _lines(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8") as file:
        for line in file:
            call = json.loads(line)
            if call.get("account", "service") == "service" and not call.get("tag", "").startswith(("ERR", "DEBUG")):
                yield call


def one(function: str, **flat: str) -> Any:
    """The body recorded for a call, by its parameters as they were sent."""
    return next(c["body"] for c in recorded() if c["function"] == function and c["params"] == flat)


def answers_of(course: CourseKey) -> Answers:
    """What the site said, as a sync of one course would have asked it.

    The recording asked for the catalogue and for each kind of module in all courses at once; here a course has its part
    of that answer. Everything else is as it was sent.
    """
    answers, course_id = Answers(), course.course_id
    for call in recorded():
        flat = tuple(sorted((name, str(value)) for name, value in call["params"].items()))
        if is_refusal(call["body"]):
            error = refusal(call["function"], call["body"])
            answers.refuse(error, call["function"], **dict(flat))
        elif courses := [value for name, value in flat if name.startswith("courseids[")]:
            if str(course_id) not in courses:
                continue
            rest = {name: value for name, value in flat if not name.startswith("courseids[")}
            answers.put(_part(call["body"], course_id), call["function"], **{"courseids[0]": course_id} | rest)
        else:
            answers.put(call["body"], call["function"], **dict(flat))
    catalogue = one("core_course_get_courses_by_field")
    answers.put(catalogue, "core_course_get_courses_by_field", field="id", value=course_id)
    learners = one(
        "core_user_get_users", **{"criteria[0][key]": "email", "criteria[0][value]": "%@students.example.test"}
    )
    for asked in profiles_of(person["id"] for person in answers.get(ENROLLED, courseid=course_id)):
        told = [person for person in learners["users"] if person["id"] in asked["values"]]  # staff's were not recorded
        answers.put(told, PROFILES, **asked)
    return answers


def _part(body: Any, course_id: int) -> Any:
    if isinstance(body, list):
        return [item for item in body if item["course"] == course_id]
    return {
        name: [item for item in value if item.get("course", item["id"]) == course_id] if name != "warnings" else value
        for name, value in body.items()
    }


def answers_of_pha() -> Answers:
    """PHA203's answers, with two the recording lacks: who is active, and what the course page says of sections.

    Both say what the course's backup says: nobody is suspended, no section is restricted.
    """
    answers = answers_of(PHA)
    people = answers.get(ENROLLED, courseid=4)
    answers.put([{"id": person["id"]} for person in people], ENROLLED, courseid=4, options=list(ONLY_ACTIVE))
    sections = [
        {"id": str(section["id"]), "hasrestrictions": False}
        for section in answers.get("core_course_get_contents", courseid=4)
    ]
    answers.put(json.dumps({"section": sections, "cm": []}), "core_courseformat_get_state", courseid=4)
    return answers


@cache
def files() -> dict[str, bytes | Path]:
    """The files the site served, by URL."""
    served = json.loads((DATA / "ws_files.json").read_text())["files"]
    found = {file["path"].partition("?")[0]: file["file"] for file in served}
    also = {f"/webservice/pluginfile.php{path}": name for path, name in INTRO_FILES.items()}
    return {WWWROOT + path: DATA / "files" / name for path, name in (found | also).items()}


def read(
    course: CourseKey, answers: Answers | None = None, contents: Mapping[str, bytes | Path] | None = None
) -> CourseRecords:
    """The records of a course, from what was recorded."""
    return read_course(answers or answers_of(course), course, WWWROOT, AT, contents or files())
