"""A file of a Moodle, streamed to disk, and taken only if it is the whole of what was declared."""

import hashlib
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO

import httpx2

from studium.moodle.webservice.address import Address, origin
from studium.moodle.webservice.body import by_status, media_type, read
from studium.moodle.webservice.errors import NotPermitted, SurprisingAnswer, TransientError

FILE = "file"
_SCRIPT = re.compile(r"/(?:webservice/)?pluginfile\.php(?=/)")
_SHA1 = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Declared:
    """What the course's contents say of a file; Moodle says 0 bytes of a page and of a book's chapter."""

    size: int | None = None
    media_type: str | None = None
    sha1: str | None = None


@dataclass(frozen=True)
class Downloaded:
    """A file that came whole."""

    path: Path
    size: int
    sha1: str
    media_type: str
    etag: str | None


@dataclass(frozen=True)
class NotModified:
    """The file is what it was when it had this ETag."""

    etag: str


def file_url(address: Address, text: str) -> str:
    """The URL at which a token opens a file of this site; `NotPermitted` for a URL that leads anywhere else."""
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL:
        raise NotPermitted(FILE, "not a URL") from None
    root = httpx2.URL(address.wwwroot).path.rstrip("/")
    script = _SCRIPT.match(url.path.removeprefix(root))
    if origin(url) != address.origin or not url.path.startswith(f"{root}/") or not script:
        raise NotPermitted(FILE, "the file is not one of this site's")
    if ".." in url.path.split("/"):
        raise NotPermitted(FILE, "the file's path leaves its folder")
    rest = str(url.copy_remove_param("token")).removeprefix(address.wwwroot)
    return address.wwwroot + "/webservice/pluginfile.php" + _SCRIPT.sub("", rest, count=1)


def save(
    response: httpx2.Response, pieces: Iterator[bytes], into: Path, declared: Declared
) -> Downloaded | NotModified:
    """Take an answer's file; nothing is left at `into` or beside it unless it is whole."""
    etag = response.headers.get("Etag")
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        return NotModified(_opaque(etag or ""))
    if response.status_code != HTTPStatus.OK or "Content-Disposition" not in response.headers:
        raise _no_file(response, b"".join(pieces))
    kind = media_type(response.headers)
    if declared.media_type and declared.media_type.lower() != kind:
        raise SurprisingAnswer(FILE, f"declared as {declared.media_type}, came as {kind}")
    part = Path(tempfile.mkstemp(dir=into.parent, prefix=f".{into.name[:50]}.")[1])
    try:
        with part.open("wb") as out:
            size, sha1 = _written(out, pieces)
        _check(size, sha1, declared, etag)
        part.replace(into)
    finally:
        part.unlink(missing_ok=True)
    return Downloaded(into, size, sha1, kind, _opaque(etag) if etag else None)


def _no_file(response: httpx2.Response, body: bytes) -> Exception:
    if media_type(response.headers) == "application/json":
        read(FILE, response.status_code, response.headers, body)
        return SurprisingAnswer(FILE, "JSON instead of a file", body=body[:1000])
    return by_status(FILE, response.status_code, response.headers, body)


def _written(out: IO[bytes], pieces: Iterator[bytes]) -> tuple[int, str]:
    digest, size = hashlib.sha1(usedforsecurity=False), 0
    for piece in pieces:
        out.write(piece)
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()


def _check(size: int, sha1: str, declared: Declared, etag: str | None) -> None:
    if declared.size and size != declared.size:
        raise TransientError(FILE, f"declared as {declared.size} bytes, came as {size}")
    promised = {declared.sha1, _opaque(etag or "")}
    if any(other and _SHA1.fullmatch(other) and other != sha1 for other in promised):
        raise TransientError(FILE, "the bytes are not those that were declared")


def _opaque(etag: str) -> str:
    return etag.removeprefix("W/").strip('"')
