"""What a site said, kept by what it was asked: the readers read this, and never ask themselves."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import polars as pl
from obstore.store import ObjectStore

from studium.moodle.webservice import errors
from studium.moodle.webservice.errors import SurprisingAnswer, WebServiceError
from studium.moodle.webservice.parameters import flatten
from studium.storage import read_parquet, write_parquet

Call: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
SCHEMA = {name: pl.String() for name in ("function", "parameters", "body", "refusal", "errorcode", "message")}


class Unasked(LookupError):  # noqa: N818 - reads as the sentence it is
    """Nobody has asked this yet; nothing follows about what the site would say."""


@dataclass(frozen=True)
class Refused:
    """A refusal, as it is kept: the name of its class and what it said."""

    kind: str
    errorcode: str | None
    message: str


def call_of(function: str, **parameters: Any) -> Call:
    """What is asked, in a form that is the same however it was written down."""
    return function, tuple(sorted(flatten(parameters)))


@dataclass
class Answers:
    """Parsed answers and refusals of one course, by function and parameters."""

    said: dict[Call, Any] = field(default_factory=dict)

    def put(self, body: Any, function: str, **parameters: Any) -> None:
        """Keep an answer; it takes the place of what was said before."""
        self.said[call_of(function, **parameters)] = body

    def refuse(self, error: WebServiceError, function: str, **parameters: Any) -> None:
        """Keep a refusal; an answer from before gives way to it."""
        self.said[call_of(function, **parameters)] = Refused(type(error).__name__, error.errorcode, error.message)

    def get(self, function: str, **parameters: Any) -> Any:
        """The answer; the refusal that came instead is raised, or `Unasked`."""
        call = call_of(function, **parameters)
        if call not in self.said:
            raise Unasked(f"{function} has not been asked with {dict(call[1])}")
        said = self.said[call]
        if isinstance(said, Refused):
            raise _error(function, said)
        return said

    def __iter__(self) -> Iterator[Call]:
        return iter(self.said)

    @property
    def sha256(self) -> str:
        """The hash of all that was said, whatever the order it came in."""
        sha256 = hashlib.sha256()
        for row in self._rows():
            sha256.update(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        return sha256.hexdigest()

    def save(self, store: ObjectStore, path: str) -> None:
        """Write them to the lake, as one Parquet file."""
        write_parquet(store, path, pl.DataFrame(self._rows(), schema=SCHEMA, orient="row"))

    @classmethod
    def load(cls, store: ObjectStore, path: str) -> "Answers":
        """Read what `save` wrote."""
        answers = cls()
        for function, parameters, body, kind, code, message in read_parquet(store, path).iter_rows():
            call = function, tuple((name, value) for name, value in json.loads(parameters))
            answers.said[call] = json.loads(body) if kind is None else Refused(kind, code, message)
        return answers

    def _rows(self) -> list[tuple[str | None, ...]]:
        return [_row(call, self.said[call]) for call in sorted(self.said)]


def _row(call: Call, said: Any) -> tuple[str | None, ...]:
    function, parameters = call
    asked = json.dumps(parameters, ensure_ascii=False)
    if isinstance(said, Refused):
        return function, asked, None, said.kind, said.errorcode, said.message
    return function, asked, json.dumps(said, ensure_ascii=False, sort_keys=True), None, None, None


def _error(function: str, said: Refused) -> WebServiceError:
    kind = getattr(errors, said.kind, SurprisingAnswer)
    error: WebServiceError = kind(function, said.message, errorcode=said.errorcode)
    return error
