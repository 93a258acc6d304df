"""Backups for tests: the recorded ones unpacked to be changed, and tiny ones written from scratch."""

import tarfile
import zipfile
from io import BytesIO
from pathlib import Path

import polars as pl

from studium.moodle.backup.archive import unpack
from studium.moodle.backup.reader import read_backup
from studium.moodle.harvest import CourseRecords

ROOT = Path(__file__).parents[1]
CVS201 = ROOT / "examples/cvs201/backup-moodle2-course-2-cvs201-20261122-0135.mbz"
PHA203 = ROOT / "tests/data/moodle/backup-moodle2-course-4-pha203-20261122-0136.mbz"
WWWROOT = "https://moodle.example.test"


def opened(backup: Path, folder: Path) -> Path:
    """A recorded backup, unpacked to be changed."""
    folder.mkdir(exist_ok=True)
    unpack(backup, folder)
    return folder


def edit(folder: Path, name: str, old: str, new: str, count: int = -1) -> None:
    """Change a file of an unpacked backup; the old text must be there."""
    path = folder / name
    text = path.read_text()
    assert old in text, f"{name} does not hold {old!r}"
    path.write_text(text.replace(old, new, count))


def add_activity(folder: Path, modname: str, cmid: int, section: int, body: str | None, **files: str) -> None:
    """Add an activity to an unpacked backup, as Moodle 4.5 writes one; `files` are its other files by name."""
    directory = f"activities/{modname}_{cmid}"
    module = (
        f"<module id='{cmid}'><visible>1</visible><completion>2</completion><sectionid>{section}</sectionid></module>"
    )
    around = f"<activity id='{cmid}' moduleid='{cmid}' modulename='{modname}' contextid='{cmid + 5000}'>"
    written = {"module": module, **files}
    if body is not None:
        written[modname] = f"{around}<{modname} id='{cmid}'>{body}</{modname}></activity>"
    (folder / directory).mkdir()
    for name, text in written.items():
        (folder / directory / f"{name}.xml").write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}')
    listed = (
        f"<activity><moduleid>{cmid}</moduleid><sectionid>{section}</sectionid><modulename>{modname}</modulename>"
        f"<title>{modname} {cmid}</title><directory>{directory}</directory></activity></activities>"
    )
    edit(folder, "moodle_backup.xml", "</activities>", listed)
    edit(folder, f"sections/section_{section}/section.xml", "</sequence>", f",{cmid}</sequence>")


def as_tar(folder: Path, path: Path) -> Path:
    """Pack a folder as Moodle does."""
    with tarfile.open(path, "w:gz") as archive:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            archive.add(file, file.relative_to(folder).as_posix())
    return path


def as_zip(folder: Path, path: Path) -> Path:
    """Pack a folder as older Moodles do."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            archive.write(file, file.relative_to(folder).as_posix())
    return path


def tar_of(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    """A tar.gz of these members."""
    with tarfile.open(path, "w:gz") as archive:
        for member, data in members:
            member.size = len(data)
            archive.addfile(member, BytesIO(data))
    return path


def read(folder: Path) -> CourseRecords:
    """The records of an unpacked backup."""
    return read_backup(folder, "example", "0" * 64)


def texts(records: CourseRecords) -> dict[str, str]:
    """What the HTML materials say, by key."""
    return {
        row["material_key"]: records.contents[row["object_path"]].decode()
        for row in records.tables["materials"].filter(pl.col("media_type") == "text/html").rows(named=True)
        if isinstance(records.contents[row["object_path"]], bytes)
    }


def reasons(records: CourseRecords) -> dict[str, list[str]]:
    """Why rows were refused, by table."""
    return {table: frame["reason"].to_list() for table, frame in records.refused.items()}


class Tiny:
    """A course backup written by hand, with as little in it as a Moodle of any version would write."""

    def __init__(self, folder: Path, *, users: bool = True) -> None:
        self.folder, self.users = folder, users
        self.activities: list[str] = []
        self.cmids: list[int] = []
        self.write("course/course.xml", '<course id="9"><shortname>T1</shortname><fullname>Tiny</fullname></course>')
        self.write("users.xml", "<users>" + "".join(f'<user id="{n}"/>' for n in (1, 2, 3)) + "</users>")

    def write(self, name: str, text: str) -> None:
        """Write one of its files."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}')

    def add(self, modname: str, cmid: int, body: str | None, settings: str = "", title: str = "A title") -> None:
        """Add an activity; without a body, Moodle (or a plugin) wrote no file of its own for it."""
        directory = f"activities/{modname}_{cmid}"
        self.cmids.append(cmid)
        self.activities.append(
            f"<activity><moduleid>{cmid}</moduleid><sectionid>5</sectionid><modulename>{modname}</modulename>"
            f"<title>{title}</title><directory>{directory}</directory></activity>"
        )
        self.write(f"{directory}/module.xml", f'<module id="{cmid}">{settings}</module>')
        if body is not None:
            inner = f'<{modname} id="{cmid + 100}">{body}</{modname}>'
            around = f'<activity id="{cmid + 100}" moduleid="{cmid}" modulename="{modname}" contextid="{cmid + 200}">'
            self.write(f"{directory}/{modname}.xml", f"{around}{inner}</activity>")

    def finish(self, settings: str = "", information: str = "") -> Path:
        """Write the table of contents; returns the folder."""
        sequence = ",".join(map(str, self.cmids))
        self.write(
            "sections/section_5/section.xml",
            f'<section id="5"><number>1</number><name>Week 1</name><sequence>{sequence}</sequence></section>',
        )
        users = f"<setting><level>root</level><name>users</name><value>{int(self.users)}</value></setting>"
        self.write(
            "moodle_backup.xml",
            f"<moodle_backup><information>{information}<backup_date>1700000000</backup_date>"
            f"<original_wwwroot>{WWWROOT}</original_wwwroot><original_course_id>9</original_course_id>"
            f"<contents><activities>{''.join(self.activities)}</activities><sections><section><sectionid>5</sectionid>"
            "<directory>sections/section_5</directory></section></sections></contents>"
            f"<settings>{users}{settings}</settings></information></moodle_backup>",
        )
        return self.folder
