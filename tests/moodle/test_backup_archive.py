"""Archives that are not what they say: each ends in an error of its own, and nothing leaves the folder."""

import gzip
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
from backup_help import CVS201, PHA203, as_tar, as_zip, opened, tar_of

from studium.moodle.backup.archive import Limits, unpack
from studium.moodle.errors import (
    BackupError,
    DamagedBackupError,
    NotABackupError,
    UnsafeBackupError,
    UnsupportedBackupError,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "inside" / "unpacked"
    made.mkdir(parents=True)
    return made


def outside(folder: Path) -> list[Path]:
    return [path for path in folder.parents[1].rglob("*") if path.is_file() and folder not in path.parents]


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_tar_and_zip_hold_the_same(tmp_path: Path) -> None:
    original = opened(PHA203, tmp_path / "a")
    zipped = opened(as_zip(original, tmp_path / "b.mbz"), tmp_path / "b")
    tarred = opened(as_tar(original, tmp_path / "c.mbz"), tmp_path / "c")
    assert names(original) == names(zipped) == names(tarred)
    assert (zipped / "users.xml").read_bytes() == (original / "users.xml").read_bytes()


@pytest.mark.parametrize(
    "name", ["../evil", "a/../../evil", "/tmp/evil-of-studium", "a\\..\\..\\evil", "C:evil", "x" * 300]
)
def test_names_that_lead_out_are_refused(tmp_path: Path, folder: Path, name: str) -> None:
    bad = tar_of(tmp_path / "x.mbz", (tarfile.TarInfo(name), b"harm"))
    with pytest.raises(UnsafeBackupError, match="leads out"):
        unpack(bad, folder)
    zipped = tmp_path / "y.mbz"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"harm")
    with pytest.raises(UnsafeBackupError, match="leads out"):
        unpack(zipped, folder)
    assert set(outside(folder)) == {bad, zipped}
    assert not Path("/tmp/evil-of-studium").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_only_files_come_out_of_a_tar(tmp_path: Path, folder: Path, kind: bytes) -> None:
    link = tarfile.TarInfo("files/ab/link")
    link.type, link.linkname = kind, "/etc/passwd"
    with pytest.raises(UnsafeBackupError, match="a link or a device"):
        unpack(tar_of(tmp_path / "x.mbz", (link, b"")), folder)


def test_only_files_come_out_of_a_zip(tmp_path: Path, folder: Path) -> None:
    link = zipfile.ZipInfo("users.xml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "x.mbz", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UnsafeBackupError, match="a link or a device"):
        unpack(tmp_path / "x.mbz", folder)


@pytest.mark.parametrize("pack", [as_tar, as_zip])
@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(total_bytes=1_000_000), "more than 1,000,000 bytes"),
        (Limits(ratio=20, ratio_from_bytes=1000), "too much for its size"),
        (Limits(file_bytes=1_500_000), "larger than 1,500,000"),
        (Limits(files=3), "more than 3 files"),
    ],
)
def test_bombs_are_stopped(tmp_path: Path, folder: Path, pack: object, limits: Limits, said: str) -> None:
    packed = tmp_path / "many"
    packed.mkdir()
    for number in range(5):
        (packed / f"{number}.xml").write_bytes(bytes(2_000_000))
    with pytest.raises(UnsafeBackupError, match=said):
        unpack(pack(packed, tmp_path / "x.mbz"), folder, limits)  # type: ignore[operator]
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= 10_000_000


def test_a_header_that_asks_for_memory_is_stopped(tmp_path: Path, folder: Path) -> None:
    header = tarfile.TarInfo("PaxHeaders/x")
    header.type = tarfile.XHDTYPE
    bomb = tar_of(tmp_path / "x.mbz", (header, b"9" * 30_000_000))
    with pytest.raises(BackupError):
        unpack(bomb, folder, Limits(ratio_from_bytes=1_000_000, ratio=20))


def test_a_backup_cut_anywhere_says_so(tmp_path: Path) -> None:
    whole = CVS201.read_bytes()
    for number, share in enumerate((0.0001, 0.1, 0.37, 0.5, 0.83, 0.99, 0.999985)):
        cut = tmp_path / f"{number}.mbz"
        cut.write_bytes(whole[: int(len(whole) * share)])
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(DamagedBackupError, match="cut off"):
            unpack(cut, folder)


def test_a_backup_cut_between_two_files_says_which_is_missing(tmp_path: Path, folder: Path) -> None:
    opened(CVS201, tmp_path / "a")
    (tmp_path / "a" / "activities" / "quiz_24" / "quiz.xml").unlink()
    with pytest.raises(DamagedBackupError, match=r"quiz_24/quiz\.xml is missing"):
        unpack(as_tar(tmp_path / "a", tmp_path / "x.mbz"), folder)


def test_a_flipped_byte_is_noticed(tmp_path: Path, folder: Path) -> None:
    original = opened(PHA203, tmp_path / "a")
    data = bytearray(as_zip(original, tmp_path / "x.mbz").read_bytes())
    data[len(data) // 3] ^= 0xFF
    (tmp_path / "x.mbz").write_bytes(data)
    with pytest.raises(DamagedBackupError):
        unpack(tmp_path / "x.mbz", folder)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7 a lecture", "neither a tar.gz nor a zip"),
        (gzip.compress(b"Time,User full name\n" * 1000), "no tar archive"),
        (b"PK\x05\x06" + bytes(18), "is empty"),
    ],
)
def test_something_else_is_called_that(tmp_path: Path, folder: Path, data: bytes, said: str) -> None:
    path = tmp_path / "lecture.mbz"
    path.write_bytes(data)
    with pytest.raises(NotABackupError, match=said):
        unpack(path, folder)


def test_an_encrypted_zip_is_called_that(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "x.mbz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("moodle_backup.xml", "<x/>")
    data = path.read_bytes().replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
    path.write_bytes(data)
    with pytest.raises(UnsupportedBackupError, match="encrypted"):
        unpack(path, folder)


def test_a_name_twice_is_refused(tmp_path: Path, folder: Path) -> None:
    twice = tar_of(tmp_path / "x.mbz", (tarfile.TarInfo("a.xml"), b"1"), (tarfile.TarInfo("a.xml"), b"2"))
    with pytest.raises(DamagedBackupError, match="twice"):
        unpack(twice, folder)


def test_a_file_where_a_folder_stands_is_refused(tmp_path: Path, folder: Path) -> None:
    odd = tar_of(tmp_path / "x.mbz", (tarfile.TarInfo("a"), b"1"), (tarfile.TarInfo("a/b"), b"2"))
    with pytest.raises(DamagedBackupError, match="cannot be unpacked"):
        unpack(odd, folder)


def test_a_backup_packed_by_hand_is_taken(tmp_path: Path, folder: Path) -> None:
    dotted = tar_of(tmp_path / "x.mbz", (tarfile.TarInfo("./course/course.xml"), b"<course/>"))
    unpack(dotted, folder)
    assert names(folder) == {"course/course.xml"}
