"""Log files on their way into `raw`: registered, read into the lake, rolled up, and once more without a change."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import obstore
import polars as pl
import pytest
from obstore.store import LocalStore
from psycopg import Connection

from studium.database.pool import Role, connect
from studium.moodle.activity import Course, roll_up
from studium.moodle.activity_load import KEYS, load_imports, load_table
from studium.moodle.keys import CourseKey
from studium.moodle.logs.engine import open_engine
from studium.moodle.logs.lake import fetch_events, folder_of, land, landing
from studium.moodle.logs.register import LogError, register_log
from studium.settings import Settings
from studium.storage import read_parquet

CVS201, PHA203 = CourseKey("logs-example-org", 2), CourseKey("logs-example-org", 4)
LONDON = ZoneInfo("Europe/London")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> LocalStore:
    return LocalStore(tmp_path_factory.mktemp("store"))


@pytest.fixture
def pipeline(settings: Settings) -> Iterator[Connection]:
    """A connection of the pipeline's role, on a site of two known courses; its work is rolled back."""
    with connect(settings, Role.PIPELINE) as connection:
        connection.execute(
            "insert into raw.sites (site_id, wwwroot) values (%s, 'https://logs.example.org')", [CVS201.site_id]
        )
        for course in (CVS201, PHA203):
            connection.execute(
                """
                insert into raw.course_backups
                    (site_id, course_id, sha256, object_path, filename, byte_size, backup_at)
                values (%s, %s, 'x', 'x', 'x.mbz', 1, now())""",
                course,
            )
        yield connection
        connection.rollback()


@pytest.fixture
def sample() -> Path:
    return Path(__file__).parents[2] / "examples/cvs201/report_log_course2.csv.gz"


@pytest.fixture
def dump(data: Path) -> Path:
    return data / "moodle/mdl_logstore_standard_log.parquet"


def roll(connection: Connection, store: LocalStore, course: CourseKey) -> dict[str, int]:
    """What the assets do, without Dagster; returns how many rows of each table changed."""
    landed = land(store, connection, course)
    with tempfile.TemporaryDirectory() as name, open_engine(Path(name)) as engine:
        roll_up(engine, fetch_events(store, course, Path(name)), Course(*course, LONDON))
        changed = {table: load_table(engine, connection, table, course, Path(name)) for table in KEYS}
    return changed | {"log_imports": load_imports(connection, course, landed.imports)}


def one(connection: Connection, query: str, *values: object) -> tuple[object, ...]:
    row = connection.execute(query, values).fetchone()
    assert row is not None
    return row


def sums(connection: Connection, course: CourseKey) -> tuple[object, ...]:
    return one(
        connection,
        """
        select sum(events), sum(sessions), sum(active_seconds) from raw.activity_daily
        where site_id = %s and course_id = %s""",
        *course,
    )


def test_report_and_dump_are_the_same_rows(pipeline, store, sample, dump):
    register_log(store, pipeline, sample, CVS201, LONDON)
    roll(pipeline, store, CVS201)
    assert sums(pipeline, CVS201)[0] == 13289
    register_log(store, pipeline, dump, CVS201)
    roll(pipeline, store, CVS201)
    assert sums(pipeline, CVS201)[0] == 13292
    accounts = pipeline.execute(
        "select accepted, repeated, refused, rows_read from raw.log_imports order by 4"
    ).fetchall()
    assert accounts == [(13289, 0, 0, 13289), (13292, 13289, 0, 27464)]


def test_the_same_again_changes_nothing(pipeline, store, sample, dump):
    for path in (dump, sample):
        register_log(store, pipeline, path, CVS201, LONDON)
    first = roll(pipeline, store, CVS201)
    assert all(first.values())
    assert not register_log(store, pipeline, sample, CVS201, LONDON).is_new
    before = landing(store, CVS201)
    assert roll(pipeline, store, CVS201) == dict.fromkeys(first, 0)
    assert landing(store, CVS201) == before


def test_sums_over_modules_are_those_of_the_sessions(pipeline, store, dump):
    register_log(store, pipeline, dump, PHA203, LONDON)
    roll(pipeline, store, PHA203)
    events, sessions, active = sums(pipeline, PHA203)
    counted = one(
        pipeline,
        """
        select count(*), sum(active_seconds), sum(extract(epoch from ended_at - started_at))::bigint, sum(events)
        from raw.activity_sessions where site_id = %s""",
        PHA203.site_id,
    )
    present = one(
        pipeline,
        "select sum(events) from raw.activity_daily where origin in ('web', 'ws') and user_id > 0 and site_id = %s",
        PHA203.site_id,
    )
    by_name = one(pipeline, "select sum(events) from raw.activity_events_daily where site_id = %s", PHA203.site_id)
    assert counted == (sessions, active, active, *present)
    assert (events,) == by_name == (8921,)


def test_a_course_is_not_touched_by_another(pipeline, store, dump):
    register_log(store, pipeline, dump, CVS201, LONDON)
    register_log(store, pipeline, dump, PHA203, LONDON)
    roll(pipeline, store, CVS201)
    roll(pipeline, store, PHA203)
    assert [sums(pipeline, course)[0] for course in (CVS201, PHA203)] == [13292, 8921]


