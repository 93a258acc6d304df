"""The operator's door to Moodle's own log: which site it is of, who Studium itself is, and what is asked for then."""

import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from moodle_database import COURSE, IDENTIFIER, PASSWORD, MoodleDatabase, generated, moodle_database, recorded
from moodle_site.site import TOKENS, Site
from psycopg import Connection
from pydantic import SecretStr

from assets import activity
from pipelines.jobs import launch_for
from pipelines.resources import Studium
from pipelines.schedules import moodle_logs_twice_hourly
from studium import work
from studium.database.pool import Role, connect
from studium.moodle.keys import CourseKey, site_id_of
from studium.moodle.logs.database import MoodleDatabaseError
from studium.moodle.logs.service import services
from studium.operations.doctor import examine
from studium.operations.logs import pull, site_of
from studium.settings import Settings

WWWROOT = "https://pulled.example.org"
SITE = site_id_of(WWWROOT)
CVS201, PHA203 = CourseKey(SITE, 2), CourseKey(SITE, 4)
HASH = hashlib.md5(IDENTIFIER.encode(), usedforsecurity=False).hexdigest()


@pytest.fixture
def moodle(settings: Settings, data: Path) -> Iterator[MoodleDatabase]:
    with moodle_database(settings) as made:
        made.add(recorded(data))
        yield made


@pytest.fixture
def installed(settings: Settings, moodle: MoodleDatabase, tmp_path: Path) -> Settings:
    changes = {"moodle_database_url": moodle.url, "moodle_url": WWWROOT, "storage_url": (tmp_path / "s").as_uri()}
    return settings.model_copy(update=changes)


@pytest.fixture
def pipeline(settings: Settings) -> Iterator[Connection]:
    with connect(settings, Role.PIPELINE, autocommit=True) as connection:
        connection.execute("update app.work_requests set status = 'done'")  # other tests' too wait in this database
        connection.execute("insert into raw.sites (site_id, wwwroot) values (%s, %s)", [SITE, WWWROOT])
        for course in (CVS201, PHA203):
            connection.execute(COURSE, course)
            connection.execute(
                """
                insert into raw.course_backups
                    (site_id, course_id, sha256, object_path, filename, byte_size, backup_at)
                values (%s, %s, 'x', 'x', 'x.mbz', 1, now())""",
                course,
            )
        yield connection
        tables = ("log_files", "activity_daily", "activity_events_daily", "activity_sessions", "courses")
        for table in (*tables, "course_backups", "sites"):
            connection.execute(f"delete from raw.{table} where site_id = %s".encode(), [SITE])
        connection.execute("delete from app.work_requests where payload ->> 'course_id' like %s", [f"{SITE}:%"])


def graph_of(settings: Settings) -> tuple[dg.Definitions, Studium]:
    class Installation(Studium):
        @property
        def settings(self) -> Settings:
            return settings

    studium = Installation()
    jobs = [
        dg.define_asset_job("logs", dg.AssetSelection.groups("activity")),
        dg.define_asset_job("pulling", dg.AssetSelection.groups("moodle_logs")),
    ]
    return dg.Definitions(assets=activity.ASSETS, jobs=jobs, resources={"studium": studium}), studium


def test_a_reading_goes_through_the_graph_to_the_roll_ups(installed, pipeline, moodle, data):
    definitions, studium = graph_of(installed)
    with dg.DagsterInstance.ephemeral() as instance:
        read = definitions.resolve_job_def("pulling").execute_in_process(instance=instance)
        metadata = read.asset_materializations_for_node("lake__moodle_logs")[0].metadata
        assert (metadata["rows_read"].value, metadata["rows_added"].value) == (27_464, 27_464)
        requests = [work.claim(pipeline) for _ in metadata["requests"].value]
        launches = [launch_for(request, studium, instance) for request in requests if request]
        assert [(launch.job, launch.partition_key) for launch in launches] == [
            ("log_roll_up", str(CVS201)),
            ("log_roll_up", str(PHA203)),
        ]
        instance.add_dynamic_partitions("courses", [str(CVS201), str(PHA203)])
        for launch in launches:
            job = definitions.resolve_job_def("logs")
            assert job.execute_in_process(instance=instance, partition_key=launch.partition_key).success
    assert len(work.unfinished(pipeline, "warehouse")) == 1, "one build for all courses"
    totals = pipeline.execute(
        "select course_id, sum(events) from raw.activity_daily where site_id = %s group by 1 order by 1", [SITE]
    ).fetchall()
    assert totals == [(2, 13_292), (4, 8921)]
    said = pipeline.execute(
        "select kind, rows_read, accepted, byte_size from raw.log_files join raw.log_imports "
        "using (site_id, course_id, sha256) where site_id = %s order by rows_read",
        [SITE],
    ).fetchall()
    assert said == [("store_database", 8921, 8921, None), ("store_database", 13_292, 13_292, None)]


