"""What every reader of a backup's parts is handed: the unpacked folder, the rows so far, its files and its texts."""

import hashlib
import mimetypes
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from lxml.etree import _Element as Element

from studium.moodle.backup.header import Header
from studium.moodle.backup.texts import Place, is_blank, to_html, with_links
from studium.moodle.backup.xml import each, text
from studium.moodle.harvest import Harvest, Reason
from studium.moodle.records.course import Material

AREAS = {"intro", "content", "chapter", "attachment", "post", "entry", "introattachment", "section", "summary"}
"""File areas of what a course shows; learners' submissions, answers and drafts are in others."""
HTML = "text/html"
MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


@dataclass(frozen=True)
class StoredFile:
    """A file as files.xml lists it."""

    path: str
    filename: str
    content_hash: str
    media_type: str
    modified_at: str | None
    is_elsewhere: bool


@dataclass(frozen=True)
class Home:
    """The module, section or course a material belongs to."""

    title: str
    url: str
    cmid: int | None = None
    section_id: int | None = None


class Materials:
    """What takes materials: their rows among the harvest, their bytes among the contents by object path."""

    harvest: Harvest
    contents: dict[str, bytes | Path]

    def _add(self, home: Home, key: str, content: bytes | Path, sha256: str, size: int, **facts: object) -> None:
        object_path = f"moodle/{self.harvest.site_id}/contents/{sha256}"
        self.contents[object_path] = content
        values: dict[str, object] = {
            "cmid": home.cmid,
            "section_id": home.section_id,
            "material_key": key,
            "title": home.title,
            "url": home.url,
            "byte_size": size,
            "content_sha256": sha256,
            "object_path": object_path,
        }
        self.harvest.add(Material, **(values | facts))


@dataclass
class Reading(Materials):
    """One backup being read."""

    folder: Path
    header: Header
    harvest: Harvest
    contents: dict[str, bytes | Path] = field(default_factory=dict)
    """What the materials' object paths stand for."""
    files: dict[Place, list[StoredFile]] = field(default_factory=lambda: defaultdict(list))
    separate_groups: set[int] = field(default_factory=set)
    """cmids whose groups must not see each other's discussions."""

    def url(self, path: str) -> str:
        """An address on the site."""
        return self.header.wwwroot + path

    def html(self, element: Element, name: str, place: Place | None, format_name: str | None = None) -> str:
        """A text of an element, as HTML with addresses in it."""
        form = text(element, format_name or f"{name}format")
        return with_links(to_html(text(element, name), form), self.header.wwwroot, self.header.course_id, place)

    def linked(self, value: str | None, place: Place | None = None) -> str | None:
        """A text that keeps its format, with addresses in it."""
        return value and with_links(value, self.header.wwwroot, self.header.course_id, place)

    def add_text(self, home: Home, key: str, html: str, **facts: object) -> None:
        """Add a piece of HTML as a material, if there is anything to read in it."""
        if is_blank(html):
            return
        data = html.encode()
        self._add(home, key, data, hashlib.sha256(data).hexdigest(), len(data), media_type=HTML, **facts)

    def add_files(self, home: Home, key: str, place: Place, *, with_pictures: bool, **facts: object) -> None:
        """Add the files of a place as materials; the pictures in a text are part of the text."""
        for file in self.files.get(place, []):
            if with_pictures or not file.media_type.startswith(("image/", "audio/", "video/")):
                named = {"heading": file.filename, **facts}
                self._add_file(home, f"{key}:file:{file.path}", file, **named)

    def _add_file(self, home: Home, key: str, file: StoredFile, **facts: object) -> None:
        path = self.folder / "files" / file.content_hash[:2] / file.content_hash
        if not path.is_file():
            left_out = file.is_elsewhere or not self.header.holds_files
            reason = Reason.BYTES_ELSEWHERE if left_out else Reason.DAMAGED_BYTES
            self._refuse(home, key, file, reason, "its bytes are not in the backup")
            return
        sha1, sha256 = _digests(path)
        if sha1 != file.content_hash:
            self._refuse(home, key, file, Reason.DAMAGED_BYTES, "its bytes are not those Moodle stored (SHA-1 differs)")
            return
        known = {"filename": file.filename, "media_type": file.media_type, "time_modified": file.modified_at}
        self._add(home, key, path, sha256, path.stat().st_size, **(known | facts))

    def _refuse(self, home: Home, key: str, file: StoredFile, reason: Reason, detail: str) -> None:
        values = {"cmid": home.cmid, "material_key": key, "filename": file.filename, "sha1": file.content_hash}
        self.harvest.refuse(Material, reason, f"{file.filename}: {detail}", values)


@dataclass(frozen=True)
class ModulePart:
    """What only one kind of module holds, with what its reader needs to add it."""

    reading: Reading
    home: Home
    body: Element
    instance_id: int
    context_id: int | None

    @property
    def cmid(self) -> int:
        """The module's id in the course."""
        return self.home.cmid or 0

    @property
    def modified_at(self) -> str | None:
        """When the module was last changed."""
        return text(self.body, "timemodified")

    @property
    def modname(self) -> str:
        """The kind of module."""
        return str(self.body.tag)

    def place(self, area: str, item_id: int | None = None) -> Place:
        """A file area of the module."""
        return Place(self.context_id, f"mod_{self.modname}", area, item_id)


def _digests(path: Path) -> tuple[str, str]:
    """Moodle's name for a content, and ours, in one reading."""
    sha1, sha256 = hashlib.sha1(usedforsecurity=False), hashlib.sha256()
    with path.open("rb") as source:
        while piece := source.read(1 << 20):
            sha1.update(piece)
            sha256.update(piece)
    return sha1.hexdigest(), sha256.hexdigest()


def read_files(reading: Reading) -> None:
    """Take in the list of the backup's files; a backup made without files has none."""
    if not (reading.folder / "files.xml").is_file():
        return
    for element in each(reading.folder, "files.xml", "file"):
        found = _stored_file(element)
        if found is not None:
            place, file = found
            reading.files[place].append(file)
    for files in reading.files.values():
        files.sort(key=lambda file: file.path)


def _stored_file(element: Element) -> tuple[Place, StoredFile] | None:
    area, name, content_hash = text(element, "filearea"), text(element, "filename"), text(element, "contenthash")
    context, item = text(element, "contextid") or "", text(element, "itemid") or "0"
    if area not in AREAS or name in (None, "", ".") or not re.fullmatch(r"[0-9a-f]{40}", content_hash or ""):
        return None
    if not (context.isdecimal() and item.isdecimal()):
        return None
    known = text(element, "mimetype") or ""
    guessed = mimetypes.guess_type(name or "")[0] or "application/octet-stream"
    file = StoredFile(
        path=f"{text(element, 'filepath') or '/'}{name}",
        filename=name or "",
        content_hash=content_hash or "",
        media_type=known if MEDIA_TYPE.match(known) else guessed,
        modified_at=text(element, "timemodified"),
        is_elsewhere=bool(text(element, "repositorytype") or text(element, "reference")),
    )
    return Place(int(context), text(element, "component") or "", area or "", int(item)), file
