from datetime import UTC, datetime

import polars as pl
import pytest
from logs_help import read, store_row, write_store

from studium.moodle.logs.format import STORE_COLUMNS

MOMENT = 1795000000


@pytest.mark.parametrize(("header", "delimiter"), [(True, ","), (False, ","), (True, ";"), (True, "\t"), (False, "\t")])
def test_every_dialect_of_a_dump_gives_the_same_rows(tmp_path, header, delimiter):
    rows = [store_row(MOMENT), store_row(MOMENT + 5, relateduserid=4, objectid="", ip="", origin="cli")]
    plain = read(write_store(tmp_path / "plain", rows))
    other = read(write_store(tmp_path / "other", rows, header=header, delimiter=delimiter))
    assert other.rows == plain.rows
    assert plain.column("related_user_id") == [0, 4]
    assert plain.column("occurred_at")[0] == datetime.fromtimestamp(MOMENT, tz=UTC)


def test_a_parquet_dump_may_keep_numbers_as_text(tmp_path):
    rows = [store_row(MOMENT)]
    pl.DataFrame(rows).with_columns(pl.all().cast(pl.String)).write_parquet(tmp_path / "text.parquet")
    assert read(tmp_path / "text.parquet").rows == read(write_store(tmp_path / "plain", rows)).rows


def test_other_courses_are_counted_and_left(tmp_path):
    rows = [store_row(MOMENT), store_row(MOMENT + 1, courseid=4), store_row(MOMENT + 2, courseid=0)]
    told = read(write_store(tmp_path / "dump", rows))
    assert len(told.rows) == 1
    assert (told.imports[0].rows_read, told.imports[0].rows_of_course, told.imports[0].rows_elsewhere) == (3, 1, 2)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"timecreated": "soon"}, "timecreated is no time"),
        ({"timecreated": -1}, "timecreated is no time"),
        ({"courseid": "two"}, "courseid is no number"),
        ({"userid": ""}, "userid is no number"),
        ({"contextlevel": "x"}, "contextlevel is no number"),
        ({"eventname": ""}, "eventname is none"),
        ({"eventname": "course_viewed"}, "eventname is none"),
    ],
)
def test_rows_that_cannot_be_read_are_kept_with_the_reason(tmp_path, broken, reason):
    told = read(write_store(tmp_path / "dump", [store_row(MOMENT), store_row(MOMENT) | broken]))
    assert len(told.rows) == 1
    assert [(line, said) for line, said, _ in told.refused[0]] == [(2, reason)]
    assert told.imports[0].refused == 1


def test_nobody_is_zero_however_the_store_writes_it(tmp_path):
    rows = [store_row(MOMENT, userid=-1, relateduserid=0), store_row(MOMENT + 1, userid=0, relateduserid="")]
    told = read(write_store(tmp_path / "dump", rows))
    assert told.column("user_id") == told.column("related_user_id") == [0, 0]


def test_an_anonymous_event_loses_its_author(tmp_path):
    told = read(write_store(tmp_path / "dump", [store_row(MOMENT, anonymous=1, relateduserid=7, realuserid=2)]))
    assert (told.rows[0]["user_id"], told.rows[0]["related_user_id"], told.rows[0]["real_user_id"]) == (0, 0, 0)


def test_only_module_contexts_are_modules(tmp_path):
    rows = [store_row(MOMENT), store_row(MOMENT + 1, contextlevel=50, contextinstanceid=2)]
    assert read(write_store(tmp_path / "dump", rows)).column("cmid") == [12, 0]


def test_quotes_as_mysql_writes_them_are_read(tmp_path):
    lines = [f'"{name}"' for name in STORE_COLUMNS]
    row = store_row(MOMENT, eventname="\\\\mod_page\\\\event\\\\course_module_viewed", other='{\\"page\\":\\"1, 2\\"}')
    values = [f'"{value}"' if value != "" else "\\N" for value in row.values()]
    path = tmp_path / "outfile.csv"
    path.write_text("\n".join([",".join(lines), ",".join(values), ",".join(values)]) + "\n")
    assert read(path).column("event_name") == ["\\mod_page\\event\\course_module_viewed"] * 2
    assert read(path).refused == [[]]
