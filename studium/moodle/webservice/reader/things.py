"""Reads what is there to be read: pages, books, labels, files, folders, links, glossaries, and every description."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studium.moodle.backup.modules import INTRO_BY_CHOICE, WITHOUT_INTRO
from studium.moodle.records.course import BookChapter, GlossaryEntry
from studium.moodle.webservice.reader.reading import ModulePart, plain

PRINTED = re.compile(r'"printintro";(i:1|b:1|s:1:"1")')
WRAPPED = re.compile(r'<div class="no-overflow">(.*)</div>\s*$', re.DOTALL)
"""What Moodle puts around a text it shows on a page of its own."""
PAGE_OF_ENTRIES = 50


def read_intro(part: ModulePart) -> None:
    """Add the description as a material where Moodle shows it to learners."""
    modname, on_course_page = part.module["modname"], part.module.get("description")
    if modname in WITHOUT_INTRO:
        return
    if modname in INTRO_BY_CHOICE and not on_course_page and not PRINTED.search(part.body.get("displayoptions") or ""):
        return
    text = part.body.get("intro") if part.body else unwrapped(on_course_page or "")
    key = f"{modname}:{part.cmid}:intro"
    intro = part.reading.html(text, part.body.get("introformat"), part.place("intro"))
    part.reading.add_text(part.home, key, intro, time_modified=part.modified_at)
    for files in ("introfiles", "introattachments"):
        part.reading.add_files(part.home, key, part.body.get(files) or [], with_pictures=False)


def unwrapped(text: str) -> str:
    """A text without what Moodle puts around it on a page."""
    match = WRAPPED.search(text)
    return match[1] if match else text


def read_page(part: ModulePart) -> None:
    """A page: its content, and the documents linked from it."""
    place = part.place("content", part.body.get("revision"))
    content = part.reading.html(part.body.get("content"), part.body.get("contentformat"), place)
    key = f"page:{part.cmid}"
    part.reading.add_text(part.home, key, content, time_modified=part.modified_at)
    part.reading.add_files(part.home, key, part.body.get("contentfiles") or [], with_pictures=False)


def read_label(part: ModulePart) -> None:
    """A label: the text on the course page."""
    intro = part.reading.html(part.body.get("intro"), part.body.get("introformat"), part.place("intro"))
    key = f"label:{part.cmid}"
    part.reading.add_text(part.home, key, intro, time_modified=part.modified_at)
    part.reading.add_files(part.home, key, part.body.get("introfiles") or [], with_pictures=False)


def read_resource(part: ModulePart) -> None:
    """A file resource: the file shown, and those it needs."""
    part.reading.add_files(part.home, f"resource:{part.cmid}", part.files, with_pictures=True, heading=None)


def read_folder(part: ModulePart) -> None:
    """A folder: each of its files."""
    part.reading.add_files(part.home, f"folder:{part.cmid}", part.files, with_pictures=True)


def read_url(part: ModulePart) -> None:
    """A link: what it is called and where it leads."""
    address = part.reading.linked(part.body.get("externalurl")) or ""
    link = f'<p><a href="{html.escape(address)}">{html.escape(part.home.title)}</a><br>{html.escape(address)}</p>'
    part.reading.add_text(part.home, f"url:{part.cmid}", link, time_modified=part.modified_at)


def read_book(part: ModulePart) -> None:
    """A book: every chapter's row; as a material each that is not hidden, itself or with the chapter above it."""
    pages = {_chapter_id(file["filepath"]): file for file in part.files if file["filename"] == "index.html"}
    for position, (chapter, is_hidden) in enumerate(_chapters(part), start=1):
        chapter_id, title = _chapter_id(chapter["href"]), plain(chapter.get("title")) or f"Chapter {position}"
        page = pages.get(chapter_id, {})
        modified = page.get("timemodified")
        part.reading.harvest.add(
            BookChapter,
            cmid=part.cmid,
            chapter_id=chapter_id,
            position=position,
            title=title,
            is_subchapter=bool(chapter.get("level")),
            is_hidden=is_hidden,
            modified_at=modified,
        )
        if page and not is_hidden:
            _add_chapter(part, chapter_id, page, {"heading": title, "time_modified": modified})


