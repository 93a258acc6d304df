"""The content assets and their checks, run by Dagster against a real installation."""

from contextlib import contextmanager
from typing import Any
from uuid import UUID

import dagster as dg
import pytest
from content_world import COURSE, PARAGRAPH, World, open_world

from assets import knowledge, uploads
from pipelines.checks import knowledge as checks
from pipelines.partitions import courses
from pipelines.resources import Studium
from studium.content.audit import OF_COURSES
from studium.content.intake import register_upload
from studium.database.pool import Role, connect
from studium.settings import Settings


@pytest.fixture(scope="module")
def world(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(open_world(settings, tmp_path_factory.mktemp("assets")))


class Own(Studium):
    """The test's installation in the place of the process's."""

    @property
    def settings(self) -> Settings:
        return OWN["settings"]


OWN: dict[str, Settings] = {}


def run(world: World, *assets: Any, partition: str | None = None, config: Any = None) -> dg.ExecuteInProcessResult:
    OWN["settings"] = world.settings
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(courses.name), [COURSE])
        definitions = dg.Definitions(
            assets=[*knowledge.ASSETS, *uploads.ASSETS],
            asset_checks=checks.CHECKS,
            jobs=[dg.define_asset_job("chosen", dg.AssetSelection.groups(*assets))],
            resources={"studium": Own()},
        )
        job = definitions.resolve_job_def("chosen")
        return job.execute_in_process(instance=instance, partition_key=partition, run_config=config or {})


def metadata(result: dg.ExecuteInProcessResult, *key: str) -> dict[str, Any]:
    (event,) = [e for e in result.get_asset_materialization_events() if e.asset_key == dg.AssetKey([*key])]
    return {name: value.value for name, value in event.materialization.metadata.items()}


def outcomes(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {e.check_name: e.passed for e in result.get_asset_check_evaluations()}


def test_course_partition(world: World) -> None:
    world.put_material("page:1", f"<p>{PARAGRAPH}</p>".encode())
    world.put_material("page:2", b"%PDF-1.7 nothing", media_type="application/pdf")
    result = run(world, "content", partition=COURSE)
    assert metadata(result, "content", "documents")["dagster/partition_row_count"] == 2
    chunks, vectors = metadata(result, "content", "chunks"), metadata(result, "content", "vectors")
    assert (chunks["documents"], chunks["failed"], chunks["passages"]) == (1, 1, 1)
    assert "| broken | 1 |" in chunks["failed_by_reason"]
    assert (vectors["dagster/partition_row_count"], vectors["embedded"], vectors["reused"]) == (1, 1, 0)
    assert outcomes(result) == {"every_chunk_has_its_vector": True, "no_document_is_left_behind": True}
    assert world.rows("select distinct run_id from content.chunks") == [(result.run_id,)]


def test_one_upload(world: World) -> None:
    owner = world.add_account()
    with world.connect() as connection:
        first, second = (
            register_upload(world.store, connection, owner, name, PARAGRAPH.encode(), title=name)
            for name in ("a.txt", "b.txt")
        )
    config = {"ops": {"content__uploads": {"config": {"document_id": str(first)}}}}
    result = run(world, "uploads", config=config)
    assert metadata(result, "content", "uploads")["documents"] == 1
    assert outcomes(result) == {"every_upload_has_its_vectors": True, "no_upload_is_left_behind": True}
    assert status(world, first, second) == ["ready", "processing"]
    assert metadata(run(world, "uploads"), "content", "uploads")["reused"] == 1
    assert status(world, first, second) == ["ready", "ready"]


def status(world: World, *documents: UUID) -> list[str]:
    return [world.rows("select status from content.documents where document_id = %s", one)[0][0] for one in documents]


@contextmanager
def tampered(world: World, statement: str) -> Any:
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute(statement)
    yield
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute("delete from content.documents")


def test_checks_see_what_is_missing(world: World) -> None:
    world.put_material("page:1", f"<p>{PARAGRAPH}</p>".encode())
    run(world, "content", partition=COURSE)
    OWN["settings"] = world.settings
    studium = Own()
    with tampered(world, "delete from content.vectors"):
        assert not checks.is_whole(studium, OF_COURSES).passed
    run(world, "content", partition=COURSE)
    with tampered(world, "delete from content.chunks"):
        assert not checks.is_whole(studium, OF_COURSES).passed
    run(world, "content", partition=COURSE)
    old = "update content.documents set status = 'processing', updated_at = now() - interval '1 hour'"
    with tampered(world, old):
        assert not checks.nobody_waits(studium, OF_COURSES).passed
        with world.connect() as connection:
            connection.execute(
                "insert into app.work_requests (kind, payload) "
                "select 'import_file', jsonb_build_object('document_id', document_id) from content.documents"
            )
        assert checks.nobody_waits(studium, OF_COURSES).passed
