"""The object store: files and the Parquet lake, behind one URL (`file://` by default, `s3://` when outgrown).

Paths are relative and use `/`. What a path means belongs to the module that writes it, not here.
"""

import hashlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
import polars as pl
from obstore.store import ObjectStore, from_url

from studium.settings import Settings


def open_store(settings: Settings) -> ObjectStore:
    """The installation's object store; a `file://` folder is made when it is missing."""
    if settings.storage.startswith("file://"):
        Path(unquote(urlsplit(settings.storage).path)).mkdir(parents=True, exist_ok=True)
    return from_url(settings.storage)


def put(store: ObjectStore, path: str, data: bytes | Path) -> None:
    """Write `data` (or a file's bytes, streamed) at `path`, whole or not at all."""
    obstore.put(store, path, data)


def exists(store: ObjectStore, path: str) -> bool:
    """Whether anything lies at `path`."""
    try:
        obstore.head(store, path)
    except FileNotFoundError:
        return False
    return True


def get(store: ObjectStore, path: str) -> bytes:
    """The bytes at `path`; `FileNotFoundError` when there are none."""
    return bytes(obstore.get(store, path).bytes())


def remove(store: ObjectStore, path: str) -> None:
    """Remove what lies at `path`, if anything does."""
    with suppress(FileNotFoundError):
        obstore.delete(store, path)


def under(store: ObjectStore, prefix: str) -> list[str]:
    """The paths of all that lies below `prefix`."""
    return [str(found["path"]) for batch in obstore.list(store, prefix) for found in batch]


def put_content(store: ObjectStore, prefix: str, data: bytes, suffix: str = "") -> str:
    """Keep `data` under its own SHA-256 below `prefix` and return the path; the same bytes are kept once."""
    path = f"{prefix.rstrip('/')}/{hashlib.sha256(data).hexdigest()}{suffix}"
    put(store, path, data)
    return path


def put_file(store: ObjectStore, prefix: str, file: Path) -> str:
    """`put_content` for a file of any size: streamed, never whole in memory."""
    with file.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
    path = f"{prefix.rstrip('/')}/{digest}{''.join(file.suffixes[-2:])}"
    obstore.put(store, path, file)
    return path


def fetch(store: ObjectStore, path: str, to: Path) -> None:
    """Copy the object at `path` into the file `to`, streamed."""
    with to.open("wb") as out:
        for piece in obstore.get(store, path).stream():
            out.write(piece)


def write_parquet(store: ObjectStore, path: str, frame: pl.DataFrame) -> None:
    """Write one lake file."""
    buffer = BytesIO()
    frame.write_parquet(buffer)
    put(store, path, buffer.getvalue())


def read_parquet(store: ObjectStore, path: str) -> pl.DataFrame:
    """Read one lake file."""
    return pl.read_parquet(BytesIO(get(store, path)))
