"""The way of a backup through the real Dagster graph: what a run says, and what a failed check holds back."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from backup_help import CVS201, Tiny, as_tar, edit

from assets import moodle
from pipelines.checks.landing import CHECKS
from pipelines.resources import Studium
from studium.database.pool import Role, connect
from studium.moodle.intake import newest_backup, register_backup
from studium.moodle.keys import CourseKey
from studium.moodle.records.tables import TABLES
from studium.settings import Settings
from studium.storage import get, open_store, put


@pytest.fixture
def studium(settings: Settings) -> Iterator[Studium]:
    class Installation(Studium):
        @property
        def settings(self) -> Settings:
            return settings

    yield Installation()
    with connect(settings, Role.PIPELINE) as connection:
        for table in [*(row.table for row in TABLES), "course_backups", "sites"]:
            connection.execute(  # type: ignore[call-overload]
                f"delete from raw.{table} where site_id in ('127-0-0-1-8088', 'moodle-example-test')"
            )


def run(studium: Studium, course: CourseKey, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    definitions = dg.Definitions(
        assets=moodle.ASSETS,
        asset_checks=CHECKS,
        jobs=[
            dg.define_asset_job("backup", dg.AssetSelection.groups("moodle") - dg.AssetSelection.assets(moodle.ANSWERS))
        ],
        resources={"studium": studium},
        executor=dg.in_process_executor,
    )
    instance.add_dynamic_partitions("courses", [str(course)])
    job = definitions.resolve_job_def("backup")
    return job.execute_in_process(instance=instance, partition_key=str(course), raise_on_error=False)


def registered(settings: Settings, path: Path) -> CourseKey:
    with connect(settings, Role.PIPELINE) as connection:
        return register_backup(open_store(settings), connection, path)


def metadata(done: dg.ExecuteInProcessResult) -> dict[str, dict[str, object]]:
    found = (event.materialization for event in done.get_asset_materialization_events())
    return {m.asset_key.to_user_string(): {key: value.value for key, value in m.metadata.items()} for m in found}


def test_the_sample_course_goes_through_the_graph_and_again(studium: Studium, settings: Settings) -> None:
    course = registered(settings, CVS201)
    with dg.DagsterInstance.ephemeral() as instance:
        done = run(studium, course, instance)
        again = run(studium, course, instance)
    assert done.success
    assert again.success
    [check] = done.get_asset_check_evaluations()
    assert check.passed
    said = metadata(done)
    assert said["lake/course_backup"]["moodle"] == "4.5.6 (Build: 20250811)"
    assert said["lake/course_records"]["refused"] == 0
    assert "| quiz_attempts | 143 | 0 |" in str(said["lake/course_records"]["tables"])
    assert said["raw/question_attempts"]["dagster/partition_row_count"] == 1044
    assert said["raw/question_attempts"]["rows_written"] == 1044
    assert "Module guide" in str(said["raw/modules"]["preview"])
    assert {f"raw/{row.table}" for row in TABLES} <= set(said)
    touched = {key: m for key, m in metadata(again).items() if m.get("rows_written") or m.get("rows_removed")}
    assert touched == {}


def test_no_learners_words_or_names_stand_in_what_a_run_says(studium: Studium, settings: Settings) -> None:
    course = registered(settings, CVS201)
    with dg.DagsterInstance.ephemeral() as instance:
        said = str(metadata(run(studium, course, instance)))
    for private in ("Hartley", "@students.example.test", "negative feedback loop with receptors"):
        assert private not in said


def test_a_course_full_of_refusals_does_not_reach_raw(studium: Studium, settings: Settings, tmp_path: Path) -> None:
    tiny = Tiny(tmp_path / "a")
    enrolments = "".join(f"<enrolment id='{n}'><userid>{n}</userid></enrolment>" for n in range(1, 12))
    method = f"<enrol id='1'><enrol>manual</enrol><user_enrolments>{enrolments}</user_enrolments></enrol>"
    tiny.write("course/enrolments.xml", f"<enrolments><enrols>{method}</enrols></enrolments>")
    course = registered(settings, as_tar(tiny.finish(), tmp_path / "bad.mbz"))
    with dg.DagsterInstance.ephemeral() as instance:
        done = run(studium, course, instance)
    assert not done.success
    [check] = done.get_asset_check_evaluations()
    assert not check.passed
    assert "refused too much: enrolments" in str(check.description)
    reasons = str(metadata(done)["lake/course_records"]["reasons"])
    assert "| enrolments | dangling | 8 | user_id 4 is not among the users |" in reasons
    with connect(settings, Role.PIPELINE) as connection:
        count = connection.execute("select count(*) from raw.courses where site_id = %s", [course.site_id]).fetchone()
    assert count == (0,)


def test_a_file_that_rots_in_the_store_fails_by_name_and_keeps_what_was_there(
    studium: Studium, settings: Settings, tmp_path: Path
) -> None:
    tiny = Tiny(tmp_path / "a")
    tiny.add("page", 7, "<name>Good</name><content>x</content>")
    course = registered(settings, as_tar(tiny.finish(), tmp_path / "old.mbz"))
    with dg.DagsterInstance.ephemeral() as instance:
        assert run(studium, course, instance).success
        edit(tiny.folder, "moodle_backup.xml", "<backup_date>1700000000", "<backup_date>1700000100")
        registered(settings, as_tar(tiny.folder, tmp_path / "newer.mbz"))
        with studium.connect() as connection:
            newest = newest_backup(connection, course)
        put(studium.store, newest.object_path, get(studium.store, newest.object_path)[:-40])
        done = run(studium, course, instance)
    assert not done.success
    [failure] = [event for event in done.all_events if event.is_step_failure]
    assert failure.step_key == "lake__course_records"
    assert "DamagedBackupError: backup.mbz is cut off or damaged" in str(failure.step_failure_data.error)
    with connect(settings, Role.PIPELINE) as connection:
        rows = connection.execute("select name from raw.modules where site_id = %s order by 1", [course.site_id])
        assert rows.fetchall() == [("Good",)]
