"""What every model of the API shares, and the shapes that belong to no feature."""

from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

Item = TypeVar("Item")


def storable(text: str) -> str:
    """`text`, if it is one: no NUL, which PostgreSQL has not, and no half of a surrogate pair."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("holds a character that is none")
    return text


COURSE_KEY = r"^[a-z0-9-]{1,150}:[0-9]{1,18}$"
Text = Annotated[str, AfterValidator(storable)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(storable)]


class Wire(BaseModel):
    """A message. Unknown fields are ignored, so that an older client reads a newer API."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Request(BaseModel):
    """What a caller sends. A field we do not know is a mistake of theirs and is said to be one."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Page(Wire, Generic[Item]):
    """A keyset page: hand `next` back as `after` to go on; null means this was the last."""

    items: list[Item]
    next: str | None = None


class FieldError(Wire):
    """One thing wrong with one field of a request."""

    field: str
    message: str


class Problem(Wire):
    """An error, as RFC 9457 says it."""

    type: str = Field("about:blank", description="Names the kind; `about:blank` when the status says it all.")
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None
    request_id: str | None = Field(None, description="Quote it when asking for help.")
    errors: list[FieldError] = []