def test_an_unchanged_log_asks_for_nothing_and_a_waiting_request_is_not_doubled(installed, pipeline, moodle, data):
    first = pull(installed)
    assert (first.courses, len(first.requests)) == ([str(CVS201), str(PHA203)], 2)
    assert pull(installed).requests == pull(installed).courses == []
    moodle.connection.execute(f"select setval('{moodle.log}_id_seq', 40000)".encode())
    moodle.add(generated(data, 10, courses=(4,)))
    second = pull(installed)
    assert (second.rows_added, second.courses, second.requests) == (10, [str(PHA203)], [])


def test_what_studium_asks_is_nobodys_activity(settings, installed, pipeline, moodle, data):
    """The service account may be enrolled: it is known by who Moodle says it is, not by its role."""
    with Site() as site:
        told = {"moodle_url": site.url, "moodle_token": SecretStr(TOKENS["service"]), "moodle_allow_private": True}
        at = site_id_of(site.url)
        pipeline.execute("insert into raw.sites (site_id, wwwroot) values (%s, %s)", [at, site.url])
        pipeline.execute(COURSE, [at, 2])
        try:
            ours = installed.model_copy(update=told)
            assert pull(ours).site_id == at
            assert services(pipeline, at) == [46]
            definitions, _ = graph_of(ours)
            with dg.DagsterInstance.ephemeral() as instance:
                instance.add_dynamic_partitions("courses", [f"{at}:2"])
                job = definitions.resolve_job_def("logs")
                assert job.execute_in_process(instance=instance, partition_key=f"{at}:2").success
            rows = pipeline.execute(
                "select origin, sum(events), sum(sessions) from raw.activity_daily "
                "where site_id = %s and user_id = 46 group by 1",
                [at],
            ).fetchall()
            assert rows == [("service", 2, 0)]
            others = pipeline.execute(
                "select count(*) from raw.activity_daily where site_id = %s and user_id <> 46 and origin = 'service'",
                [at],
            ).fetchone()
            assert others == (0,)
            pipeline.execute("delete from app.work_requests where payload ->> 'course_id' = %s", [f"{at}:2"])
            pipeline.execute("delete from raw.service_accounts where site_id = %s", [at])
            met = pull(ours)
            assert (met.rows_added, met.courses) == (0, [f"{at}:2"])  # its roll-ups are to be told anew
        finally:
            pipeline.execute("delete from app.work_requests where payload ->> 'course_id' = %s", [f"{at}:2"])
            for table in (
                "log_files",
                "activity_daily",
                "activity_events_daily",
                "activity_sessions",
                "courses",
                "sites",
            ):
                pipeline.execute(f"delete from raw.{table} where site_id = %s".encode(), [at])


def test_a_moodle_that_does_not_answer_holds_no_log_back(installed, pipeline, moodle):
    pipeline.execute("insert into raw.service_accounts values (%s, 46)", [SITE])
    ours = installed.model_copy(update={"moodle_token": SecretStr(TOKENS["service"])})
    account = pull(ours)
    assert (account.rows_added, account.services) == (27_464, [46])  # nobody knows where pulled.example.org is


@pytest.mark.parametrize(
    ("named", "moodle_url", "asked", "found"),
    [
        ({"a": HASH, "b": None}, None, HASH, "a"),
        ({"a": HASH, "b": None}, "https://b", HASH, "a"),
        ({"a": None, "b": None}, "https://b", HASH, "b"),
        ({"a": "other", "b": None}, None, HASH, "b"),
        ({"a": "other"}, None, None, "a"),
        ({"a": "other"}, "https://a", HASH, "none of whose courses is here"),
        ({"a": None}, "https://c", HASH, "none of whose courses is here"),
        ({"a": None, "b": None}, None, None, "several are here"),
        ({}, None, HASH, "no course is here yet"),
    ],
)
def test_the_site_is_the_one_the_database_says(admin, settings, named, moodle_url, asked, found):
    admin.execute("delete from raw.sites")
    for site_id, identifier_hash in named.items():
        admin.execute("insert into raw.sites values (%s, %s, %s)", [site_id, f"https://{site_id}", identifier_hash])
    told = settings.model_copy(update={"moodle_url": moodle_url})
    if found in named:
        assert site_of(admin, told, asked) == found
    else:
        with pytest.raises(MoodleDatabaseError, match=found):
            site_of(admin, told, asked)


