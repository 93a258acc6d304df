"""Moodle's own log, read while Moodle writes it: every event once, whatever ends in between."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import obstore
import polars as pl
import pytest
from moodle_database import COURSE, PASSWORD, MoodleDatabase, generated, moodle_database, recorded
from obstore.store import LocalStore
from psycopg import Connection
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from studium.database.pool import Role, connect
from studium.moodle.keys import CourseKey
from studium.moodle.logs.database import LogDatabase, MoodleDatabaseError
from studium.moodle.logs.format import LogError
from studium.moodle.logs.lake import fetch_events, land
from studium.moodle.logs.pull import Pulled, pull, register_days
from studium.moodle.logs.register import register_log
from studium.settings import Settings
from studium.storage import remove

CVS201, PHA203 = CourseKey("database-example-org", 2), CourseKey("database-example-org", 4)
SITE = CVS201.site_id


@pytest.fixture
def moodle(settings: Settings) -> Iterator[MoodleDatabase]:
    with moodle_database(settings) as made:
        yield made


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    (tmp_path / "store").mkdir()
    return LocalStore(tmp_path / "store")


@pytest.fixture
def pipeline(settings: Settings) -> Iterator[Connection]:
    """The pipeline's role on a site of two known courses; what it wrote is removed."""
    with connect(settings, Role.PIPELINE, autocommit=True) as connection:
        connection.execute("insert into raw.sites values (%s, 'https://database.example.org')", [SITE])
        for course in (CVS201, PHA203):
            connection.execute(COURSE, course)
        yield connection
        for table in ("log_files", "courses", "sites"):
            connection.execute(f"delete from raw.{table} where site_id = %s".encode(), [SITE])


@pytest.fixture
def read(moodle: MoodleDatabase, store: LocalStore, pipeline: Connection) -> Callable[..., Pulled]:
    def once(**told: object) -> Pulled:
        with LogDatabase.open(moodle.url) as database:
            return pull(store, pipeline, database, SITE, **told)

    return once


def landed_ids(store: LocalStore, folder: Path) -> list[int]:
    """Every id in the lake, as often as it is there."""
    paths = str(folder / "store/lake/moodle/*/logs/*/*.parquet")
    assert list(obstore.list(store, "lake/moodle").collect())
    return [row[0] for row in duckdb.sql(f"select id from read_parquet('{paths}') order by id").fetchall()]


def there(moodle: MoodleDatabase) -> list[int]:
    return [row[0] for row in moodle.connection.execute(f"select id from {moodle.log} order by id".encode())]


def events(store: LocalStore, pipeline: Connection, course: CourseKey, folder: Path) -> list[tuple[object, ...]]:
    """A course's events as every reader sees them."""
    land(store, pipeline, course)
    folder.mkdir()
    paths = [str(path) for path in fetch_events(store, course, folder)]
    return duckdb.sql(
        "select event_key, occurred_at, user_id, related_user_id, cmid, event_name, origin, ip "
        f"from read_parquet({paths}) order by all"
    ).fetchall()


class Writer(threading.Thread):
    """Adds rows from two connections while somebody reads: small commits, and one held back behind them all."""

    def __init__(self, moodle: MoodleDatabase, rows: pl.DataFrame, size: int) -> None:
        super().__init__()
        self.moodle, self.rows, self.size = moodle, rows, size
        self.is_under_way = threading.Event()

    def run(self) -> None:
        with self.moodle.another_connection() as late, self.moodle.another_connection() as other:
            self.moodle.add(self.rows.head(10), late)
            for start in range(10, len(self.rows), self.size):
                self.moodle.add(self.rows.slice(start, self.size), other)
                other.commit()
                time.sleep(0.005)
                self.is_under_way.set()
            late.commit()


def read_while_written(moodle, read, rows, size):
    writer = Writer(moodle, rows, size)
    writer.start()
    writer.is_under_way.wait(60)
    pulls = [read()]
    while writer.is_alive():
        pulls.append(read())
    writer.join()
    return [*pulls, read()]


def test_rows_added_while_reading_are_there_once(moodle, read, store, data, tmp_path):
    moodle.add(generated(data, 20_000))
    pulls = read_while_written(moodle, read, generated(data, 6000, starts=1_795_900_000), 20)
    assert len(pulls) > 2
    assert landed_ids(store, tmp_path) == there(moodle)
    assert sum(one.rows_added for one in pulls) == 26_000
    assert read().rows_added == 0


