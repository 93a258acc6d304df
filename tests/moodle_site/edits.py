"""The twelve edits of the experiment, done to the recorded courses.

The experiment was made in a course that was deleted afterwards. What each edit changes in the contents, and what the
functions for updates say of it, is taken from its recorded before and after (`ws_incremental_experiment.json`); the
shapes of what is new (an entry, a file, a page) are those of recorded ones. `EXPECTED` is that record, by edit.
"""

import json
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from moodle_site.files import File
from moodle_site.recordings import ALL_COURSES, DATA, NotRecorded
from moodle_site.site import Site

EXPECTED = {step["op"]: step for step in json.loads((DATA / "ws_incremental_experiment.json").read_text())["steps"]}
_COURSES = {f"courseids[{index}]": course for index, course in enumerate(ALL_COURSES)}
_NEW_ID = 9000


@dataclass(frozen=True)
class Edit:
    """What was edited, and when."""

    op: str
    course: int
    cmid: int | None
    at: int


def edit(site: Site, op: str, *, course: int = 2, cmid: int | None = None, at: int | None = None) -> Edit:
    """Do one of the experiment's edits, to a module of its kind unless one is named."""
    with site.lock:
        at = at or int(time.time())
        site.recordings.edited.add(str(course))
        return Edit(op, course, _EDITS[op](_Course(site, course, at), cmid), at)


class _Course:
    """One course of the site, for as long as it is being edited."""

    def __init__(self, site: Site, course: int, at: int) -> None:
        self.site, self.course, self.at = site, course, at

    def contents(self) -> Iterator[list[dict[str, Any]]]:
        """The contents as each account gets them."""
        return self.site.recordings.to_edit("core_course_get_contents", courseid=str(self.course))

    def modules(self, cmid: int) -> Iterator[dict[str, Any]]:
        """A module in every account's contents."""
        for sections in self.contents():
            yield from (module for section in sections for module in section["modules"] if module["id"] == cmid)

    def listed(self, function: str, cmid: int) -> Iterator[dict[str, Any]]:
        """A module in every account's list of its kind."""
        for body in self.site.recordings.to_edit(function, **_COURSES):
            items = next(value for name, value in body.items() if name != "warnings")
            yield from (item for item in items if item["coursemodule"] == cmid)

    def first(self, kind: str, *, place: int = 0) -> int:
        """The nth plain module of a kind: visible, under no condition."""
        sections = self.site.recordings.body("core_course_get_contents", "service", courseid=str(self.course))
        modules = (module for section in sections if section["visible"] for module in section["modules"])
        plain = [m["id"] for m in modules if m["modname"] == kind and m["visible"] and not m["availability"]]
        return int(plain[place])

    def told(self, cmid: int, name: str = "configuration", itemid: int | None = None) -> None:
        """Let the functions for updates tell it."""
        update = {"course": str(self.course), "cmid": cmid, "name": name, "itemid": itemid, "at": self.at}
        self.site.recordings.updates.append(update)

    def touched(self, module: dict[str, Any]) -> None:
        """Give a page or a link the time of the edit, as Moodle does for the file it makes of one."""
        for file in module["contents"]:
            if file["timecreated"] is None:
                file["timemodified"] = self.at
        module["contentsinfo"]["lastmodified"] = self.at

    def file(self, module: dict[str, Any], name: str, folder: str = "/") -> str:
        """Where a module's file is served."""
        files = (file for file in module["contents"] if (file["filename"], file["filepath"]) == (name, folder))
        return urlsplit(next(files)["fileurl"]).path

    def rewrite(self, path: str, data: bytes) -> None:
        """Serve other bytes."""
        self.site.files.by_path[path] = self.site.files.by_path[path].replaced(data, self.at)


def _page_edit(course: _Course, cmid: int | None) -> int:
    cmid = cmid or course.first("page")
    for module in course.modules(cmid):
        course.touched(module)
        path = course.file(module, "index.html")
    for page in course.listed("mod_page_get_pages_by_courses", cmid):
        page |= {"content": f"<p>Rewritten: edit {course.at}.</p>", "timemodified": course.at}
        page["revision"] += 1
    course.rewrite(path, f'<div class="no-overflow"><p>Rewritten: edit {course.at}.</p></div>'.encode())
    course.told(cmid)
    return cmid


