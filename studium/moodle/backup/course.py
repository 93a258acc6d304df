"""Reads the course and its sections. Modules and people have readers of their own."""

from lxml.etree import _Element as Element

from studium.moodle.backup.reading import Home, Reading
from studium.moodle.backup.section_names import shown_name
from studium.moodle.backup.texts import Place
from studium.moodle.backup.xml import identity, number, root, text
from studium.moodle.errors import DamagedBackupError
from studium.moodle.records.course import Course, Section
from studium.moodle.records.fields import availability

SEPARATE_GROUPS = "1"


def read_course(reading: Reading, sha256: str) -> Element:
    """Add the course's own row and its summary; returns the element for what modules inherit from it."""
    header = reading.header
    course = root(reading.folder, "course/course.xml")
    place = Place(header.context_id, "course", "summary")
    name = text(course, "fullname") or text(course, "shortname") or f"Course {header.course_id}"
    summary = reading.html(course, "summary", place)
    reading.harvest.add(
        Course,
        shortname=text(course, "shortname") or name,
        fullname=name,
        summary=summary or None,
        idnumber=text(course, "idnumber") or None,
        category=text(course, "category/name"),
        format=text(course, "format"),
        language=text(course, "lang") or None,
        start_at=text(course, "startdate"),
        end_at=text(course, "enddate"),
        is_visible=text(course, "visible") or "1",
        hidden_sections_mode=_hidden_sections_mode(course),
        group_mode=text(course, "groupmode") or 0,
        group_mode_forced=text(course, "groupmodeforce") or "0",
        default_grouping_id=text(course, "defaultgroupingid"),
        completion_enabled=text(course, "enablecompletion") or "0",
        backup_sha256=sha256,
        backup_at=header.backup_at,
    )
    if not reading.harvest.rows["courses"]:
        raise DamagedBackupError(f"course/course.xml cannot be read: {reading.harvest.refusals[-1].detail}")
    home = Home(name, reading.url(f"/course/view.php?id={header.course_id}"))
    modified = text(course, "timemodified")
    reading.add_text(home, "course", summary, time_modified=modified)
    reading.add_files(home, "course", place_of_files(place), with_pictures=False, time_modified=modified)
    return course


def place_of_files(place: Place) -> Place:
    """Where files.xml lists the files of a place: item 0 when its address names none."""
    return Place(place.context_id, place.component, place.area, place.item_id or 0)


def _hidden_sections_mode(course: Element) -> int | None:
    """What the course's own format says; options of a format it had before are still in the backup."""
    for option in course.iterfind("courseformatoptions/courseformatoption"):
        is_its_own = text(option, "format") in (None, text(course, "format"))
        if is_its_own and text(option, "name") == "hiddensections":
            return _whole(option, "value")
    return _whole(course, "hiddensections")


def _whole(element: Element, name: str) -> int | None:
    """A whole number; None for what a plugin writes in words."""
    return number(element, name) if (text(element, name) or "").isdecimal() else None


def read_sections(reading: Reading, course: Element) -> dict[int, list[int]]:
    """Add the sections with their summaries; returns the order of modules in each."""
    orders: dict[int, list[int]] = {}
    for directory in reading.header.sections:
        section = root(reading.folder, f"{directory}/section.xml")
        section_id = identity(section)
        orders[section_id] = [int(part) for part in (text(section, "sequence") or "").split(",") if part.isdecimal()]
        shown = shown_name(text(course, "format"), number(course, "startdate"), number(section, "number"))
        _add_section(reading, section, text(section, "name") or shown, orders[section_id])
    return orders


def _add_section(reading: Reading, section: Element, name: str, sequence: list[int]) -> None:
    section_id, position = identity(section), text(section, "number") or "0"
    place = Place(reading.header.context_id, "course", "section", section_id)
    summary = reading.html(section, "summary", place)
    reading.harvest.add(
        Section,
        section_id=section_id,
        number=position,
        name=name,
        summary=summary or None,
        is_visible=text(section, "visible") or "1",
        availability=availability(text(section, "availabilityjson")),
        component=text(section, "component") or None,
        item_id=text(section, "itemid"),
        sequence=sequence,
        modified_at=text(section, "timemodified"),
    )
    url = reading.url(f"/course/view.php?id={reading.header.course_id}#section-{position}")
    home = Home(name, url, section_id=section_id)
    modified = text(section, "timemodified")
    reading.add_text(home, f"section:{section_id}", summary, time_modified=modified)
    reading.add_files(home, f"section:{section_id}", place, with_pictures=False, time_modified=modified)