@pytest.mark.soak
def test_two_hundred_thousand_rows_are_there_once(moodle, read, store, pipeline, data, tmp_path):
    moodle.add(generated(data, 180_000))
    pulls = read_while_written(moodle, read, generated(data, 20_000, starts=1_795_900_000), 20)
    assert len(pulls) > 2
    assert landed_ids(store, tmp_path) == there(moodle)
    assert sum(one.rows_added for one in pulls) == 200_000
    register_days(pipeline, SITE)
    told = events(store, pipeline, CVS201, tmp_path / "database")
    with (
        (tmp_path / "log.csv").open("wb") as file,
        moodle.connection.cursor().copy(f"copy {moodle.log} to stdout (format csv, header)") as copy,
    ):
        for piece in copy:
            file.write(piece)
    register_log(store, pipeline, tmp_path / "log.csv", CVS201)
    assert events(store, pipeline, CVS201, tmp_path / "both") == told
    pipeline.execute("delete from raw.log_files where kind = 'store_database' and site_id = %s", [SITE])
    assert events(store, pipeline, CVS201, tmp_path / "csv") == told


def test_database_report_and_dump_are_the_same_events(moodle, read, store, pipeline, data, tmp_path):
    """For a learner of the log it does not matter by which door an event came, nor by how many."""
    register_log(store, pipeline, data / "moodle/mdl_logstore_standard_log.parquet", PHA203)
    dumped = events(store, pipeline, PHA203, tmp_path / "dump")
    moodle.add(recorded(data))
    assert read().rows_read == 27_464
    assert register_days(pipeline, SITE) == [CVS201, PHA203]
    assert events(store, pipeline, PHA203, tmp_path / "both") == dumped
    assert [(one.accepted, one.repeated) for one in land(store, pipeline, PHA203).imports] == [(8921, 0), (8921, 8921)]
    pipeline.execute("delete from raw.log_files where site_id = %s and kind <> 'store_database'", [SITE])
    assert events(store, pipeline, PHA203, tmp_path / "database") == dumped

    pipeline.execute("update raw.sites set timezone = 'Europe/London' where site_id = %s", [SITE])
    register_log(store, pipeline, data / "moodle/report_log_course4.csv.gz", PHA203)
    assert events(store, pipeline, PHA203, tmp_path / "with report") == dumped
    assert land(store, pipeline, PHA203).imports[1].repeated == 8919


def test_a_second_reading_changes_nothing(moodle, read, store, pipeline, data):
    moodle.add(recorded(data))
    first = read()
    assert register_days(pipeline, SITE) == [CVS201, PHA203]
    before = {one["path"]: one["last_modified"] for one in obstore.list(store).collect()}
    second = read()
    assert (first.rows_added, second.rows_added, second.last_id) == (27_464, 0, 39_014)
    assert second.rows_read < first.rows_read
    assert register_days(pipeline, SITE) == []
    assert {one["path"]: one["last_modified"] for one in obstore.list(store).collect()} == before


def test_a_new_row_touches_its_course_and_day_alone(moodle, read, store, pipeline, data):
    moodle.add(recorded(data))
    read()
    register_days(pipeline, SITE)
    before = {one["path"]: one["last_modified"] for one in obstore.list(store, "lake/moodle").collect()}
    moodle.connection.execute(f"select setval('{moodle.log}_id_seq', 40000)".encode())
    moodle.add(generated(data, 1, courses=(4,)))
    assert read().rows_added == 1
    assert register_days(pipeline, SITE) == [PHA203]
    after = {one["path"]: one["last_modified"] for one in obstore.list(store, "lake/moodle").collect()}
    assert [path for path in after if after[path] != before.get(path)] == [
        "lake/moodle/database-example-org/logs/day=2026-11-23/course=4.parquet"
    ]


class PowerCutError(Exception):
    """Ends a reading where a kill would."""


def cut(connection: Connection, after: int) -> Connection:
    """A connection on which the transaction with that number never comes about."""

    class Failing:
        left = after

        def __getattr__(self, name: str) -> object:
            return getattr(connection, name)

        def transaction(self) -> object:
            self.left -= 1
            if self.left < 0:
                raise PowerCutError
            return connection.transaction()

    return Failing()  # type: ignore[return-value]


@pytest.mark.parametrize("batches", [0, 1, 3])
def test_a_reading_that_ends_after_landing_is_taken_up(moodle, store, pipeline, data, tmp_path, batches):
    """The rows lie in the lake, the mark has not moved: the next reading finds them there."""
    moodle.add(recorded(data))
    with LogDatabase.open(moodle.url) as database, pytest.raises(PowerCutError):
        pull(store, cut(pipeline, batches), database, SITE, size=5000)
    landed = landed_ids(store, tmp_path)
    assert len(landed) == 5000 * (batches + 1)
    with LogDatabase.open(moodle.url) as database:
        rest = pull(store, pipeline, database, SITE, overlap=100)
    assert rest.rows_read <= 27_464 - 5000 * batches + 100
    assert rest.rows_added == 27_464 - len(landed)
    assert landed_ids(store, tmp_path) == there(moodle)
    assert register_days(pipeline, SITE) == [CVS201, PHA203]
    assert [land(store, pipeline, course).events for course in (CVS201, PHA203)] == [13_292, 8921]


