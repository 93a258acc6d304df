"""Files that arrive: their names made harmless, their bytes bounded."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

from fastapi import HTTPException, UploadFile

LONGEST_NAME = 200


def safe_name(filename: str | None) -> str:
    """The last part of a file name, without what a path, a header or a terminal would act on."""
    last = PureWindowsPath(PurePosixPath(filename or "").name).name
    printable = "".join(character for character in last if character.isprintable()).strip(" .")
    if not printable:
        raise HTTPException(422, "The file needs a name.")
    stem, suffix = PurePosixPath(printable).stem, PurePosixPath(printable).suffix[:20]
    return stem[: LONGEST_NAME - len(suffix)] + suffix


def read_bounded(file: UploadFile, most: int) -> bytes:
    """The file's bytes; a problem when there are none or too many."""
    data = file.file.read(most + 1)
    if len(data) > most:
        raise HTTPException(413, f"A file can have at most {most:,} bytes.")
    if not data:
        raise HTTPException(422, "The file is empty.")
    return data


@contextmanager
def as_path(file: UploadFile, name: str) -> Iterator[Path]:
    """The file on disk under its own name, for readers that want a path; gone with the block."""
    with tempfile.TemporaryDirectory(prefix="studium-") as folder:
        path = Path(folder) / name
        with path.open("wb") as out:
            shutil.copyfileobj(file.file, out)
        if path.stat().st_size == 0:
            raise HTTPException(422, "The file is empty.")
        yield path
