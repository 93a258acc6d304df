"""Other people's bytes from our own address: shown where that is safe, downloaded where it is not, in parts if asked.

Whatever could run (HTML, SVG, anything unknown) is cleaned, shut in a sandbox, or handed over as a download.
"""

import re
from urllib.parse import quote

import obstore
from charset_normalizer import from_bytes
from fastapi import HTTPException, Response
from fastapi.responses import StreamingResponse
from obstore.store import ObjectStore

from serving.documents.reading_view import as_page
from studium.content.catalogue import StoredFile
from studium.storage import get

SHOWN = frozenset(
    {"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "audio/mpeg", "audio/ogg"}
    | {"audio/wav", "audio/mp4", "video/mp4", "video/webm"}
)
AS_TEXT = frozenset({"application/json", "application/x-tex"})
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
PART = 256 * 1024
LARGEST_TEXT = 5 * 1024 * 1024
ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
# A sandbox, or object-src 'none', would shut out the browser's PDF viewer.
FRAMED = "frame-ancestors 'self'"


def deliver(store: ObjectStore, file: StoredFile, bytes_wanted: str | None) -> Response:
    """The answer that carries a file."""
    media_type = file.media_type.partition(";")[0].strip().lower()
    try:
        size = obstore.head(store, file.object_path)["size"]
        if media_type in ("text/html", "application/xhtml+xml") and size <= LARGEST_TEXT:
            return _page(store, file)
        if (media_type.startswith("text/") or media_type in AS_TEXT) and size <= LARGEST_TEXT:
            return _text(store, file)
        return _bytes(store, file, media_type, size, bytes_wanted)
    except FileNotFoundError as error:
        raise HTTPException(404, "The file of this document is missing.") from error


def _page(store: ObjectStore, file: StoredFile) -> Response:
    page = as_page(_decoded(get(store, file.object_path)), file.title)
    return Response(page, media_type="text/html; charset=utf-8", headers=_headers(file, "inline", SANDBOX))


def _text(store: ObjectStore, file: StoredFile) -> Response:
    text = _decoded(get(store, file.object_path))
    return Response(text, media_type="text/plain; charset=utf-8", headers=_headers(file, "inline", SANDBOX))


def _bytes(store: ObjectStore, file: StoredFile, media_type: str, size: int, bytes_wanted: str | None) -> Response:
    if media_type == "image/svg+xml":
        headers = _headers(file, "inline", SANDBOX)
    elif media_type in SHOWN:
        headers = _headers(file, "inline", FRAMED)
    else:
        media_type, headers = "application/octet-stream", _headers(file, "attachment", SANDBOX)
    headers["Accept-Ranges"] = "bytes"
    status, start, end = 200, 0, size
    if wanted := ONE_RANGE.fullmatch(bytes_wanted or ""):
        start, end = _bounds(wanted[1], wanted[2], size)
        status, headers["Content-Range"] = 206, f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - start)
    if start == end:
        return Response(b"", status, headers, media_type)
    found = obstore.get(store, file.object_path, options={"range": (start, end)})
    parts = (bytes(part) for part in found.stream(min_chunk_size=PART))
    return StreamingResponse(parts, status, headers, media_type)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """The half-open interval of a `Range` header (RFC 9110, 14.1.2)."""
    if first:
        start, end = int(first), min(int(last) + 1 if last else size, size)
    elif last:
        start, end = max(0, size - int(last)), size
    else:
        start, end = size, size
    if start >= end:
        raise HTTPException(416, headers={"Content-Range": f"bytes */{size}"})
    return start, end


def _headers(file: StoredFile, disposition: str, policy: str) -> dict[str, str]:
    ascii_name = re.sub(r"[^\w. -]", "_", file.filename.encode("ascii", "replace").decode())
    return {
        "Content-Disposition": f"{disposition}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(file.filename)}",
        "Content-Security-Policy": policy,
        "Cache-Control": "private, max-age=300",
    }


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return str(from_bytes(data).best() or data.decode("latin-1"))