def _rename(course: _Course, cmid: int | None) -> int:
    cmid = cmid or course.first("url")
    for module in course.modules(cmid):
        module["name"] = module["contents"][0]["filename"] = "A renamed link"
        course.touched(module)
    for url in course.listed("mod_url_get_urls_by_courses", cmid):
        url |= {"name": "A renamed link", "timemodified": course.at}
    course.told(cmid)
    return cmid


def _chapter_edit(course: _Course, cmid: int | None) -> int:
    cmid = cmid or course.first("book")
    for module in course.modules(cmid):
        chapter = next(file for file in module["contents"] if file["filename"] == "index.html")
        chapter["timemodified"] = module["contentsinfo"]["lastmodified"] = course.at
        path, title = urlsplit(chapter["fileurl"]).path, chapter["content"]
    text = f'<h3>1. {title}</h3><div class="no-overflow"><p>Rewritten: edit {course.at}.</p></div>'
    course.rewrite(path, text.encode())
    course.told(cmid, "entries", int(path.split("/")[-2]))
    return cmid


def _folder_addfile(course: _Course, cmid: int | None) -> int:
    cmid = cmid or course.first("folder")
    data = b"new!\n"
    for module in course.modules(cmid):
        model = module["contents"][0]
        where = urlsplit(model["fileurl"])
        path = f"{where.path.rsplit('/', 1)[0]}/new.txt"
        added = {"filename": "new.txt", "filepath": "/", "filesize": len(data), "mimetype": "text/plain"}
        times = {"timecreated": course.at, "timemodified": course.at}
        url = where._replace(path=path).geturl()
        module["contents"].insert(0, deepcopy(model) | added | times | {"fileurl": url})
        info = module["contentsinfo"]
        info |= {"filescount": info["filescount"] + 1, "filessize": info["filessize"] + len(data)}
        info |= {"lastmodified": course.at, "mimetypes": sorted({*info["mimetypes"], "text/plain"})}
    for folder in course.listed("mod_folder_get_folders_by_courses", cmid):
        folder |= {"timemodified": course.at, "revision": folder["revision"] + 1}
    course.site.files.by_path[path] = _text_file(course).replaced(data, course.at)
    course.told(cmid)
    course.told(cmid, "contentfiles", _NEW_ID)
    return cmid


def _text_file(course: _Course) -> File:
    return next(
        file for file in course.site.files.by_path.values() if file.headers["Content-Type"][:10] == "text/plain"
    )


def _glossary_entry(course: _Course, cmid: int | None) -> int:
    """Entries were recorded for the glossary of course 2 alone."""
    cmid = cmid or course.first("glossary")
    glossary = next(course.listed("mod_glossary_get_glossaries_by_courses", cmid))["id"]
    asked = {"id": str(glossary), "letter": "ALL", "from": "0", "limit": "50"}
    answers = list(course.site.recordings.to_edit("mod_glossary_get_entries_by_letter", **asked))
    if not answers:
        raise NotRecorded(f"not recorded: the entries of glossary {glossary}")
    for body in answers:
        entry = deepcopy(body["entries"][0])
        entry |= {"id": _NEW_ID, "concept": "Windkessel", "definition": "<p>The elastic reservoir of the aorta.</p>"}
        body["entries"].append(entry | {"timecreated": course.at, "timemodified": course.at})
        body["count"] += 1
    course.told(cmid, "entries", _NEW_ID)
    return cmid


def _label_edit(course: _Course, cmid: int | None) -> int:
    cmid = cmid or course.first("label")
    text = f"<p>Rewritten: edit {course.at}.</p>"
    for module in course.modules(cmid):
        module["description"] = f'<div class="no-overflow">{text}</div>'
    for label in course.listed("mod_label_get_labels_by_courses", cmid):
        label |= {"intro": text, "timemodified": course.at}
    course.told(cmid)
    return cmid


def _hide(course: _Course, cmid: int | None) -> int:
    """Who may not see what is hidden (the recorded students) no longer gets it; the others get it as hidden."""
    cmid = cmid or course.first("page", place=1)
    for module in course.modules(cmid):
        course.touched(module)
        module["visible"] = 0
    for page in course.listed("mod_page_get_pages_by_courses", cmid):
        page |= {"visible": False, "timemodified": course.at}
    _withdraw(course, cmid, only_from_students=True)
    course.told(cmid)
    return cmid