def test_without_the_setting_it_is_said_what_there_is_instead(settings):
    with pytest.raises(MoodleDatabaseError, match="STUDIUM_MOODLE_DATABASE_URL is not set"):
        pull(settings)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"mysql://moodle:{PASSWORD}@127.0.0.1:1/moodle", "cannot be read"),
        (f"mariadb://moodle:{PASSWORD}@127.0.0.1:1/moodle", "cannot be read"),
        (f"oracle://moodle:{PASSWORD}@db.example.org/moodle", "should read like postgresql://"),
        (f"moodle:{PASSWORD}@db.example.org", "should read like postgresql://"),
        (f"postgresql://moodle:{PASSWORD}@127.0.0.1:1/moodle", "cannot be read"),
        ("postgresql://moodle@127.0.0.1:1/moodle?prefix=mdl_;drop", "no prefix"),
    ],
)
def test_a_database_that_cannot_be_read_is_told_without_the_password(settings, url, said):
    told = settings.model_copy(update={"moodle_database_url": SecretStr(url.replace("/of+", "of"))})
    with pytest.raises(MoodleDatabaseError, match=said) as refused:
        pull(told)
    assert "s3cret" not in f"{refused.value!r} {refused.getrepr(style='long', showlocals=False)}"


def test_the_doctor_looks_at_it(installed, pipeline, moodle):
    pull(installed)
    found = {finding.name: finding for finding in examine(installed)}["Moodle's log"]
    assert (found.state, found.well) == ("postgresql, newest row 39014, read up to 39014", True)
    broken = installed.model_copy(update={"moodle_database_url": SecretStr("mysql://a:b@127.0.0.1:1/d")})
    found = {finding.name: finding for finding in examine(broken)}["Moodle's log"]
    assert "cannot be read" in found.state
    assert not found.well


def test_the_clock_reads_only_where_there_is_a_database(settings, installed):
    for told, kind in ((settings, dg.SkipReason), (installed, dg.RunRequest)):
        _, studium = graph_of(told)
        context = dg.build_schedule_context(resources={"studium": studium})
        assert isinstance(moodle_logs_twice_hourly(context), kind)


READING = """
from studium.moodle.logs import pull
from studium.operations.logs import pull as read
from studium.settings import Settings
pull.pull.__kwdefaults__["size"] = 1000
print("begins", flush=True)
read(Settings(_env_file=None))
"""


@pytest.mark.soak
def test_a_reading_that_is_killed_again_and_again_reads_every_row_once(installed, pipeline, moodle, tmp_path):
    """Real processes, killed at any moment; small batches, so that most end between landing and the mark."""
    environment = os.environ | {
        "STUDIUM_HOME": str(installed.home),
        "STUDIUM_STORAGE_URL": str(installed.storage_url),
        "STUDIUM_MOODLE_URL": WWWROOT,
        "STUDIUM_MOODLE_DATABASE_URL": moodle.url.get_secret_value(),
    }
    chance, kills = random.Random(5), 0
    for _ in range(12):
        child = subprocess.Popen([sys.executable, "-c", READING], env=environment, stdout=subprocess.PIPE)
        assert child.stdout
        assert child.stdout.readline() == b"begins\n"
        time.sleep(chance.uniform(0.1, 0.9))
        child.kill()
        kills += child.wait() != 0
        child.stdout.close()
    assert kills > 3
    pull(installed)
    paths = str(tmp_path / "s/lake/moodle/*/logs/*/*.parquet")
    counted = duckdb.sql(f"select count(*), count(distinct id) from read_parquet('{paths}')").fetchone()
    assert counted == (27_464, 27_464)
    days = pipeline.execute("select sum(events) from raw.log_days where site_id = %s", [SITE]).fetchone()
    assert days == (27_464,)
    assert pull(installed).rows_added == 0
