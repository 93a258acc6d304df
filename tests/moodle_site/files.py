"""The files that `webservice/pluginfile.php` served, with their headers, ETags and ranges as recorded."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from email.utils import formatdate

from moodle_site.recordings import DATA, NotRecorded


@dataclass
class File:
    """One file: its bytes and the headers it came with."""

    data: bytes
    headers: dict[str, str]

    def replaced(self, data: bytes, at: int) -> "File":
        """The same file with other content: Moodle's ETag is the content's SHA-1, and a page's HTML has none."""
        headers = self.headers | {"Content-Length": str(len(data))}
        if "Etag" in headers:
            headers |= {"Etag": f'"{hashlib.sha1(data).hexdigest()}"', "Last-Modified": formatdate(at, usegmt=True)}
        return File(data, headers)


@dataclass(frozen=True)
class Served:
    """An answer: status, headers, body."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Files:
    """The files by URL path, and the recorded refusals."""

    def __init__(self) -> None:
        recorded = json.loads((DATA / "ws_files.json").read_text(encoding="utf-8"))
        self.by_path = {
            entry["path"]: File((DATA / "files" / entry["file"]).read_bytes(), entry["headers"])
            for entry in recorded["files"]
        }
        self.gone: set[str] = set()
        self._behaviour = {entry["label"]: entry for entry in recorded["behaviour"]}

    def said(self, label: str) -> Served:
        """A recorded refusal."""
        entry = self._behaviour[label]
        return Served(entry["status"], entry["headers"], entry["body"].encode())

    def serve(self, path: str, asked: dict[str, str]) -> Served:
        """A file, or the part or the silence that the request's headers ask for.

        Recorded for GET; Moodle's own code looks at these headers without looking at the method.
        """
        if path in self.gone or path.endswith("/nothing.pdf"):
            return self.said("not found")
        if path not in self.by_path:
            raise NotRecorded(f"not recorded: the file {path}")
        file = self.by_path[path]
        etag, changed = file.headers.get("Etag"), file.headers["Last-Modified"]
        if etag and (asked.get("if-none-match") == etag or asked.get("if-modified-since") == changed):
            kept = {name: value for name, value in file.headers.items() if name not in _NOT_IN_304}
            return Served(304, kept)
        part = _range(asked.get("range", ""), len(file.data)) if file.headers.get("Accept-Ranges") == "bytes" else None
        if part is None:
            return Served(200, file.headers, file.data)
        body = file.data[part[0] : part[1] + 1]
        where = {"Content-Range": f"bytes {part[0]}-{part[1]}/{len(file.data)}", "Content-Length": str(len(body))}
        return Served(206, file.headers | where, body)


_NOT_IN_304 = {"Content-Type", "Content-Length", "Accept-Ranges"}


def _range(text: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a range; `None` for no range and for one Moodle ignores."""
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", text)
    if "," in text:
        raise NotRecorded("several ranges at once are recorded, and not served here")
    if not found or found.group(1, 2) == ("", ""):
        return None
    if not found[1]:
        return max(0, size - int(found[2])), size - 1
    first, last = int(found[1]), min(int(found[2] or size - 1), size - 1)
    return (first, last) if first <= last else None
