import gzip

import polars as pl
import pytest
from logs_help import read, report_row, store_row, write_report, write_store

from studium.moodle.logs.format import REPORT_COLUMNS, Kind, LogError, recognise


def test_a_report_is_told_by_its_bytes_not_its_name(tmp_path):
    path = write_report(tmp_path / "log.parquet", [report_row("8/09/26, 10:30:00")])
    assert recognise(path).kind is Kind.REPORT_CSV
    packed = tmp_path / "log.txt"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert (recognise(packed).kind, recognise(packed).compressed) == (Kind.REPORT_CSV, True)


def test_columns_of_a_report_may_stand_in_another_order(tmp_path):
    path = write_report(tmp_path / "log.csv", [report_row("8/09/26, 10:30:00")[::-1]], REPORT_COLUMNS[::-1])
    assert recognise(path).columns == REPORT_COLUMNS[::-1]


def test_a_translated_report_is_told_by_what_stays_english(tmp_path):
    header = ["Zeit", "Name", "Betroffen", "Kontext", "Komponente", "Ereignis", "Beschreibung", "Herkunft", "IP"]
    path = write_report(tmp_path / "log.csv", [report_row("8.09.26, 10:30:00")], header)
    assert recognise(path).columns == REPORT_COLUMNS


@pytest.mark.parametrize(("header", "delimiter"), [(True, ","), (True, ";"), (False, ","), (True, "\t"), (False, "\t")])
def test_a_dump_is_recognised_with_and_without_header(tmp_path, header, delimiter):
    layout = recognise(write_store(tmp_path / "d", [store_row(1795000000)], header=header, delimiter=delimiter))
    assert (layout.kind, layout.header, layout.delimiter) == (Kind.STORE_CSV, header, delimiter)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"name,mark\nAda,3\n", "neither a log report"),
        ("Time,Event".encode("utf-16"), "UTF-16"),
        (b"\x1f\x8bnot really", "broken gzip"),
        (b"PAR1 not really", "cannot be read"),
        (b'Time,"Event name",Description\n', "lacks User full name"),
        (b"eventname,timecreated\n", "has the columns"),
    ],
)
def test_what_is_no_log_is_refused_with_the_reason(tmp_path, content, says):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(LogError, match=says):
        recognise(path)


def test_a_parquet_file_of_something_else_is_refused(tmp_path):
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(LogError, match="has the columns"):
        recognise(tmp_path / "a.parquet")


def test_a_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress((",".join(REPORT_COLUMNS) + "\n").encode() + bytes(1 << 26)))
    with pytest.raises(LogError, match="more than any log holds"):
        read(path)
