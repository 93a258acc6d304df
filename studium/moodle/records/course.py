"""Records of a course itself: its parts and what can be read in it. People and their work are elsewhere."""

from studium.moodle.records.fields import Count, Flag, Id, Json, Moment, Reference, Small
from studium.moodle.records.row import MODULE, CourseRow, Pointer


class Course(CourseRow):
    """One row per course."""

    table = "courses"
    key = ("course_id",)

    shortname: str
    fullname: str
    summary: str | None = None
    idnumber: str | None = None
    category: str | None = None
    format: str | None = None
    language: str | None = None
    start_at: Moment = None
    end_at: Moment = None
    is_visible: Flag = True
    hidden_sections_mode: Small | None = None
    group_mode: Small = 0
    group_mode_forced: Flag = False
    default_grouping_id: Reference = None
    completion_enabled: Flag = False
    backup_sha256: str
    backup_at: Moment


class Section(CourseRow):
    """One row per section of a course, subsections included."""

    table = "sections"
    key = ("section_id",)

    section_id: Id
    number: Count
    name: str | None = None
    summary: str | None = None
    is_visible: Flag = True
    availability: Json = None
    component: str | None = None
    item_id: Reference = None
    parent_module: Reference = None
    sequence: list[int]
    modified_at: Moment = None


class Module(CourseRow):
    """One row per activity or resource of a course, of whatever kind."""

    table = "modules"
    key = ("cmid",)
    refers = (Pointer("section_id", "sections"),)

    cmid: Id
    section_id: Id
    modname: str
    instance_id: Reference = None
    name: str
    idnumber: str | None = None
    position: Count
    is_visible: Flag = True
    is_visible_on_page: Flag = True
    group_mode: Small = 0
    grouping_id: Reference = None
    availability: Json = None
    completion_mode: Small = 0
    completion_expected_at: Moment = None
    added_at: Moment = None
    opens_at: Moment = None
    closes_at: Moment = None
    due_at: Moment = None
    url: str


class Material(CourseRow):
    """One row per readable thing of a course: a page, a chapter, a file, a discussion."""

    table = "materials"
    key = ("course_id", "material_key")
    refers = (MODULE, Pointer("section_id", "sections"))

    cmid: Reference = None
    section_id: Reference = None
    material_key: str
    title: str
    heading: str | None = None
    filename: str | None = None
    media_type: str
    byte_size: int
    content_sha256: str
    object_path: str
    group_id: Reference = None
    time_modified: Moment = None
    url: str


class BookChapter(CourseRow):
    """One row per chapter of a book, hidden ones included."""

    table = "book_chapters"
    key = ("chapter_id",)
    refers = (MODULE,)

    cmid: Id
    chapter_id: Id
    position: Count
    title: str
    is_subchapter: Flag = False
    is_hidden: Flag = False
    modified_at: Moment = None


class GlossaryEntry(CourseRow):
    """One row per entry of a glossary, unapproved ones included."""

    table = "glossary_entries"
    key = ("entry_id",)
    refers = (MODULE,)
    is_personal = True  # Moodle leaves entries out of a backup without learners, its teachers' too

    cmid: Id
    glossary_id: Id
    entry_id: Id
    user_id: Reference = None
    concept: str
    definition: str | None = None
    aliases: list[str]
    is_approved: Flag = True
    is_teacher_entry: Flag = False
    created_at: Moment = None
    modified_at: Moment = None


ROWS = (Course, Section, Module, Material, BookChapter, GlossaryEntry)
