"""Golden questions: what people ask, as whom, and the exact words of the course that answer. One JSON object a line.

The format is told in examples/golden/README.md; asking them is `evaluation`'s.
"""

import json
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

Kind = Literal["answerable", "unanswerable", "forbidden"]


class GoldenError(ValueError):
    """A file of golden questions that cannot be used; the message says where and why."""


class Asker(BaseModel):
    """Whose question it is: a Moodle user of the course's site; without a name, somebody who has no Moodle user."""

    model_config = ConfigDict(frozen=True)

    role: str = "student"
    username: str | None = None


class Place(BaseModel):
    """Where an answer stands, and its words; `module` is none for the course, a section and a loose file."""

    module: int | None = Field(None, validation_alias=AliasChoices("module", "cmid"))
    name: str | None = None
    modname: str | None = None
    file: str | None = None
    page: int | None = None
    slide: int | None = None
    chapter: str | None = None
    section: str | None = None
    quote: str = Field(min_length=1)

    @property
    def spot(self) -> tuple[object, ...]:
        """Where it stands; quotations from one spot are alternatives."""
        return (self.module, self.name, self.file, self.page, self.slide, self.chapter, self.section)


class Golden(BaseModel):
    """A question; the answers are alternatives, each enough. A forbidden one's stand where its asker may not look."""

    id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    kind: Kind
    asker: Asker = Asker()
    as_of: AwareDatetime | None = None
    answers: list[Place] = []
    note: str | None = None

    @model_validator(mode="after")
    def _has_answers_where_there_are_some(self) -> "Golden":
        if bool(self.answers) == (self.kind == "unanswerable"):
            raise ValueError(f"a question that is {self.kind} has {'no ' if self.answers else ''}answers")
        return self


def read_golden(path: Path) -> list[Golden]:
    """The questions in a file; `GoldenError` names the first line that is none."""
    found: dict[str, Golden] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise GoldenError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            golden = Golden.model_validate(json.loads(line))
        except json.JSONDecodeError as error:
            raise GoldenError(f"{path}, line {number}: this is not JSON ({error})") from error
        except ValidationError as error:
            raise GoldenError(f"{path}, line {number}: {_first(error)}") from error
        if golden.id in found:
            raise GoldenError(f"{path}, line {number}: the id {golden.id!r} stands there twice")
        found[golden.id] = golden
    if not found:
        raise GoldenError(f"{path} has no questions")
    return list(found.values())


def _first(error: ValidationError) -> str:
    problem = error.errors()[0]
    where = ".".join(map(str, problem["loc"]))
    return f"{where}: {problem['msg']}" if where else problem["msg"].removeprefix("Value error, ")
