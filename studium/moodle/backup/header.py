"""What a backup says of itself in moodle_backup.xml: whose course it is, when it was made, and what it holds."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from lxml.etree import _Element as Element

from studium.moodle.backup.xml import number, optional_root, text
from studium.moodle.errors import DamagedBackupError, NotABackupError, UnsafeBackupError, UnsupportedBackupError

DIRECTORY = re.compile(r"(activities|sections)/[A-Za-z0-9_]+")
KINDS = {"activity": "a single activity", "section": "a single section"}
CHOICES = {
    "role_assignments": ("role_assignments",),
    "groups": ("groups", "group_members", "groupings", "grouping_groups"),
    "userscompletion": ("completions", "course_completions"),
    "questionbank": ("questions", "question_answers"),
}
"""What can be left out of a backup by a setting of its own, and the tables that then say nothing."""


@dataclass(frozen=True)
class Activity:
    """An activity as the table of contents lists it."""

    cmid: int
    section_id: int
    modname: str
    title: str
    directory: str
    tells_people: bool
    """Whether its learners' work is in the backup."""


@dataclass(frozen=True)
class Header:
    """The facts of a backup that need nothing else to be read."""

    wwwroot: str
    identifier_hash: str | None
    release: str | None
    course_id: int
    context_id: int | None
    backup_at: datetime
    tells_people: bool
    holds_files: bool
    """Whether the bytes of the files it lists were put into it."""
    untold: tuple[str, ...]
    """Tables of `raw` that whoever made the backup chose to leave out."""
    activities: tuple[Activity, ...]
    sections: tuple[str, ...]


def read_header(folder: Path) -> Header:
    """Read the header of an unpacked backup.

    Raises:
        BackupError: it is no course backup, or one that does not say where it comes from.
    """
    if (folder / "moodle.xml").is_file() and not (folder / "moodle_backup.xml").is_file():
        raise UnsupportedBackupError("this backup was made by Moodle 1.9 or older; restore it in a newer one first")
    root = optional_root(folder, "moodle_backup.xml")
    information = root.find("information") if root is not None else None
    if information is None:
        raise NotABackupError("the archive holds no moodle_backup.xml, so it is no Moodle backup")
    _refuse_other_kinds(information)
    settings = {text(s, "name") or "": text(s, "value") for s in information.iterfind("settings/setting")}
    people = settings.get("users") != "0"
    return Header(
        wwwroot=_wwwroot(information),
        identifier_hash=text(information, "original_site_identifier_hash") or None,
        release=text(information, "moodle_release"),
        course_id=_whole(information, "original_course_id"),
        context_id=number(information, "original_course_contextid") or None,
        backup_at=_made_at(information),
        tells_people=people,
        holds_files=text(information, "include_files") != "0",
        untold=tuple(table for setting, tables in CHOICES.items() if settings.get(setting) == "0" for table in tables),
        activities=tuple(_activity(a, settings, people) for a in information.iterfind("contents/activities/activity")),
        sections=tuple(_directory(s) for s in information.iterfind("contents/sections/section")),
    )


def _refuse_other_kinds(information: Element) -> None:
    detail = information.find("details/detail")
    kind, form = text(detail, "type") or "course", text(detail, "format") or "moodle2"
    if kind != "course":
        raise UnsupportedBackupError(f"this is a backup of {KINDS.get(kind, kind)}, not of a course")
    if form != "moodle2":
        raise UnsupportedBackupError(f"this is a backup in the format {form!r}; Moodle's own format is needed")


def _activity(element: Element, settings: dict[str, str | None], people: bool) -> Activity:
    directory = _directory(element)
    modname = text(element, "modulename") or ""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", modname):
        raise DamagedBackupError(f"moodle_backup.xml lists an activity of the kind {modname!r}")
    return Activity(
        cmid=_whole(element, "moduleid"),
        section_id=_whole(element, "sectionid"),
        modname=modname,
        title=text(element, "title") or modname,
        directory=directory,
        tells_people=people and settings.get(f"{directory.partition('/')[2]}_userinfo") != "0",
    )


def _directory(element: Element) -> str:
    directory = text(element, "directory") or ""
    if not DIRECTORY.fullmatch(directory):
        raise UnsafeBackupError(f"moodle_backup.xml sends readers to {directory!r}")
    return directory


def _whole(element: Element, name: str) -> int:
    value = text(element, name) or ""
    if not (value.isdecimal() and 0 < int(value) < 2**63):
        raise DamagedBackupError(f"moodle_backup.xml says {value!r} where a number belongs: {name}")
    return int(value)


def _made_at(information: Element) -> datetime:
    try:
        return datetime.fromtimestamp(_whole(information, "backup_date"), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise DamagedBackupError("moodle_backup.xml does not say when the backup was made") from error


def _wwwroot(information: Element) -> str:
    wwwroot = (text(information, "original_wwwroot") or "").rstrip("/")
    try:
        parts = urlsplit(wwwroot)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc or re.search(r"[\s\"'<>]", wwwroot):
        raise DamagedBackupError(f"moodle_backup.xml names no site the course comes from, but {wwwroot!r}")
    return wwwroot
