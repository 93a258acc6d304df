"""Reads the modules of a course: the row every module has, whatever its kind, its intro and its dates.

What only one kind holds (attempts, posts, chapters) is read by the functions in `KINDS`.
"""

import re
from functools import partial

from lxml.etree import _Element as Element

from studium.moodle.backup.activities import read_assignment, read_choice, read_forum
from studium.moodle.backup.course import SEPARATE_GROUPS
from studium.moodle.backup.header import Activity
from studium.moodle.backup.people import read_completions, read_grades
from studium.moodle.backup.quiz import read_attempt, read_quiz, read_slot
from studium.moodle.backup.reading import Home, ModulePart, Reading
from studium.moodle.backup.things import (
    read_book,
    read_folder,
    read_glossary,
    read_label,
    read_page,
    read_resource,
    read_url,
)
from studium.moodle.backup.xml import identity, number, root, streamed_root, text
from studium.moodle.records.course import Module
from studium.moodle.records.fields import availability

KINDS = {
    "assign": read_assignment,
    "book": read_book,
    "choice": read_choice,
    "folder": read_folder,
    "forum": read_forum,
    "glossary": read_glossary,
    "label": read_label,
    "page": read_page,
    "quiz": read_quiz,
    "resource": read_resource,
    "url": read_url,
}
PIECES = {"quiz": {"attempt": read_attempt, "question_instance": read_slot}}
"""Elements read one by one, before the rest of their file: a quiz of a large course is hundreds of megabytes."""

DATES = {
    "assign": ("allowsubmissionsfromdate", "cutoffdate", "duedate"),
    "data": ("timeavailablefrom", "timeavailableto", "timeavailableto"),
    "forum": ("", "cutoffdate", "duedate"),
    "lesson": ("available", "deadline", "deadline"),
    "workshop": ("submissionstart", "assessmentend", "submissionend"),
    "bigbluebuttonbn": ("openingtime", "closingtime", ""),
}
"""Where a kind keeps when it opens, closes and is due; the others that have dates use the same names as a quiz."""
USUAL_DATES = ("timeopen", "timeclose", "timeclose")

LAST_SECOND = 253402300800
"""The year 10,000 begins."""

WITHOUT_INTRO = {"label", "qbank", "subsection"}
"""A label's intro is the label itself; a question bank's and a subsection's are shown to no learner."""
ON_COURSE_PAGE = {"label", "subsection"}
INTRO_BY_CHOICE = {"page", "resource", "url"}
"""Their page shows the intro only when an option says so."""


def read_module(reading: Reading, activity: Activity, course: Element, order: list[int]) -> None:
    """Add one module with everything that hangs on it."""
    settings = root(reading.folder, f"{activity.directory}/module.xml")
    holder = _holder(reading, activity)
    body = None if holder is None else holder.find(activity.modname)
    home = Home(
        title=text(body, "name") or activity.title,
        url=reading.url(_path(reading, activity)),
        cmid=activity.cmid,
        section_id=activity.section_id,
    )
    place = order.index(activity.cmid) if activity.cmid in order else len(order)
    _add_row(reading, activity, home, settings, holder, place + 1)
    forced = text(course, "groupmodeforce") == "1"
    if text(course if forced else settings, "groupmode") == SEPARATE_GROUPS:
        reading.separate_groups.add(activity.cmid)
    read_grades(reading, f"{activity.directory}/grades.xml", activity.cmid)
    read_completions(reading, f"{activity.directory}/completion.xml", activity.cmid)
    if holder is not None and body is not None:
        part = ModulePart(reading, home, body, identity(holder), identity(holder, "contextid") or None)
        _read_intro(part, activity.modname, settings)
        KINDS.get(activity.modname, lambda _: None)(part)


def _holder(reading: Reading, activity: Activity) -> Element | None:
    """The element around what only this kind of module has; a kind we cannot read may keep it elsewhere."""
    name = f"{activity.directory}/{activity.modname}.xml"
    if activity.modname not in KINDS and not (reading.folder / name).is_file():
        return None
    pieces = PIECES.get(activity.modname, {})
    return streamed_root(
        reading.folder, name, {tag: partial(read, reading, activity.cmid) for tag, read in pieces.items()}
    )


def _add_row(
    reading: Reading, activity: Activity, home: Home, settings: Element, holder: Element | None, position: int
) -> None:
    body = None if holder is None else holder.find(activity.modname)
    opens, closes, due = (_date(body, name) for name in DATES.get(activity.modname, USUAL_DATES))
    reading.harvest.add(
        Module,
        cmid=activity.cmid,
        section_id=activity.section_id,
        modname=activity.modname,
        instance_id=None if holder is None else identity(holder),
        name=home.title,
        idnumber=text(settings, "idnumber") or None,
        position=position,
        is_visible=text(settings, "visible") or "1",
        is_visible_on_page=text(settings, "visibleoncoursepage") or "1",
        group_mode=text(settings, "groupmode") or 0,
        grouping_id=text(settings, "groupingid"),
        availability=availability(text(settings, "availability")),
        completion_mode=text(settings, "completion") or 0,
        completion_expected_at=text(settings, "completionexpected"),
        added_at=text(settings, "added"),
        opens_at=opens,
        closes_at=closes,
        due_at=due or closes,
        url=home.url,
    )


def _date(body: Element | None, name: str) -> int | None:
    """A date; None where a plugin keeps something else under the name."""
    seconds = number(body, name) if name else 0
    return seconds if 0 < seconds < LAST_SECOND else None


def _path(reading: Reading, activity: Activity) -> str:
    """Where Moodle shows the module: on a page of its own, or on the course's."""
    if activity.modname in ON_COURSE_PAGE:
        return f"/course/view.php?id={reading.header.course_id}#module-{activity.cmid}"
    return f"/mod/{activity.modname}/view.php?id={activity.cmid}"


def _read_intro(part: ModulePart, modname: str, settings: Element) -> None:
    """Add the description as a material where Moodle shows it to learners."""
    if modname in WITHOUT_INTRO:
        return
    options = text(part.body, "displayoptions") or ""
    on_page = re.search(r'"printintro";(i:1|b:1|s:1:"1")', options) is not None
    if modname in INTRO_BY_CHOICE and not on_page and text(settings, "showdescription") != "1":
        return
    opens = number(part.body, "allowsubmissionsfromdate")
    waits = modname == "assign" and text(part.body, "alwaysshowdescription") == "0"
    if waits and opens > part.reading.header.backup_at.timestamp():
        return
    place, key = part.place("intro"), f"{modname}:{part.cmid}:intro"
    part.reading.add_text(part.home, key, part.reading.html(part.body, "intro", place), time_modified=part.modified_at)
    for area in ("intro", "introattachment"):
        part.reading.add_files(part.home, key, part.place(area, 0), with_pictures=False)
