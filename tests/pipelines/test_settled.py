"""What a run would find as an earlier one left it, and what it would not."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from content_world import PARAGRAPH, World, open_world

from pipelines.resources import Studium
from pipelines.runner import perform
from pipelines.settled import TAG, course_settled_by, file_settled_by, inputs_of
from studium import work
from studium.content.intake import register_file
from studium.database.pool import Role, connect
from studium.moodle.keys import CourseKey
from studium.settings import Settings

COURSE = CourseKey("settled-site", 3)
MARTS = ("staging.stg_moodle__courses", "marts.dim_courses")


class LackingError(Exception):
    """What makes a run fail."""


@dg.op(config_schema={"fails": bool})
def work_of_a_run(context: dg.OpExecutionContext) -> None:
    if context.op_config["fails"]:
        raise LackingError


@dg.job(name="log_import")
def log_import() -> None:
    work_of_a_run()


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> World:
    """A course with a backup and a log, and marts."""
    made = World(open_world(settings, tmp_path))
    with connect(made.settings, Role.ADMIN) as connection:
        for name in MARTS:
            connection.execute(f"create schema if not exists {name.partition('.')[0]}".encode())
            connection.execute(f"create view {name} as select 1".encode())
            connection.execute(f"grant usage on schema {name.partition('.')[0]} to studium_pipeline".encode())
    with made.connect() as connection:
        connection.execute("insert into raw.sites (site_id, wwwroot) values (%s, 'http://x.test')", [COURSE.site_id])
    add_backup(made, "a", "2026-01-01")
    add_log(made, "l")
    return made


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def add_backup(world: World, sha256: str, day: str) -> None:
    with world.connect() as connection:
        connection.execute(
            "insert into raw.course_backups (site_id, course_id, sha256, object_path, filename, byte_size, backup_at) "
            "values (%s, %s, %s, 'p', 'f', 1, %s)",
            [*COURSE, sha256, f"{day} 00:00+00"],
        )


def add_log(world: World, sha256: str) -> None:
    with world.connect() as connection:
        connection.execute(
            "insert into raw.log_files (site_id, course_id, sha256, object_path, filename, kind, byte_size) "
            "values (%s, %s, %s, 'p', 'f', 'store_csv', 1)",
            [*COURSE, sha256],
        )


def inputs(world: World, *, logs: bool) -> str:
    with world.connect() as connection:
        return inputs_of(connection, world.settings, COURSE, logs=logs)


def run(world: World, instance: dg.DagsterInstance, *, fails: bool = False) -> str:
    config = {"ops": {"work_of_a_run": {"config": {"fails": fails}}}}
    tags = {TAG: inputs(world, logs=True)}
    done = log_import.execute_in_process(run_config=config, instance=instance, tags=tags, raise_on_error=False)
    return done.run_id


def settled(world: World, instance: dg.DagsterInstance) -> str | None:
    with world.connect() as connection:
        wanted = inputs_of(connection, world.settings, COURSE, logs=True)
        return course_settled_by(instance, connection, world.settings, COURSE, "log_import", wanted)


def test_inputs_are_the_newest_backup_and_for_logs_all_of_them(world: World) -> None:
    alone, with_logs = inputs(world, logs=False), inputs(world, logs=True)
    assert (inputs(world, logs=False), inputs(world, logs=True)) == (alone, with_logs)
    add_backup(world, "older", "2025-01-01")
    assert (inputs(world, logs=False), inputs(world, logs=True)) == (alone, with_logs)
    add_log(world, "m")
    assert inputs(world, logs=False) == alone
    assert inputs(world, logs=True) != with_logs
    with_logs = inputs(world, logs=True)
    add_backup(world, "newer", "2026-02-01")
    assert inputs(world, logs=False) != alone
    assert inputs(world, logs=True) != with_logs
    with_logs = inputs(world, logs=True)
    with world.connect() as connection:
        connection.execute("update raw.sites set timezone = 'Europe/London' where site_id = %s", [COURSE.site_id])
    assert inputs(world, logs=True) != with_logs


def test_a_course_is_settled_by_the_last_run_when_that_ended_well(world: World, instance: dg.DagsterInstance) -> None:
    assert settled(world, instance) is None
    run_id = run(world, instance)
    assert settled(world, instance) == run_id
    run(world, instance, fails=True)
    assert settled(world, instance) is None
    run_id = run(world, instance)
    assert settled(world, instance) == run_id
    add_log(world, "m")
    assert settled(world, instance) is None


def test_a_course_with_something_left_to_read_is_not_settled(
    world: World, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    run(world, instance)
    (tmp_path / "notes.txt").write_text(PARAGRAPH)
    with world.connect() as connection:
        register_file(world.store, connection, tmp_path / "notes.txt", str(COURSE))
    assert settled(world, instance) is None


def test_a_course_whose_marts_are_gone_is_not_settled(world: World, instance: dg.DagsterInstance) -> None:
    run(world, instance)
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute("drop schema marts cascade")
    assert settled(world, instance) is None


def test_a_file_handed_in_again_costs_no_run(world: World, instance: dg.DagsterInstance, tmp_path: Path) -> None:
    class Installation(Studium):
        @property
        def settings(self) -> Settings:
            return world.settings

    path = tmp_path / "notes.txt"
    path.write_text(PARAGRAPH)
    with world.connect() as connection:
        document = str(register_file(world.store, connection, path, str(COURSE)))
        assert file_settled_by(connection, document) is None
        update = "update content.documents set status = 'ready', run_id = 'first' where document_id = %s"
        connection.execute(update, [document])
        again = str(register_file(world.store, connection, path, str(COURSE)))
        request_id = work.submit(connection, "import_file", {"document_id": again})
        request = work.claim(connection)
    assert request is not None
    perform(request, dg.Definitions(), instance, Installation())  # there is no job it could run
    with world.connect() as connection:
        done = work.read(connection, request_id)
        path.write_text(f"{PARAGRAPH} More.")
        register_file(world.store, connection, path, str(COURSE))
        assert file_settled_by(connection, document) is None
    assert done is not None
    assert (done.status, done.outcome) == ("done", {"run_id": "first", "course_id": None, "unchanged": True})