def _add_chapter(part: ModulePart, chapter_id: int, page: dict[str, Any], facts: dict[str, object]) -> None:
    key = f"book:{part.cmid}:chapter:{chapter_id}"
    url = f"{part.home.url}&chapterid={chapter_id}"
    content = part.reading.bytes_of(page)
    if content is None:
        part.reading.add_files(part.home, key, [page], with_pictures=False, url=url)  # refused, with the reason
    else:
        data = content.read_bytes() if isinstance(content, Path) else content
        text = part.reading.html(unwrapped(data.decode(errors="replace")), None, part.place("chapter", chapter_id))
        part.reading.add_text(part.home, key, text, url=url, **facts)
    beside = [file for file in part.files if _chapter_id(file["filepath"]) == chapter_id and file is not page]
    under = [file | {"filepath": file["filepath"].removeprefix(f"/{chapter_id}")} for file in beside]
    part.reading.add_files(
        part.home,
        key,
        under,
        with_pictures=False,
        url=url,
        time_modified=facts["time_modified"],
        heading=facts["heading"],
    )


def _chapter_id(path: str) -> int:
    first = path.strip("/").partition("/")[0]
    return int(first) if first.isdecimal() else 0


def _chapters(part: ModulePart) -> Iterator[tuple[dict[str, Any], bool]]:
    """The chapters in reading order, each with whether it is hidden."""
    found = next((c for c in part.module.get("contents") or [] if c.get("filename") == "structure"), None)
    for chapter in json.loads(found["content"]) if found else []:
        is_hidden = str(chapter.get("hidden", "0")) != "0"
        yield chapter, is_hidden
        for below in chapter.get("subitems") or []:
            yield below, is_hidden or str(below.get("hidden", "0")) != "0"


def read_glossary(part: ModulePart) -> None:
    """A glossary: every approved entry, as a row and as a material."""
    for entry in _entries(part):
        entry_id, concept = entry["id"], plain(entry.get("concept"))
        place = part.place("entry", entry_id)
        definition = part.reading.html(entry.get("definition"), entry.get("definitionformat"), place)
        part.reading.harvest.add(
            GlossaryEntry,
            cmid=part.cmid,
            glossary_id=part.instance_id,
            entry_id=entry_id,
            user_id=entry.get("userid"),
            concept=concept,
            definition=definition or None,
            aliases=[],
            is_approved=entry.get("approved", 0),
            is_teacher_entry=entry.get("teacherentry", 0),
            created_at=entry.get("timecreated"),
            modified_at=entry.get("timemodified"),
        )
        if entry.get("approved"):
            key = f"glossary:{part.cmid}:entry:{entry_id}"
            url = part.reading.url(f"/mod/glossary/showentry.php?eid={entry_id}")
            page = f"<h3>{html.escape(concept)}</h3>{definition}"
            part.reading.add_text(
                part.home, key, page, heading=concept, url=url, time_modified=entry.get("timemodified")
            )
            for files in ("definitioninlinefiles", "attachments"):
                part.reading.add_files(part.home, key, entry.get(files) or [], with_pictures=False, url=url)


def _entries(part: ModulePart) -> Iterator[dict[str, Any]]:
    start, count = 0, 1
    while start < count:
        asked = {"id": part.instance_id, "letter": "ALL", "from": start, "limit": PAGE_OF_ENTRIES}
        answer = part.reading.ask_about_work(part.cmid, "mod_glossary_get_entries_by_letter", **asked)
        if answer is None or not answer["entries"]:
            return
        count, start = int(answer["count"]), start + PAGE_OF_ENTRIES
        yield from answer["entries"]
