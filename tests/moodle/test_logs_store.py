from datetime import UTC, datetime

import polars as pl
import pytest
from logs_help import read, store_row, write_store

from studium.moodle.logs.format import STORE_COLUMNS

MOMENT = 1795000000


@pytest.mark.parametrize(
    ("header", "delimiter"), [(True, ","), (False, ","), (True, ";"), (True, "|"), (True, "\t"), (False, "\t")]
)
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


NUMBERS = ("id", "objectid", "contextlevel", "contextinstanceid", "userid", "courseid", "anonymous", "timecreated")
AT = pl.from_epoch("timecreated")


@pytest.mark.parametrize(
    "typed",
    [
        pl.col("userid", "timecreated").cast(pl.Int32),
        pl.col("userid", "contextinstanceid", "timecreated").cast(pl.Float64),
        pl.col("userid", "timecreated").cast(pl.Decimal(20, 0)),
        pl.col("anonymous").cast(pl.Boolean),
        AT,
        AT.cast(pl.Datetime("ns")),
        AT.dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/London"),
        pl.col("eventname", "origin", "ip").cast(pl.Binary),
        pl.col("eventname", "origin").cast(pl.Categorical),
    ],
)
def test_a_parquet_dump_may_type_its_columns_as_it_likes(tmp_path, typed):
    rows = [store_row(MOMENT), store_row(MOMENT + 5, anonymous=1)]
    frame = pl.DataFrame(rows).with_columns(pl.col(NUMBERS).cast(pl.Int64))
    frame.with_columns(typed).select(sorted(frame.columns)).write_parquet(tmp_path / "typed.parquet")
    plain = read(write_store(tmp_path / "plain", rows))
    assert plain.column("user_id") == [3, 0]
    assert read(tmp_path / "typed.parquet").rows == plain.rows


@pytest.mark.parametrize("nothing", ["NULL", "null", "None", "nan", "\\N"])
@pytest.mark.parametrize(("yes", "no"), [("1", "0"), ("True", "False"), ("t", "f"), ("1.0", "0.0")])
def test_nothing_and_yes_are_known_however_they_are_written(tmp_path, nothing, yes, no):
    rows = [store_row(MOMENT), store_row(MOMENT + 5, anonymous=1)]
    told = [
        {name: nothing if value == "" else value for name, value in row.items()}
        | {"anonymous": yes if row["anonymous"] else no, "ip": nothing, "userid": f"{row['userid']}.0"}
        for row in rows
    ]
    bare = [row | {"ip": ""} for row in rows]
    assert read(write_store(tmp_path / "told", told)).rows == read(write_store(tmp_path / "bare", bare)).rows


def test_a_time_may_be_written_out(tmp_path):
    rows = [store_row(MOMENT, timecreated=at) for at in ("2026-11-18 11:06:40", "2026-11-18T12:06:40+01:00")]
    assert read(write_store(tmp_path / "dump", rows)).column("occurred_at") == [datetime.fromtimestamp(MOMENT, UTC)] * 2


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


@pytest.mark.parametrize("other", ['{\\"page\\":\\"1, 2\\"}', 'a:1:{s:4:\\"page\\";s:4:\\"1, 2\\";}'])
def test_quotes_as_mysql_writes_them_are_read(tmp_path, other):
    lines = [f'"{name}"' for name in STORE_COLUMNS]
    row = store_row(MOMENT, eventname="\\\\mod_page\\\\event\\\\course_module_viewed", other=other)
    values = [f'"{value}"' if value != "" else "\\N" for value in row.values()]
    path = tmp_path / "outfile.csv"
    path.write_text("\n".join([",".join(lines), ",".join(values), ",".join(values)]) + "\n")
    assert read(path).column("event_name") == ["\\mod_page\\event\\course_module_viewed"] * 2
    assert read(path).refused == [[]]
