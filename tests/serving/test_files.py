from io import BytesIO

import pytest
from fastapi import HTTPException, UploadFile

from serving.files import as_path, read_bounded


def test_bytes_are_bounded() -> None:
    assert read_bounded(UploadFile(BytesIO(b"1234")), 4) == b"1234"
    for data, status in [(b"12345", 413), (b"", 422)]:
        with pytest.raises(HTTPException) as refused:
            read_bounded(UploadFile(BytesIO(data)), 4)
        assert refused.value.status_code == status


def test_a_file_is_on_disk_for_a_while_under_a_harmless_name() -> None:
    with as_path(UploadFile(BytesIO(b"1234"), filename="../../log.csv.gz")) as path:
        assert path.name == "log.csv.gz"
        assert path.read_bytes() == b"1234"
    assert not path.exists()
