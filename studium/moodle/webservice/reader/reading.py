"""What every reader of answers is handed: what was said, the rows so far, the files, and texts made readable."""

import hashlib
import html
import mimetypes
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from lxml.etree import LxmlError

from studium.moodle.backup.reading import HTML, MEDIA_TYPE, Home, Materials
from studium.moodle.backup.texts import Place, is_blank, to_html, with_links
from studium.moodle.harvest import Harvest, Reason
from studium.moodle.keys import CourseKey
from studium.moodle.records.course import Material, Module
from studium.moodle.records.row import Row
from studium.moodle.webservice.answers import Answers, Unasked, call_of
from studium.moodle.webservice.errors import WebServiceError
from studium.moodle.webservice.files import FILE

SURPRISES = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, LxmlError)
"""What reading raises where an answer is not as Moodle describes it."""
PICTURES = ("image/", "audio/", "video/")


class RemoteFile(NamedTuple):
    """A file of the site, as an answer lists it; `url` is what it is downloaded and known by."""

    url: str
    size: int
    modified_at: int


@dataclass
class Reading(Materials):
    """One course being read from answers."""

    answers: Answers
    course: CourseKey
    wwwroot: str
    at: datetime
    """When the site was asked: what is shown from some moment on is judged by it."""
    files: Mapping[str, bytes | Path]
    """The bytes of the files, by URL as `file_url` makes it."""
    harvest: Harvest
    contents: dict[str, bytes | Path] = field(default_factory=dict)
    wanted: dict[str, RemoteFile] = field(default_factory=dict)
    """Every file a material is made of, whether its bytes are there or not."""
    unheard: dict[str, WebServiceError | Unasked] = field(default_factory=dict)
    """What the site did not tell, by function and its first parameter."""
    silent_modules: set[int] = field(default_factory=set)
    """cmids of which a file was not told: it could not be brought, and nobody knows whether it is still there."""
    silent_work: set[int] = field(default_factory=set)
    """cmids whose learners' work was not told whole."""
    silent_tables: set[str] = field(default_factory=set)
    """Tables of which something was refused."""
    silent_columns: set[tuple[str, str]] = field(default_factory=set)
    """Table and column, where a refusal left nothing to say."""

    def ask(self, function: str, **parameters: Any) -> Any | None:
        """An answer; None, and remembered, when the site refused it or nobody has asked."""
        try:
            return self.answers.get(function, **parameters)
        except (WebServiceError, Unasked) as error:
            self.unheard[f"{function} {' '.join(str(value) for value in parameters.values())}".strip()] = error
            return None

    def ask_about_work(self, cmid: int, function: str, **parameters: Any) -> Any | None:
        """An answer about what learners did in a module; without it, nothing follows for what was known before."""
        answer = self.ask(function, **parameters)
        if answer is None:
            self.silent_work.add(cmid)
        return answer

    def ask_about_table(self, row: type[Row], function: str, **parameters: Any) -> Any | None:
        """An answer that fills a table; without it, what was in the table stays."""
        answer = self.ask(function, **parameters)
        if answer is None:
            self.silent_tables.add(row.table)
        return answer

    def survives(self, cmid: int | None, what: str, read: Callable[[], object]) -> bool:
        """Read a part; an answer of another shape than Moodle's is put beside the accepted rows, and ends only that."""
        try:
            read()
        except SURPRISES as error:
            detail = f"the site's answer about {what} has another shape than Moodle's: {type(error).__name__}: {error}"
            self.harvest.refuse(Module, Reason.INVALID, detail, {"cmid": cmid})
            self.silent_work |= set() if cmid is None else {cmid}
            return False
        return True

    def url(self, path: str) -> str:
        """An address on the site."""
        return self.wwwroot + path

    def html(self, text: str | None, text_format: object = None, place: Place | None = None) -> str:
        """A text of an answer as a backup would have it: HTML, with the addresses people use, not those of services."""
        made = to_html(text, None if text_format is None else str(text_format))
        return self.linked(made, place) or ""

    def linked(self, text: str | None, place: Place | None = None) -> str | None:
        """A text with the addresses people use."""
        if not text:
            return text
        linked = with_links(text, self.wwwroot, self.course.course_id, place)
        service = re.escape(self.wwwroot) + r"/(?:webservice/pluginfile\.php|tokenpluginfile\.php/[0-9a-zA-Z]+)/"
        addressed = re.sub(service, f"{self.wwwroot}/pluginfile.php/", linked)
        if place is None or place.item_id != 0:
            return addressed
        area = re.escape(replace(place, item_id=None).url(self.wwwroot))  # services leave out an item 0
        return re.sub(area + "/(?!0/)", f"{place.url(self.wwwroot)}/", addressed)

    def add_text(self, home: Home, key: str, text: str, **facts: object) -> None:
        """Add a piece of HTML as a material, if there is anything to read in it."""
        if is_blank(text):
            return
        data = text.encode()
        self._add(home, key, data, hashlib.sha256(data).hexdigest(), len(data), media_type=HTML, **facts)

    def add_files(
        self, home: Home, key: str, files: list[dict[str, Any]], *, with_pictures: bool, **facts: object
    ) -> None:
        """Add listed files as materials; the pictures in a text are part of the text."""
        for file in sorted(files, key=lambda f: f"{f.get('filepath') or '/'}{f.get('filename')}"):
            media_type = _media_type(file)
            if with_pictures or not media_type.startswith(PICTURES):
                named = {"heading": file["filename"], "media_type": media_type, **facts}
                self._add_file(home, f"{key}:file:{file.get('filepath') or '/'}{file['filename']}", file, **named)

    def bytes_of(self, file: Mapping[str, Any]) -> bytes | Path | None:
        """The bytes of a listed file, if they have been brought."""
        url = file_url(file["fileurl"])
        self.wanted[url] = RemoteFile(url, int(file.get("filesize") or 0), int(file.get("timemodified") or 0))
        return self.files.get(url)

    def _is_settled(self, file: Mapping[str, Any]) -> bool:
        """Whether the site has said of a file that it does not give it, or that it lies elsewhere."""
        return bool(file.get("isexternalfile")) or call_of(FILE, url=file_url(file["fileurl"])) in self.answers.said

    def _add_file(self, home: Home, key: str, file: dict[str, Any], **facts: object) -> None:
        content = None if file.get("isexternalfile") else self.bytes_of(file)
        if content is None:
            values = {"cmid": home.cmid, "material_key": key, "filename": file["filename"]}
            detail = f"{file['filename']}: its bytes have not been brought from the site"
            self.harvest.refuse(Material, Reason.BYTES_ELSEWHERE, detail, values)
            if home.cmid is not None and not self._is_settled(file):
                self.silent_modules.add(home.cmid)
            return
        data = content.read_bytes() if isinstance(content, Path) else content
        known = {"filename": file["filename"], "time_modified": file.get("timemodified")}
        self._add(home, key, content, hashlib.sha256(data).hexdigest(), len(data), **(known | facts))


