"""Reads what is there to be read: pages, books, labels, files, folders, links and glossaries."""

import html

from studium.moodle.backup.reading import ModulePart
from studium.moodle.backup.xml import identity, number, text
from studium.moodle.records.course import BookChapter, GlossaryEntry


def read_page(part: ModulePart) -> None:
    """A page: its content, and the documents linked from it."""
    place = part.place("content", number(part.body, "revision"))
    content = part.reading.html(part.body, "content", place)
    key = f"page:{part.cmid}"
    part.reading.add_text(part.home, key, content, time_modified=part.modified_at)
    part.reading.add_files(part.home, key, part.place("content", 0), with_pictures=False)


def read_label(part: ModulePart) -> None:
    """A label: the text on the course page."""
    intro = part.reading.html(part.body, "intro", part.place("intro"))
    key = f"label:{part.cmid}"
    part.reading.add_text(part.home, key, intro, time_modified=part.modified_at)
    part.reading.add_files(part.home, key, part.place("intro", 0), with_pictures=False)


def read_resource(part: ModulePart) -> None:
    """A file resource: the file shown, and those it needs."""
    place = part.place("content", 0)
    part.reading.add_files(part.home, f"resource:{part.cmid}", place, with_pictures=True, heading=None)


def read_folder(part: ModulePart) -> None:
    """A folder: each of its files."""
    part.reading.add_files(part.home, f"folder:{part.cmid}", part.place("content", 0), with_pictures=True)


def read_url(part: ModulePart) -> None:
    """A link: what it is called and where it leads."""
    address = part.reading.linked(text(part.body, "externalurl")) or ""
    link = f'<p><a href="{html.escape(address)}">{html.escape(part.home.title)}</a><br>{html.escape(address)}</p>'
    part.reading.add_text(part.home, f"url:{part.cmid}", link, time_modified=part.modified_at)


def read_book(part: ModulePart) -> None:
    """A book: every chapter's row; as a material each that is not hidden, itself or with the chapter above it."""
    chapters = sorted(part.body.iterfind("chapters/chapter"), key=lambda chapter: number(chapter, "pagenum"))
    parent_is_hidden = False
    for chapter in chapters:
        is_sub, is_hidden = number(chapter, "subchapter") != 0, number(chapter, "hidden") != 0
        if not is_sub:
            parent_is_hidden = is_hidden
        is_hidden = is_hidden or (is_sub and parent_is_hidden)
        chapter_id, title = identity(chapter), text(chapter, "title") or f"Chapter {number(chapter, 'pagenum')}"
        modified = text(chapter, "timemodified")
        part.reading.harvest.add(
            BookChapter,
            cmid=part.cmid,
            chapter_id=chapter_id,
            position=number(chapter, "pagenum"),
            title=title,
            is_subchapter=is_sub,
            is_hidden=is_hidden,
            modified_at=modified,
        )
        if not is_hidden:
            key, place = f"book:{part.cmid}:chapter:{chapter_id}", part.place("chapter", chapter_id)
            facts = {"url": f"{part.home.url}&chapterid={chapter_id}", "time_modified": modified}
            content = part.reading.html(chapter, "content", place)
            part.reading.add_text(part.home, key, content, heading=title, **facts)
            part.reading.add_files(part.home, key, place, with_pictures=False, **facts)


def read_glossary(part: ModulePart) -> None:
    """A glossary: every entry's row; as a material each approved one, with its other names."""
    for entry in part.body.iterfind("entries/entry"):
        entry_id, concept = identity(entry), text(entry, "concept") or ""
        aliases = [alias for a in entry.iterfind("aliases/alias") if (alias := text(a, "alias_text"))]
        place = part.place("entry", entry_id)
        definition = part.reading.html(entry, "definition", place)
        is_approved, modified = number(entry, "approved", 1) != 0, text(entry, "timemodified")
        part.reading.harvest.add(
            GlossaryEntry,
            cmid=part.cmid,
            glossary_id=part.instance_id,
            entry_id=entry_id,
            user_id=text(entry, "userid"),
            concept=concept,
            definition=definition or None,
            aliases=aliases,
            is_approved=is_approved,
            is_teacher_entry=number(entry, "teacherentry") != 0,
            created_at=text(entry, "timecreated"),
            modified_at=modified,
        )
        if is_approved:
            key = f"glossary:{part.cmid}:entry:{entry_id}"
            names = "; ".join([concept, *aliases])
            url = part.reading.url(f"/mod/glossary/showentry.php?eid={entry_id}")
            page = f"<h3>{html.escape(names)}</h3>{definition}"
            part.reading.add_text(part.home, key, page, heading=concept, url=url, time_modified=modified)
            for area in ("entry", "attachment"):
                files = part.place(area, entry_id)
                part.reading.add_files(part.home, key, files, with_pictures=False, url=url)
