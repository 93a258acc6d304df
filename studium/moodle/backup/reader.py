"""Reads a course backup into typed records: from an unpacked folder, touching neither store nor database."""

from pathlib import Path

import polars as pl

from studium.moodle.backup.course import read_course, read_sections
from studium.moodle.backup.header import Header, read_header
from studium.moodle.backup.modules import read_module
from studium.moodle.backup.people import (
    read_course_completions,
    read_enrolments,
    read_grades,
    read_groups,
    read_roles,
    read_users,
)
from studium.moodle.backup.questions import read_questions
from studium.moodle.backup.reading import Reading, read_files
from studium.moodle.harvest import CourseRecords, Harvest, Silence
from studium.moodle.keys import CourseKey


def read_backup(folder: Path, site_id: str, sha256: str) -> CourseRecords:
    """Read an unpacked backup. Paths among the contents lie in `folder`.

    Raises:
        BackupError: when a part is missing or unreadable. A single bad row is no reason: it is among the refused.
    """
    header = read_header(folder)
    harvest = Harvest(site_id, header.course_id)
    reading = Reading(folder, header, harvest)
    read_files(reading)
    course = read_course(reading, sha256)
    orders = read_sections(reading, course)
    for activity in header.activities:
        read_module(reading, activity, course, orders.get(activity.section_id, []))
    for read in (read_users, read_enrolments, read_roles, read_groups, read_course_completions, read_questions):
        read(reading)
    read_grades(reading, "gradebook.xml")
    harvest.settle()
    return CourseRecords(
        course=CourseKey(site_id, header.course_id),
        sha256=sha256,
        backup_at=header.backup_at,
        tables=_with_subsections(harvest.frames()),
        refused=harvest.refused_frames(),
        contents=reading.contents,
        silence=_silence(header, orders),
    )


def _with_subsections(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Name the module that shows each delegated section."""
    owners = tables["modules"].select(
        pl.concat_str(pl.lit("mod_"), "modname").alias("component"),
        "instance_id",
        pl.col("cmid").alias("parent_module"),
    )
    sections = tables["sections"]
    told = sections.drop("parent_module").join(
        owners.unique(["component", "instance_id"]),
        left_on=["component", "item_id"],
        right_on=["component", "instance_id"],
        how="left",
        maintain_order="left",
    )
    return tables | {"sections": told.select(sections.columns)}


def _silence(header: Header, orders: dict[int, list[int]]) -> Silence:
    told = {activity.cmid for activity in header.activities}
    return Silence(
        people=not header.tells_people,
        modules=tuple(sorted({cmid for order in orders.values() for cmid in order} - told)),
        work=tuple(sorted(activity.cmid for activity in header.activities if not activity.tells_people)),
        tables=header.untold,
    )