def test_a_course_that_comes_after_its_rows_gets_them(moodle, read, store, pipeline, data):
    pipeline.execute("delete from raw.courses where site_id = %s and course_id = 4", [SITE])
    moodle.add(recorded(data))
    read()
    assert register_days(pipeline, SITE) == [CVS201]
    pipeline.execute(COURSE, PHA203)
    assert register_days(pipeline, SITE) == [PHA203]
    assert land(store, pipeline, PHA203).events == 8921


def test_a_day_lost_from_the_lake_is_told_and_read_again(moodle, read, store, pipeline, data):
    moodle.add(recorded(data))
    read()
    register_days(pipeline, SITE)
    remove(store, "lake/moodle/database-example-org/logs/day=2026-10-02/course=4.parquet")
    with pytest.raises(LogError, match="of 2026-10-02 is gone from the lake"):
        land(store, pipeline, PHA203)
    assert read(again=True).rows_added > 0
    assert land(store, pipeline, PHA203).events == 8921


def test_impossible_times_are_refused_and_kept(moodle, read, store, pipeline, data):
    odd = generated(data, 3, courses=(4,)).with_columns(timecreated=pl.Series([-5, 1_795_400_000, 1 << 60]))
    moodle.add(odd)
    assert read().rows_added == 3
    register_days(pipeline, SITE)
    landed = land(store, pipeline, PHA203)
    assert (landed.events, landed.imports[0].refused) == (1, 2)


def test_a_row_of_no_course_is_the_sites(moodle, read, store, data):
    moodle.add(generated(data, 2).with_columns(courseid=pl.Series([None, 4], dtype=pl.Int64)))
    assert read().rows_added == 2
    assert read().rows_added == 0
    assert sorted(one["path"].rpartition("/")[2] for one in obstore.list(store).collect()) == [
        "course=0.parquet",
        "course=4.parquet",
    ]


def test_another_moodles_database_is_refused(moodle, read, store, pipeline, data):
    moodle.add(recorded(data))
    read()
    moodle.connection.execute(f"delete from {moodle.log} where id > 5000".encode())
    with pytest.raises(MoodleDatabaseError, match=r"the newest row of Moodle's log is 5000, .* up to 39014"):
        read()


def test_a_cleaned_log_is_no_error(moodle, read, store, data, tmp_path):
    moodle.add(recorded(data))
    read()
    moodle.connection.execute(f"delete from {moodle.log}".encode())
    assert read().rows_read == 0
    assert len(landed_ids(store, tmp_path)) == 27_464


def test_nothing_can_be_written_through_the_session(moodle):
    moodle.connection.execute(f"grant all on {moodle.log} to public".encode())
    with LogDatabase.open(moodle.url) as database:
        assert database.newest() == 0
        with pytest.raises(DBAPIError, match="read-only transaction"):
            database._connection.exec_driver_sql(f"delete from {moodle.log}")
        timeout = database._connection.exec_driver_sql("show statement_timeout").scalar()
        assert timeout == "1min"


def test_a_prefix_is_told_in_the_url(settings, data, pipeline, store):
    with moodle_database(settings, prefix="m45_") as other:
        other.add(recorded(data))
        with LogDatabase.open(other.url) as database:
            assert pull(store, pipeline, database, SITE).rows_added == 27_464
        plain = SecretStr(other.url.get_secret_value().partition("&prefix")[0])
        with LogDatabase.open(plain) as database, pytest.raises(MoodleDatabaseError, match="mdl_logstore_standard_log"):
            database.newest()


def test_the_account_needs_the_log_alone(moodle, data, caplog):
    moodle.connection.execute("revoke select on mdl_config from public")
    name = moodle.connection.info.dbname
    with LogDatabase.open(moodle.url) as database:
        assert database.identifier_hash() is not None
    moodle.connection.execute(f"revoke select on mdl_config from {name}_reader".encode())
    with LogDatabase.open(moodle.url) as database:
        assert database.identifier_hash() is None
        assert database.newest() == 0


def test_a_wrong_password_is_told_without_it(moodle):
    url = moodle.url.get_secret_value().replace(moodle.connection.info.dbname, "nobody")
    with pytest.raises(MoodleDatabaseError, match="cannot be read") as refused, LogDatabase.open(SecretStr(url)):
        pass
    assert PASSWORD not in f"{refused.value!r} {refused.getrepr(style='long', showlocals=True)}"
