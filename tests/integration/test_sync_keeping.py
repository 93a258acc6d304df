"""Snapshots stay as long as anything may be read from them; what goes takes with it what only it names."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from moodle_site.site import Site
from sync_world import SyncWorld, tell_what_was_not_recorded

from studium.moodle.keeping import bringing, sweep
from studium.moodle.lake import folder, landed
from studium.settings import Settings
from studium.storage import exists, get, put, read_parquet, remove, under, write_parquet


@pytest.fixture(scope="module")
def world(settings: Settings) -> Iterator[SyncWorld]:
    with Site() as site:
        tell_what_was_not_recorded(site)
        made = SyncWorld(settings, site)
        made.sync(4)
        made.load(4)
        yield made


def edited(world: SyncWorld, *, loaded: bool = True) -> None:
    world.edit("label_edit", 4)
    assert world.sync(4).changed
    if loaded:
        world.load(4)


def kept(world: SyncWorld) -> list[str]:
    """The hashes of the snapshots with a row, oldest first; each has its answers, and nothing else has any."""
    rows = world.rows("course_syncs", 4, "synced_at, sha256, object_path")
    base = landed(world.course(4), "")
    assert {path for _, _, path in rows} == set(under(world.store, f"{base}answers"))
    with_records = {path.removeprefix(base).partition("/")[0] for path in under(world.store, base.rstrip("/"))}
    assert with_records - {"answers", "marks.json"} <= {sha256 for _, sha256, _ in rows}
    return [sha256 for _, sha256, _ in sorted(rows)]


def test_the_newest_the_one_before_and_the_one_that_is_loaded_stay(world: SyncWorld) -> None:
    edited(world)
    [_, loaded] = kept(world)
    for _ in range(3):
        edited(world, loaded=False)
    assert len(kept(world)) == 3
    assert kept(world)[0] == loaded
    assert world.load(4).touched > 0
    edited(world)
    assert len(kept(world)) == 2
    assert loaded not in kept(world)


def test_what_a_crash_left_of_an_old_snapshot_goes_the_next_time(world: SyncWorld) -> None:
    edited(world)
    _, _, path = sorted(world.rows("course_syncs", 4, "synced_at, sha256, object_path"))[0]
    remove(world.store, path)
    edited(world)
    assert len(kept(world)) == 2


def test_bytes_nothing_names_are_swept_once_a_day_and_not_while_some_are_brought(world: SyncWorld) -> None:
    site_id = world.course(4).site_id
    stray = f"moodle/{site_id}/contents/{'0' * 64}"
    put(world.store, stray, b"nobody's")
    before = set(under(world.store, f"moodle/{site_id}/contents"))
    edited(world)
    assert exists(world.store, stray), "swept at the first sync, an hour ago"
    with world.connect() as connection:
        with world.connect() as other, bringing(other, site_id):
            assert sweep(world.store, connection, site_id, world.now + timedelta(days=2)) == 0
        world.now += timedelta(days=2)
        edited(world)
    gone = before - set(under(world.store, f"moodle/{site_id}/contents"))
    assert stray in gone
    assert len(gone) > 1, "the texts of labels long rewritten"
    for (path,) in world.rows("materials", 4, "object_path"):
        assert exists(world.store, path)
    edited(world)


def test_an_old_table_that_cannot_be_read_ends_no_sync_and_lets_nothing_go(world: SyncWorld) -> None:
    edited(world)
    oldest = kept(world)[0]
    table = f"{folder(world.course(4), oldest)}/materials.parquet"
    whole, stray = get(world.store, table), f"moodle/{world.course(4).site_id}/contents/{'1' * 64}"
    put(world.store, stray, b"nobody's")
    put(world.store, table, whole[: len(whole) // 2])
    world.now += timedelta(days=2)
    with world.connect() as connection:
        assert sweep(world.store, connection, world.course(4).site_id, world.now) == 0
        assert exists(world.store, stray)
        put(world.store, table, whole)
        assert sweep(world.store, connection, world.course(4).site_id, world.now + timedelta(days=2)) > 0
    assert not exists(world.store, stray)


def test_answers_kept_by_an_older_version_are_asked_for_anew(world: SyncWorld) -> None:
    edited(world)
    tables = ("modules", "quiz_attempts", "question_attempts", "completions", "grades", "materials")
    before = {table: world.rows(table, 4) for table in tables}
    for _, _, path in world.rows("course_syncs", 4, "synced_at, sha256, object_path"):
        write_parquet(world.store, path, read_parquet(world.store, path).drop("sha256"))
    world.now += timedelta(days=2)  # so that bytes are swept, and those two looked into
    assert world.sync(4).changed
    world.load(4)
    assert {table: world.rows(table, 4) for table in tables} == before
    assert not world.sync(4).changed