def _withdraw(course: _Course, cmid: int, *, only_from_students: bool = False) -> None:
    for sections in course.contents():
        sees_hidden = any(
            not module["visible"] for section in sections for module in section["modules"] if module["id"] != cmid
        )
        for section in sections:
            if not (only_from_students and sees_hidden):
                section["modules"] = [module for module in section["modules"] if module["id"] != cmid]
    for body in course.site.recordings.to_edit("mod_page_get_pages_by_courses", **_COURSES):
        sees_hidden = any(not page["visible"] for page in body["pages"] if page["coursemodule"] != cmid)
        if not (only_from_students and sees_hidden):
            body["pages"] = [page for page in body["pages"] if page["coursemodule"] != cmid]


def _move(course: _Course, cmid: int | None) -> int:
    """Into the next section. The functions for updates say nothing of it."""
    cmid = cmid or course.first("page", place=2)
    for sections in course.contents():
        for here, section in enumerate(sections):
            moved = [module for module in section["modules"] if module["id"] == cmid]
            if moved:
                section["modules"] = [module for module in section["modules"] if module["id"] != cmid]
                sections[here + 1]["modules"] += moved
                break
    for page in course.listed("mod_page_get_pages_by_courses", cmid):
        page["section"] += 1
    return cmid


def _section_summary(course: _Course, cmid: int | None) -> None:
    for sections in course.contents():
        sections[1]["summary"] = f"<p>Rewritten: edit {course.at}.</p>"


def _create(course: _Course, cmid: int | None) -> int:
    """A page like the first one, at the end of the second section."""
    model, new = course.first("page"), _NEW_ID + len(course.site.recordings.updates)
    old_path = ""
    for sections in course.contents():
        module = deepcopy(next(m for section in sections for m in section["modules"] if m["id"] == model))
        html = next(file for file in module["contents"] if file["filename"] == "index.html")
        old_path = urlsplit(html["fileurl"]).path
        html["fileurl"] = html["fileurl"].replace(f"/{module['contextid']}/", f"/{new}/")
        module |= {"id": new, "instance": new, "contextid": new, "name": "Brand new", "contents": [html]}
        module["url"] = module["url"].replace(f"id={model}", f"id={new}")
        module["contentsinfo"] |= {"filescount": 1, "filessize": 0, "mimetypes": []}
        course.touched(module)
        sections[2]["modules"].append(module)
    for body in course.site.recordings.to_edit("mod_page_get_pages_by_courses", **_COURSES):
        like = next((page for page in body["pages"] if page["coursemodule"] == model), None)
        if like is None:
            continue
        page = deepcopy(like) | {
            "id": new,
            "coursemodule": new,
            "name": "Brand new",
            "content": "<p>Brand new.</p>",
            "section": 2,
        }
        body["pages"].append(page | {"timemodified": course.at, "contentfiles": [], "intro": "", "revision": 1})
    path = old_path.replace(f"/{old_path.split('/')[3]}/", f"/{new}/", 1)
    course.site.files.by_path[path] = course.site.files.by_path[old_path]
    course.rewrite(path, b'<div class="no-overflow"><p>Brand new.</p></div>')
    course.told(new)
    return new


def _delete(course: _Course, cmid: int | None) -> int:
    """The functions for updates say nothing of it; its files are gone."""
    cmid = cmid or course.first("page", place=3)
    for module in course.modules(cmid):
        course.site.files.gone |= {urlsplit(file["fileurl"]).path for file in module["contents"]}
    _withdraw(course, cmid)
    return cmid


def _course_summary(course: _Course, cmid: int | None) -> None:
    """Only the course catalogue tells it; its `timemodified` stays, as the experiment found."""
    text = f"<p>Rewritten: edit {course.at}.</p>"
    for body in course.site.recordings.to_edit("core_course_get_courses"):
        _summarise(body, course.course, text)
    for body in course.site.recordings.to_edit("core_course_get_courses_by_field"):
        _summarise(body["courses"], course.course, text)
    for body in course.site.recordings.to_edit("core_course_get_courses", **{"options[ids][0]": str(course.course)}):
        _summarise(body, course.course, text)


def _summarise(courses: list[dict[str, Any]], course: int, text: str) -> None:
    for row in courses:
        if row["id"] == course:
            row["summary"] = text


_EDITS: dict[str, Callable[[_Course, int | None], int | None]] = {
    "page_edit": _page_edit,
    "rename": _rename,
    "chapter_edit": _chapter_edit,
    "folder_addfile": _folder_addfile,
    "glossary_entry": _glossary_entry,
    "label_edit": _label_edit,
    "hide": _hide,
    "move": _move,
    "section_summary": _section_summary,
    "create": _create,
    "delete": _delete,
    "course_summary": _course_summary,
}
OPERATIONS = tuple(_EDITS)
