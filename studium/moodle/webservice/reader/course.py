"""Reads the course, its sections and the row of every module. What only one kind of module holds is read elsewhere."""

import json
from collections.abc import Mapping
from typing import Any

from studium.moodle.backup.modules import DATES, LAST_SECOND, ON_COURSE_PAGE, USUAL_DATES
from studium.moodle.backup.reading import Home
from studium.moodle.records.course import Course, Module, Section
from studium.moodle.records.fields import UNREADABLE, availability
from studium.moodle.webservice.errors import SurprisingAnswer
from studium.moodle.webservice.reader.reading import Reading, plain

STATE = "core_courseformat_get_state"


def read_course_row(reading: Reading) -> Mapping[str, Any]:
    """Add the course's own row and its summary; returns what the site says of the course."""
    course_id, function = reading.course.course_id, "core_course_get_courses_by_field"
    found = reading.answers.get(function, field="id", value=course_id)["courses"]
    course: Mapping[str, Any] = next((one for one in found if one.get("id") == course_id), {})
    name = plain(course.get("fullname")) or plain(course.get("shortname")) or f"Course {course_id}"
    summary = reading.html(course.get("summary"), course.get("summaryformat"))
    reading.harvest.add(
        Course,
        shortname=plain(course.get("shortname")) or name,
        fullname=name,
        summary=summary or None,
        idnumber=course.get("idnumber") or _idnumber(reading),
        category=plain(course.get("categoryname")) or None,
        format=course.get("format"),
        language=course.get("lang") or None,
        start_at=course.get("startdate"),
        end_at=course.get("enddate"),
        is_visible=course.get("visible", 0),
        hidden_sections_mode=_hidden_sections_mode(course),
        group_mode=course.get("groupmode") or 0,
        group_mode_forced=course.get("groupmodeforce") or 0,
        default_grouping_id=course.get("defaultgroupingid"),
        completion_enabled=course.get("enablecompletion") or 0,
        backup_sha256=reading.answers.sha256,
        backup_at=reading.at,
    )
    if not course or not reading.harvest.rows["courses"]:
        why = reading.harvest.refusals[-1].detail if reading.harvest.refusals else "it is not in the list"
        raise SurprisingAnswer(function, f"the course cannot be read: {why}")
    home = Home(name, reading.url(f"/course/view.php?id={course_id}"))
    reading.add_text(home, "course", summary)
    reading.add_files(home, "course", course.get("summaryfiles") or [], with_pictures=False)
    return course


def _idnumber(reading: Reading) -> str | None:
    """The catalogue gives it to those who may change the course; the gradebook's report to all who may read that."""
    report = reading.ask("gradereport_user_get_grade_items", courseid=reading.course.course_id)
    people = report["usergrades"] if report else []
    return people[0].get("courseidnumber") or None if people else None


def _hidden_sections_mode(course: Mapping[str, Any]) -> int | None:
    for option in course.get("courseformatoptions") or []:
        if option.get("name") == "hiddensections" and str(option.get("value")).isdecimal():
            return int(option["value"])
    return None


def read_state(reading: Reading) -> dict[str, dict[int, Mapping[str, Any]]]:
    """What the course page knows of sections and modules by id: whether anything restricts them."""
    text = reading.ask(STATE, courseid=reading.course.course_id)
    state = json.loads(text) if isinstance(text, str) else {}
    return {kind: {int(one["id"]): one for one in state.get(kind, [])} for kind in ("section", "cm")}


def read_sections(reading: Reading, contents: list[Mapping[str, Any]], known: Mapping[int, Mapping[str, Any]]) -> None:
    """Add the sections with their summaries."""
    owners = {
        (f"mod_{module['modname']}", module["instance"]): module["id"]
        for section in contents
        for module in section["modules"]
    }
    for section in contents:
        _add_section(reading, section, known.get(section["id"]), owners)


def _add_section(
    reading: Reading,
    section: Mapping[str, Any],
    known: Mapping[str, Any] | None,
    owners: Mapping[tuple[str, int], int],
) -> None:
    section_id, number, course_id = section["id"], section["section"], reading.course.course_id
    name = plain(section.get("name")) or ("General" if number == 0 else f"Section {number}")
    component, item_id = section.get("component") or None, section.get("itemid")
    summary = reading.html(section.get("summary"), section.get("summaryformat"))
    reading.harvest.add(
        Section,
        section_id=section_id,
        number=number,
        name=name,
        summary=summary or None,
        is_visible=section.get("visible", 0),
        availability=_section_availability(section, known),
        component=component,
        item_id=item_id,
        parent_module=owners.get((component, item_id)) if component and item_id else None,
        sequence=[module["id"] for module in section["modules"]],
    )
    home = Home(name, reading.url(f"/course/view.php?id={course_id}#section-{number}"), section_id=section_id)
    reading.add_text(home, f"section:{section_id}", summary)


def _section_availability(section: Mapping[str, Any], known: Mapping[str, Any] | None) -> object:
    """A section's conditions are told to nobody: where there are any, or could be, no student passes."""
    if known is None or known.get("hasrestrictions", True) or section.get("availabilityinfo"):
        return UNREADABLE
    return None


def read_module_row(
    reading: Reading,
    module: Mapping[str, Any],
    body: Mapping[str, Any],
    known: Mapping[str, Any] | None,
    section: Mapping[str, Any],
) -> Home:
    """Add the row every module has; returns where its materials belong."""
    name = plain(module.get("name")) or str(module["modname"])
    home = Home(name, reading.url(_path(reading, module)), cmid=module["id"], section_id=section["id"])
    dates = _dates(module, body)
    opens, closes, due = (_date(dates.get(key)) for key in DATES.get(module["modname"], USUAL_DATES))
    reading.harvest.add(
        Module,
        cmid=module["id"],
        section_id=section["id"],
        modname=module["modname"],
        instance_id=module["instance"],
        name=name,
        position=[one["id"] for one in section["modules"]].index(module["id"]) + 1,
        is_visible=module.get("visible", 0),
        is_visible_on_page=module.get("visibleoncoursepage", 0),
        group_mode=module.get("groupmode") or 0,
        grouping_id=body.get("groupingid"),
        availability=_availability(module, known),
        completion_mode=module.get("completion") or 0,
        opens_at=opens,
        closes_at=closes,
        due_at=due or closes,
        url=home.url,
    )
    return home


def _availability(module: Mapping[str, Any], known: Mapping[str, Any] | None) -> object:
    """The conditions as Moodle keeps them, or one nobody passes where they are kept from us."""
    tree = module.get("availability")
    if tree:
        return availability(str(tree))
    is_told = "availability" in module and not module.get("availabilityinfo")
    return None if is_told and not (known or {}).get("hascmrestrictions") else UNREADABLE


def _dates(module: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    shown = {date.get("dataid"): date.get("timestamp") for date in module.get("dates") or []}
    return shown | {name: value for name, value in body.items() if isinstance(value, int)}


def _date(value: object) -> int | None:
    seconds = int(str(value)) if str(value).isdecimal() else 0
    return seconds if 0 < seconds < LAST_SECOND else None


def _path(reading: Reading, module: Mapping[str, Any]) -> str:
    """Where Moodle shows the module: on a page of its own, or on the course's."""
    if module["modname"] in ON_COURSE_PAGE:
        return f"/course/view.php?id={reading.course.course_id}#module-{module['id']}"
    return f"/mod/{module['modname']}/view.php?id={module['id']}"
