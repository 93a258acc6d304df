"""Searching and asking: passages, word for word, and where each stands."""

from uuid import UUID

from pydantic import Field

from studium.wire.base import COURSE_KEY, Request, Wire, Words
from studium.wire.courses import PageKind


class Question(Request):
    """A question to a course."""

    course_id: str = Field(pattern=COURSE_KEY)
    question: Words = Field(max_length=2000)


class Quote(Wire):
    """A passage in its own words, and where it is from."""

    document_id: UUID
    text: str
    before: str = Field("", description="What stands before it in the same chunk.")
    after: str = Field("", description="What follows it in the same chunk.")
    title: str
    module_name: str | None
    section_name: str | None
    page: int | None
    page_kind: PageKind | None
    chapter: str | None
    heading: str | None
    source_url: str | None = Field(description="The place in Moodle, or the web page.")
    open_url: str = Field(description="The document here, at its page.")
    score: float


class SearchResults(Wire):
    """What a search found, best first."""

    query: str
    course_id: str | None
    hits: list[Quote]


class Reading(Wire):
    """A place worth reading next."""

    document_id: UUID
    title: str
    module_name: str | None
    section_name: str | None
    page: int | None
    page_kind: PageKind | None
    heading: str | None
    source_url: str | None
    open_url: str
    why: str | None = Field(None, description="Why there, in a sentence.")


class Answer(Wire):
    """What the course says about a question, quoted; or that it does not say."""

    question: str
    course_id: str
    answered: bool
    statement: str
    quotes: list[Quote]
    read_next: list[Reading]
