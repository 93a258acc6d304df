"""Reads the gradebook, as its report tells it, and what has been completed."""

from collections.abc import Mapping
from typing import Any

from studium.moodle.backup.people import TOTALS
from studium.moodle.records.people import Completion, CourseCompletion, Grade, GradeItem
from studium.moodle.webservice.reader.derived import derived_id
from studium.moodle.webservice.reader.reading import Reading, plain

VALUE, SCALE = 1, 2
"""Kinds of grades; the report leaves the others out."""


def read_gradebook(reading: Reading) -> bool:
    """Add the columns and the cells with something in them; returns whether the site told."""
    answer = reading.ask_about_table(Grade, "gradereport_user_get_grade_items", courseid=reading.course.course_id)
    if answer is None:
        reading.silent_tables.add(GradeItem.table)
    people = answer["usergrades"] if answer else []
    columns: dict[int, list[Mapping[str, Any]]] = {}
    for person in people:
        for cell in person["gradeitems"]:
            columns.setdefault(cell["id"], []).append(cell)
    for position, cells in enumerate(columns.values(), start=1):
        _add_item(reading, cells, position)
    for person in people:
        for cell in person["gradeitems"]:
            if cell.get("graderaw") is not None or cell.get("feedback"):
                _add_grade(reading, person["userid"], cell)
    return answer is not None


def _add_item(reading: Reading, cells: list[Mapping[str, Any]], position: int) -> None:
    cell = cells[0]
    is_total = cell["itemtype"] in TOTALS
    most = [c["grademax"] for c in cells if c.get("grademax") is not None]
    reading.harvest.add(
        GradeItem,
        cmid=cell.get("cmid"),
        grade_item_id=cell["id"],
        item_type=cell["itemtype"],
        item_module=cell.get("itemmodule"),
        item_instance=cell.get("iteminstance"),
        item_number=cell.get("itemnumber"),
        name=plain(cell.get("itemname")) or None,
        category_id=cell.get("categoryid"),
        grade_type=SCALE if cell.get("scaleid") else VALUE,
        # of a total each person is told what they could have reached
        grade_max=max(most, default=None) if is_total else cell.get("grademax"),
        grade_min=cell.get("grademin"),
        scale_id=cell.get("scaleid"),
        is_hidden=all(c.get("gradeishidden") for c in cells),
        position=position,
    )


def _add_grade(reading: Reading, user_id: int, cell: Mapping[str, Any]) -> None:
    reading.harvest.add(
        Grade,
        cmid=cell.get("cmid"),
        grade_id=derived_id("grade", reading.course.site_id, cell["id"], user_id),
        grade_item_id=cell["id"],
        user_id=user_id,
        final_grade=cell.get("graderaw"),
        grade_max=cell.get("grademax") if cell["itemtype"] in TOTALS else None,
        feedback=reading.linked(cell.get("feedback") or None),
        is_hidden=cell.get("gradeishidden") or False,
        is_overridden=cell.get("gradeisoverridden") or False,
        graded_at=cell.get("gradedategraded"),
    )


def read_completion(reading: Reading, user_id: int) -> bool:
    """Add what one person has completed; returns whether the site told of the modules."""
    asked = {"courseid": reading.course.course_id, "userid": user_id}
    answer = reading.ask("core_completion_get_activities_completion_status", **asked)
    for status in answer["statuses"] if answer else []:
        if status.get("state"):
            reading.harvest.add(
                Completion,
                cmid=status["cmid"],
                user_id=user_id,
                state=status["state"],
                is_viewed=_is_viewed(status),
                completed_at=status.get("timecompleted"),
            )
    course = reading.ask_about_table(CourseCompletion, "core_completion_get_course_completion_status", **asked)
    if course is not None:
        _add_course_completion(reading, user_id, course["completionstatus"])
    return answer is not None


def _is_viewed(status: Mapping[str, Any]) -> bool:
    """Whether the module was seen; Moodle keeps that only where seeing it counts."""
    for detail in status.get("details") or []:
        if detail.get("rulename") == "completionview":
            return bool(detail["rulevalue"]["status"])
    return False


def _add_course_completion(reading: Reading, user_id: int, status: Mapping[str, Any]) -> None:
    parts = [part.get("timecompleted") or 0 for part in status.get("completions") or [] if part.get("complete")]
    last = max(parts, default=0)
    reading.harvest.add(CourseCompletion, user_id=user_id, completed_at=last if status.get("completed") else None)