def test_a_wrong_zone_is_mended_by_registering_again(pipeline, store, sample):
    register_log(store, pipeline, sample, CVS201, ZoneInfo("Asia/Tokyo"))
    roll(pipeline, store, CVS201)
    wrong = one(pipeline, "select min(first_at) from raw.activity_daily where site_id = %s", CVS201.site_id)
    again = register_log(store, pipeline, sample, CVS201, LONDON)
    roll(pipeline, store, CVS201)
    right = one(pipeline, "select min(first_at) from raw.activity_daily where site_id = %s", CVS201.site_id)
    assert again.is_new
    assert wrong != right
    assert sums(pipeline, CVS201)[0] == 13289
    assert one(pipeline, "select timezone from raw.sites where site_id = %s", CVS201.site_id) == ("Europe/London",)


def test_a_report_needs_a_zone_until_the_site_has_one(pipeline, store, sample, dump):
    with pytest.raises(LogError, match="Europe/London"):
        register_log(store, pipeline, sample, CVS201)
    assert one(pipeline, "select count(*) from raw.log_files where site_id = %s", CVS201.site_id) == (0,)
    register_log(store, pipeline, dump, CVS201, LONDON)
    assert register_log(store, pipeline, sample, CVS201).timezone == LONDON


def test_a_course_nobody_imported_is_refused(pipeline, store, dump):
    with pytest.raises(LogError, match="import its backup first"):
        register_log(store, pipeline, dump, CourseKey(CVS201.site_id, 99), LONDON)


def test_the_report_of_another_course_is_refused(pipeline, store, sample):
    with pytest.raises(LogError, match="another course"):
        register_log(store, pipeline, sample, PHA203, LONDON)


def test_a_dump_without_the_course_is_refused(pipeline, store, tmp_path, dump):
    rows = pl.read_parquet(dump).filter(pl.col("courseid") == PHA203.course_id).head(3)
    rows.write_parquet(tmp_path / "other.parquet")
    with pytest.raises(LogError, match="holds no row of logs-example-org:2: 3 are of other courses"):
        register_log(store, pipeline, tmp_path / "other.parquet", CVS201, LONDON)
    rows.with_columns(courseid=2, timecreated=pl.lit("then")).write_csv(tmp_path / "then.csv")
    with pytest.raises(LogError, match=r"3 cannot be read \(timecreated is no time\)"):
        register_log(store, pipeline, tmp_path / "then.csv", CVS201, LONDON)


@pytest.mark.parametrize("name", ["report_log_course4.csv.gz", "mdl_logstore_standard_log.parquet"])
def test_a_file_cut_off_is_refused_and_nothing_of_it_kept(pipeline, tmp_path, data, name):
    kept = LocalStore(tmp_path)
    whole = (data / "moodle" / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2] + (whole[-4000:] if name.endswith("parquet") else b""))
    with pytest.raises(LogError, match="cannot be read"):
        register_log(kept, pipeline, tmp_path / name, PHA203, LONDON)
    assert [one["path"] for one in obstore.list(kept).collect()] == [name]
    assert one(pipeline, "select count(*) from raw.log_files where site_id = %s", PHA203.site_id) == (0,)


def test_refused_rows_lie_beside_the_events(pipeline, store, tmp_path, dump):
    rows = pl.read_parquet(dump).filter(pl.col("courseid") == CVS201.course_id).head(3).cast(pl.String)
    broken = rows.with_columns(timecreated=pl.Series(["1795000000", "soon", "1795000001"]))
    broken.write_csv(tmp_path / "broken.csv")
    file = register_log(store, pipeline, tmp_path / "broken.csv", CVS201, LONDON)
    landed = land(store, pipeline, CVS201)
    assert (landed.events, landed.imports[0].refused) == (2, 1)
    kept = read_parquet(store, f"{folder_of(CVS201)}/refused/{file.sha256}.parquet")
    assert kept["reason"].to_list() == ["timecreated is no time"]
    assert "soon" in kept["text"][0]


def test_months_that_stand_are_not_written_again(pipeline, store, sample, dump):
    def written(month: str) -> object:
        return obstore.head(store, f"{folder_of(CVS201)}/events/{month}.parquet")["last_modified"]

    register_log(store, pipeline, dump, CVS201, LONDON)
    first = land(store, pipeline, CVS201)
    before = [written(month) for month in first.months]
    register_log(store, pipeline, sample, CVS201, LONDON)
    second = land(store, pipeline, CVS201)
    assert list(first.months) == ["2026-09", "2026-10", "2026-11"]
    assert (second.months, second.events) == (first.months, first.events)
    assert second.fingerprint != first.fingerprint
    assert [written(month) for month in second.months] == before


def test_a_month_that_is_gone_is_deleted(pipeline, store, tmp_path, dump):
    rows = pl.read_parquet(dump).filter(pl.col("courseid") == PHA203.course_id).head(2)
    rows.with_columns(timecreated=pl.Series([1767225600, 1795000000])).write_csv(tmp_path / "one.csv")
    register_log(store, pipeline, tmp_path / "one.csv", PHA203)
    assert list(land(store, pipeline, PHA203).months) == ["2026-01", "2026-11"]
    pipeline.execute("delete from raw.log_files where site_id = %s", [PHA203.site_id])
    assert land(store, pipeline, PHA203).months == {}
    assert list(obstore.list(store, f"{folder_of(PHA203)}/events").collect()) == []


def test_the_serving_role_reads_nothing_of_raw(settings):
    with connect(settings, Role.API) as connection, pytest.raises(Exception, match="permission denied"):
        connection.execute("select from raw.activity_daily")