@dataclass(frozen=True)
class ModulePart:
    """One module: what the course's contents say of it, and what its own kind's function says."""

    reading: Reading
    home: Home
    module: Mapping[str, Any]
    body: Mapping[str, Any]
    """Empty when the site told nothing of this kind."""

    @property
    def cmid(self) -> int:
        """The module's id in the course."""
        return int(self.module["id"])

    @property
    def instance_id(self) -> int:
        """The module's id among its kind."""
        return int(self.module["instance"])

    @property
    def modified_at(self) -> object:
        """When the module was last changed; None where no function says."""
        return self.body.get("timemodified")

    @property
    def files(self) -> list[dict[str, Any]]:
        """The files the course's contents list for it."""
        return [
            file for file in self.module.get("contents") or [] if file.get("type") == "file" and file.get("fileurl")
        ]

    def place(self, area: str, item_id: int | None = None) -> Place:
        """A file area of the module."""
        return Place(self.module.get("contextid"), f"mod_{self.module['modname']}", area, item_id)


def file_url(url: str) -> str:
    """The name a file is known by: its address without what is asked of it (and without any token)."""
    return url.partition("?")[0]


def plain(name: object) -> str:
    """A name as it was typed: services give names with HTML's entities."""
    return html.unescape(str(name)) if name else ""


def _media_type(file: Mapping[str, Any]) -> str:
    known = str(file.get("mimetype") or "")
    guessed = mimetypes.guess_type(file["filename"])[0] or "application/octet-stream"
    return known if MEDIA_TYPE.match(known) else guessed
