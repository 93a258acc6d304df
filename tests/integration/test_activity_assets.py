"""The way of a course's logs through the real Dagster graph, checks included."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import polars as pl
import pytest

from assets import activity
from pipelines.checks.activity import CHECKS, unsound
from pipelines.resources import Studium
from studium.database.pool import Role, connect
from studium.moodle.keys import CourseKey
from studium.moodle.logs.lake import folder_of, landing
from studium.moodle.logs.register import register_log
from studium.settings import Settings
from studium.storage import get, open_store, put

COURSE = CourseKey("graph-example-org", 4)


@pytest.fixture
def studium(settings: Settings, data: Path) -> Iterator[Studium]:
    class Installation(Studium):
        @property
        def settings(self) -> Settings:
            return settings

    with connect(settings, Role.PIPELINE) as connection:
        connection.execute("insert into raw.sites values (%s, 'https://graph.example.org')", [COURSE.site_id])
        connection.execute(
            """
            insert into raw.course_backups (site_id, course_id, sha256, object_path, filename, byte_size, backup_at)
            values (%s, %s, 'x', 'x', 'x.mbz', 1, now())""",
            COURSE,
        )
        path = data / "moodle/mdl_logstore_standard_log.parquet"
        register_log(open_store(settings), connection, path, COURSE, ZoneInfo("Europe/London"))
    yield Installation()
    with connect(settings, Role.PIPELINE) as connection:
        tables = (
            "log_files",
            "activity_daily",
            "activity_events_daily",
            "activity_sessions",
            "course_backups",
            "sites",
        )
        for table in tables:
            connection.execute(f"delete from raw.{table} where site_id = %s", [COURSE.site_id])


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        made.add_dynamic_partitions("courses", [str(COURSE)])
        yield made


def run(studium: Studium, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    definitions = dg.Definitions(
        assets=activity.ASSETS,
        asset_checks=CHECKS,
        jobs=[dg.define_asset_job("logs", dg.AssetSelection.groups("activity"))],
        resources={"studium": studium},
    )
    job = definitions.resolve_job_def("logs")
    return job.execute_in_process(instance=instance, partition_key=str(COURSE), raise_on_error=False)


def test_a_log_goes_through_the_graph(studium, instance, settings):
    done = run(studium, instance)
    assert done.success
    metadata = done.asset_materializations_for_node("lake__activity_log")[0].metadata
    assert metadata["accepted"].value == metadata["dagster/partition_row_count"].value == 8921
    with connect(settings, Role.PIPELINE) as connection:
        count = connection.execute(
            "select sum(events), count(distinct loaded_at) from raw.activity_daily where site_id = %s", [COURSE.site_id]
        ).fetchone()
    assert count == (8921, 1)
    assert [check.passed for check in done.get_asset_check_evaluations()] == [True]

    store = open_store(settings)
    months = [f"{folder_of(COURSE)}/events/{month}.parquet" for month in landing(store, COURSE).months]
    right = get(store, months[0])
    put(store, months[0], get(store, months[1]))
    assert [said.split(":")[0] for said in unsound(store, COURSE)] == ["events", "outside_month"]
    assert run(studium, instance).success
    assert get(store, months[0]) == right


def test_a_file_that_is_mostly_refused_stops_what_would_follow(studium, instance, settings, data, tmp_path):
    dump = pl.read_parquet(data / "moodle/mdl_logstore_standard_log.parquet").cast(pl.String)
    rows = dump.filter(pl.col("courseid") == "4").head(3)
    rows.with_columns(userid=pl.Series(["nobody", "3", "3"])).write_csv(tmp_path / "dump.csv")
    with connect(settings, Role.PIPELINE) as connection:
        connection.execute("delete from raw.log_files where site_id = %s", [COURSE.site_id])
        register_log(open_store(settings), connection, tmp_path / "dump.csv", COURSE)
    stopped = run(studium, instance)
    assert not stopped.success
    check = stopped.get_asset_check_evaluations()[0]
    assert not check.passed
    assert "refused_share" in check.metadata["broken"].value[0]
    assert {event.step_key for event in stopped.all_node_events if event.is_step_start} == {
        "lake__activity_log",
        "lake__activity_log_events_are_sound",
    }
