"""Files that arrive: their bytes bounded. Their names are made harmless where they are kept (`content.intake`)."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import HTTPException, UploadFile

from studium.content.intake import safe_name


def read_bounded(file: UploadFile, most: int) -> bytes:
    """The file's bytes; a problem when there are none or too many."""
    data = file.file.read(most + 1)
    if len(data) > most:
        raise HTTPException(413, f"A file can have at most {most:,} bytes.")
    if not data:
        raise HTTPException(422, "The file is empty.")
    return data


@contextmanager
def as_path(file: UploadFile) -> Iterator[Path]:
    """The file on disk under a harmless form of its own name, for readers that want a path; gone with the block."""
    with tempfile.TemporaryDirectory(prefix="studium-") as folder:
        path = Path(folder) / safe_name(file.filename or "")
        with path.open("wb") as out:
            shutil.copyfileobj(file.file, out)
        if path.stat().st_size == 0:
            raise HTTPException(422, "The file is empty.")
        yield path
