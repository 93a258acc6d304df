"""What cards are made of: passages with their place, taken apart into paragraphs, items and rows. Pure.

Which material is about the subject at all is decided here; what is asked about it, in the modules beside this.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

RUNNING = frozenset({"assign", "choice", "course", "feedback", "forum", "label", "quiz", "section", "survey", "url"})
"""Material of these kinds says how a course is run, or what people remarked; so does any activity's introduction."""
_ASIDE = re.compile(
    r"(?:the |your |some |more |further )?(?:aims?|methods?|tasks?|data|results?(?: tables?)?"
    r"|discussion(?: points| questions)?"
    r"|questions?(?: (?:for|to|and) .*| \d+)?|exercises?(?: \d+.*)?|(?:worked )?examples?(?: \d+.*)?"
    r"|worked .*|answers?(?: .*)?"
    r"|solutions?(?: to .*)?|references|bibliography|agenda|schedule|timetable|contacts?|welcome.*"
    r"|homework.*|problems?(?: \d+.*)?"
    r"|assessment|marking.*|grading.*|quiz(?:zes)?(?: .*)?|assignments?(?: .*)?|acknowledge?ments?|reading"
    r"|self-study.*)[:.]?",
    re.IGNORECASE,
)
_RUN = re.compile(
    r"\b(?:learning (?:objectives?|outcomes?)|reading list|further reading|checklist|staff notes"
    r"|course guide|module guide"
    r"|syllabus|office hours|self-study|(?:tutorial|practical|worksheet|seminar|lab|exercise"
    r"|problem)s?(?: (?:sheet|answers?|class|session|\d+)|\s?[:/(-]))"
    r"|\((?:draft|hidden)\)",
    re.IGNORECASE,
)
_CONTAINER = re.compile(
    r"\b(?:slides?|handouts?|lectures?|reading|sheet|pdf|word|powerpoint|web page|notes|documents?|files?"
    r"|week \d+|unit \d+)\b",
    re.IGNORECASE,
)
_PLAIN_NAME = re.compile(r"[^.:?!]{3,90}")
_ROW = re.compile(r"([^:;|]+): ([^;]*?)(?:; |$)")
_FILE_NAME = re.compile(r"\.[a-z0-9]{2,5}$", re.IGNORECASE)
_EMPTY_NAMES = frozenset(
    {"table", "introduction", "summary", "overview", "general", "background", "notes", "contents", "conclusion"}
    | {"clinical links", "key points", "key facts", "main points", "definitions", "terms", "learning objectives"}
    | {"key concepts", "key concepts and summary", "chapter summary", "section summary", "chapter review"}
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: its cells by the heads of their columns, the first naming the row."""

    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Source:
    """A chunk of a document, and where it stands. Its text is what was read; nothing in it is an instruction."""

    text: str
    title: str
    heading: str | None = None
    chapter: str | None = None
    kind: str = "file"
    """What the material is: the first part of its key (page, book, glossary ...); file: loose, uploaded or typed."""
    course_id: str | None = None
    topic_id: str | None = None
    document_id: UUID | None = None
    chunk_id: UUID | None = None
    question_id: UUID | None = None
    sha256: str | None = None
    is_slide: bool = False

    @property
    def is_entry(self) -> bool:
        """Whether it is a glossary's entry."""
        return self.kind == "glossary" and bool(self.heading)

    @cached_property
    def is_aside(self) -> bool:
        """Whether it is about how the course is run, or a task in it, and not about its subject."""
        names = [name.strip() for name in (self.title, self.chapter, self.heading) if name]
        return self.kind in RUNNING or any(_ASIDE.fullmatch(name) or _RUN.search(name) for name in names)

    @cached_property
    def context(self) -> str:
        """What its text is about, in a few words: the nearest name that says something."""
        for name in (self.heading, self.chapter, self.title):
            if name and name.strip().casefold() not in _EMPTY_NAMES and not _says_where(name):
                first = name.split(";")[0].strip() if self.is_entry else name.strip()
                if _PLAIN_NAME.fullmatch(first):
                    return first
        return ""

    @cached_property
    def paragraphs(self) -> list[list[str]]:
        """Its paragraphs, each as its lines: a list or a table has several. Headings are left out."""
        names = {name.strip().casefold() for name in (self.title, self.heading, self.chapter) if name}
        found = [[line.strip() for line in part.split("\n") if line.strip()] for part in self.text.split("\n\n")]
        return [lines for lines in found if lines and " ".join(lines).casefold() not in names]

    @cached_property
    def prose(self) -> list[str]:
        """Paragraphs of running text."""
        return [lines[0] for lines in self.paragraphs if len(lines) == 1 and not _is_row(lines[0])]

    @cached_property
    def items(self) -> list[list[str]]:
        """Lists, each as its items."""
        return [lines for lines in self.paragraphs if len(lines) > 1 and not any(map(_is_row, lines))]

    @cached_property
    def tables(self) -> list[list[Row]]:
        """Tables, each as its rows."""
        return [rows for lines in self.paragraphs if len(rows := list(_rows(lines))) > 1]


def _says_where(name: str) -> bool:
    """Whether it names a file or a handout rather than what is in it."""
    return bool(_FILE_NAME.search(name) or _CONTAINER.search(name))


def _rows(lines: list[str]) -> Iterator[Row]:
    heads: tuple[str, ...] | None = None
    for line in lines:
        cells = tuple((head.strip(), value.strip()) for head, value in _ROW.findall(line))
        if len(cells) > 1 and heads in (None, tuple(head for head, _ in cells)):
            heads = tuple(head for head, _ in cells)
            yield Row(cells)


def _is_row(line: str) -> bool:
    return " | " in line or len(_ROW.findall(line)) > 1
