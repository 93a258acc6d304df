"""What a site said, kept by what it was asked: the readers read this, and never ask themselves."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import polars as pl
from obstore.store import ObjectStore

from studium.moodle.webservice import errors
from studium.moodle.webservice.errors import SurprisingAnswer, WebServiceError
from studium.moodle.webservice.parameters import flatten
from studium.storage import read_parquet, write_parquet

Call: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
COLUMNS = ("function", "parameters", "body", "sha256", "refusal", "errorcode", "message")
SCHEMA = {name: pl.String() for name in COLUMNS}


class Unasked(LookupError):  # noqa: N818 - reads as the sentence it is
    """Nobody has asked this yet; nothing follows about what the site would say."""


class Unreadable(ValueError):  # noqa: N818 - reads as the sentence it is
    """What was kept is not what this version keeps, or no longer whole; a sync asks for all of it anew."""


@dataclass(frozen=True)
class Refused:
    """A refusal, as it is kept: the name of its class and what it said."""

    kind: str
    errorcode: str | None
    message: str


@dataclass(frozen=True)
class Told:
    """An answer, as it is kept: most are never looked at again, and none is hashed twice."""

    text: str
    """JSON, its keys in order."""

    @classmethod
    def of(cls, body: Any) -> "Told":
        """An answer that has just come."""
        return cls(json.dumps(body, ensure_ascii=False, sort_keys=True))

    @classmethod
    def known(cls, text: str, sha256: str) -> "Told":
        """An answer whose hash has been written down."""
        told = cls(text)
        told.__dict__["sha256"] = sha256
        return told

    @cached_property
    def body(self) -> Any:
        """What it says."""
        return json.loads(self.text)

    @cached_property
    def sha256(self) -> str:
        """The hash of its text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def call_of(function: str, **parameters: Any) -> Call:
    """What is asked, in a form that is the same however it was written down."""
    return function, tuple(sorted(flatten(parameters)))


@dataclass
class Answers:
    """Answers and refusals of one course, by function and parameters."""

    said: dict[Call, Told | Refused] = field(default_factory=dict)

    def put(self, body: Any, function: str, **parameters: Any) -> None:
        """Keep an answer; it takes the place of what was said before."""
        self.said[call_of(function, **parameters)] = Told.of(body)

    def refuse(self, error: WebServiceError, function: str, **parameters: Any) -> None:
        """Keep a refusal; an answer from before gives way to it."""
        self.said[call_of(function, **parameters)] = Refused(type(error).__name__, error.errorcode, error.message)

    def get(self, function: str, **parameters: Any) -> Any:
        """The answer; the refusal that came instead is raised, or `Unasked`."""
        call = call_of(function, **parameters)
        said = self.said.get(call)
        if said is None:
            raise Unasked(f"{function} has not been asked with {dict(call[1])}")
        if isinstance(said, Refused):
            raise _error(function, said)
        return said.body

    def sha256_of(self, function: str, **parameters: Any) -> str | None:
        """The hash of one answer; None where there is none."""
        said = self.said.get(call_of(function, **parameters))
        return said.sha256 if isinstance(said, Told) else None

    def __iter__(self) -> Iterator[Call]:
        return iter(self.said)

    @property
    def sha256(self) -> str:
        """The hash of all that was said, whatever the order it came in."""
        sha256 = hashlib.sha256()
        for function, parameters, _, *said in self._rows():
            sha256.update(json.dumps([function, parameters, *said], ensure_ascii=False).encode() + b"\n")
        return sha256.hexdigest()

    def save(self, store: ObjectStore, path: str) -> None:
        """Write them to the lake, as one Parquet file."""
        write_parquet(store, path, pl.DataFrame(self._rows(), schema=SCHEMA, orient="row"))

    @classmethod
    def load(cls, store: ObjectStore, path: str) -> "Answers":
        """Read what `save` wrote.

        Raises:
            Unreadable: it is not what this version would have written.
        """
        answers = cls()
        try:
            rows = read_parquet(store, path).select(COLUMNS).iter_rows()
            for function, parameters, body, sha256, kind, code, message in rows:
                call = function, tuple(map(tuple, json.loads(parameters)))
                answers.said[call] = Told.known(body, sha256) if kind is None else Refused(kind, code, message)
        except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
            raise Unreadable(f"{path} cannot be read; the next sync of its course replaces it") from error
        return answers

    def _rows(self) -> list[tuple[str | None, ...]]:
        return [_row(call, self.said[call]) for call in sorted(self.said)]


def _row(call: Call, said: Told | Refused) -> tuple[str | None, ...]:
    function, parameters = call
    asked = json.dumps(parameters, ensure_ascii=False)
    if isinstance(said, Refused):
        return function, asked, None, None, said.kind, said.errorcode, said.message
    return function, asked, said.text, said.sha256, None, None, None


def _error(function: str, said: Refused) -> WebServiceError:
    kind = getattr(errors, said.kind, SurprisingAnswer)
    error: WebServiceError = kind(function, said.message, errorcode=said.errorcode)
    return error
