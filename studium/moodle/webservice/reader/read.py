"""Reads a course's answers into typed records: pure, asking neither the site nor store nor database."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from studium.moodle.harvest import CourseRecords, Harvest, Silence
from studium.moodle.keys import CourseKey
from studium.moodle.webservice.answers import Answers, Unasked
from studium.moodle.webservice.errors import SurprisingAnswer
from studium.moodle.webservice.reader.activities import read_assignment, read_choice, read_forum
from studium.moodle.webservice.reader.course import read_course_row, read_module_row, read_sections, read_state
from studium.moodle.webservice.reader.grades import read_completion, read_gradebook
from studium.moodle.webservice.reader.people import read_people
from studium.moodle.webservice.reader.quiz import read_attempts, read_quiz
from studium.moodle.webservice.reader.reading import SURPRISES, ModulePart, Reading, RemoteFile
from studium.moodle.webservice.reader.things import (
    read_book,
    read_folder,
    read_glossary,
    read_intro,
    read_label,
    read_page,
    read_resource,
    read_url,
)
from studium.moodle.webservice.reader.untold import UNSAID, WHOLE_TABLES

KINDS: Mapping[str, tuple[str, str, Callable[[ModulePart], None]]] = {
    "assign": ("mod_assign_get_assignments", "assignments", read_assignment),
    "book": ("mod_book_get_books_by_courses", "books", read_book),
    "choice": ("mod_choice_get_choices_by_courses", "choices", read_choice),
    "folder": ("mod_folder_get_folders_by_courses", "folders", read_folder),
    "forum": ("mod_forum_get_forums_by_courses", "", read_forum),
    "glossary": ("mod_glossary_get_glossaries_by_courses", "glossaries", read_glossary),
    "label": ("mod_label_get_labels_by_courses", "labels", read_label),
    "page": ("mod_page_get_pages_by_courses", "pages", read_page),
    "quiz": ("mod_quiz_get_quizzes_by_courses", "quizzes", read_quiz),
    "resource": ("mod_resource_get_resources_by_courses", "resources", read_resource),
    "url": ("mod_url_get_urls_by_courses", "urls", read_url),
}
"""For each kind of module: the function that tells of it, where in its answer, and who reads it."""
CONTENTS = "core_course_get_contents"
ALSO = {"assign": {"includenotenrolledcourses": True}}


def read_course(
    answers: Answers, course: CourseKey, wwwroot: str, at: datetime, files: Mapping[str, bytes | Path]
) -> CourseRecords:
    """Read one course. `at` is when the site was asked; `files` holds what `wanted_files` names, by its URL.

    Raises:
        WebServiceError: the course or its contents were refused: there is nothing to read.
        Unasked: they have not been asked for.
    """
    reading = Reading(answers, course, wwwroot.rstrip("/"), at, files, Harvest(course.site_id, course.course_id))
    silence = _read(reading)
    reading.harvest.settle()
    return CourseRecords(
        course=course,
        sha256=answers.sha256,
        backup_at=at,
        tables=reading.harvest.frames(),
        refused=reading.harvest.refused_frames(),
        contents=reading.contents,
        silence=silence,
    )


def wanted_files(answers: Answers, course: CourseKey, wwwroot: str, at: datetime) -> tuple[RemoteFile, ...]:
    """The files the course's materials are made of, as far as the answers name them."""
    reading = Reading(answers, course, wwwroot.rstrip("/"), at, {}, Harvest(course.site_id, course.course_id))
    _read_things(reading)
    return tuple(reading.wanted.values())


def _read(reading: Reading) -> Silence:
    course, parts, silent = _read_things(reading)
    people = _people(reading, course)
    tells_work = [people is not None, *_read_work(reading, parts, people or [])]
    work = reading.silent_work if all(tells_work) else {part.cmid for part in parts}
    return Silence(
        people=people is None,
        modules=tuple(sorted(silent)),
        work=tuple(sorted(work)),
        tables=tuple(sorted({*WHOLE_TABLES, *reading.silent_tables})),
        columns=tuple(sorted({*UNSAID, *reading.silent_columns})),
    )


def _read_things(reading: Reading) -> tuple[Mapping[str, Any], list[ModulePart], set[int]]:
    """Add the course, its sections and modules; returns the course, the modules, and those nothing was told of."""
    try:
        course = read_course_row(reading)
        contents = reading.answers.get(CONTENTS, courseid=reading.course.course_id)
        known = read_state(reading)
        read_sections(reading, contents, known["section"])
        parts = _read_modules(reading, contents, known["cm"], course)
    except Unasked:
        raise
    except SURPRISES as error:
        raise SurprisingAnswer(CONTENTS, f"the course cannot be read: {type(error).__name__}: {error}") from error
    untold = {part.cmid for part in parts if not _read_kind(part)}
    return course, parts, untold | reading.silent_modules


def _people(reading: Reading, course: Mapping[str, Any]) -> list[int] | None:
    found: list[list[int] | None] = [None]
    reading.survives(None, "people", lambda: found.append(read_people(reading, course)))
    return found[-1]


def _read_work(reading: Reading, parts: list[ModulePart], people: list[int]) -> Iterator[bool]:
    """Add what people did; tells of each part whether the site told it."""
    for part in parts:
        if part.module["modname"] == "quiz":
            read = partial(read_attempts, reading, part.cmid, part.instance_id, people)
            reading.survives(part.cmid, part.home.title, read)
    yield _heard(reading, "grades", partial(read_gradebook, reading))
    for user_id in people:
        yield _heard(reading, f"completion by person {user_id}", partial(read_completion, reading, user_id))


def _heard(reading: Reading, what: str, read: Callable[[], bool]) -> bool:
    told: list[bool] = []
    return reading.survives(None, what, lambda: told.append(read())) and told[0]


def _read_modules(
    reading: Reading,
    contents: list[Mapping[str, Any]],
    known: Mapping[int, Mapping[str, Any]],
    course: Mapping[str, Any],
) -> list[ModulePart]:
    """Add every module's row; returns the modules with what the function of their kind says."""
    told = _bodies(reading, {module["modname"] for section in contents for module in section["modules"]})
    forced = {"groupmode": course.get("groupmode") or 0} if course.get("groupmodeforce") else {}
    parts = []
    for section in contents:
        for module in section["modules"]:
            body = told.get(module["id"], {})
            home = read_module_row(reading, module, body, known.get(module["id"]), section)
            parts.append(ModulePart(reading, home, module | forced, body))
    return parts


def _read_kind(part: ModulePart) -> bool:
    """Add what only this kind of module holds; returns whether the site told of it."""
    modname = part.module["modname"]
    if modname in KINDS and not part.body:
        return False

    def read() -> None:
        read_intro(part)
        if modname in KINDS:
            KINDS[modname][2](part)

    return part.reading.survives(part.cmid, part.home.title, read)


def _bodies(reading: Reading, modnames: set[str]) -> dict[int, Mapping[str, Any]]:
    """What the function of each kind says of its modules, by cmid."""
    found: dict[int, Mapping[str, Any]] = {}
    for modname in sorted(modnames & KINDS.keys()):
        function, name, _ = KINDS[modname]
        answer = reading.ask(function, courseids=[reading.course.course_id], **ALSO.get(modname, {}))
        if modname == "assign":
            bodies = [body for course in (answer or {"courses": []})["courses"] for body in course[name]]
        else:
            bodies = (answer[name] if name else answer) if answer else []
        found |= {body.get("coursemodule") or body["cmid"]: body for body in bodies}
    return found
