"""Files that cannot be brought whole: passed over with a record and asked for again; the rest of the course goes on."""

from collections.abc import Iterator

import pytest
from moodle_site.faults import Fault, Proxy, Reset, Truncated, from_then_on
from moodle_site.site import TOKENS, Site
from pydantic import SecretStr
from sync_world import QUICK, SyncWorld, tell_what_was_not_recorded, written

from studium.moodle.keys import CourseKey, site_id_of
from studium.moodle.sync import Synced, sync_course
from studium.moodle.webservice.address import check_address
from studium.moodle.webservice.client import MoodleClient
from studium.moodle.webservice.errors import TransientError
from studium.settings import Settings


@pytest.fixture(scope="module")
def world(settings: Settings) -> Iterator[SyncWorld]:
    with Site() as site:
        tell_what_was_not_recorded(site)
        made = SyncWorld(settings, site)
        assert made.sync(4).new_items == 26
        made.load(4)
        yield made


def broken(synced: Synced) -> list[str]:
    return [one.reason for one in synced.skipped if (one.function, one.kind) == ("file", "TransientError")]


def test_a_first_sync_after_a_backup_tells_of_nothing_new(world: SyncWorld) -> None:
    """What `raw` holds is not news, whoever said it first; the snapshot is forgotten, as if a backup had spoken."""
    with world.connect() as connection:
        connection.execute("delete from raw.course_syncs where site_id = %s", [world.course(4).site_id])
    synced = world.sync(4)
    assert (synced.changed, synced.new_items) == (True, 0)
    world.load(4)


def test_a_new_file_of_another_size_than_declared_comes_once_it_is_whole(world: SyncWorld) -> None:
    known = set(world.site.files.by_path)
    world.edit("folder_addfile", 4)
    [path] = set(world.site.files.by_path) - known
    whole = world.site.files.by_path[path]
    world.site.files.by_path[path] = whole.replaced(whole.data[:-2], at=0)
    world.edit("page_edit", 4)
    world.asked()
    synced = world.sync(4)
    name, said = path.rpartition("/")[2], f"declared as {len(whole.data)} bytes, came as {len(whole.data) - 2}"
    assert broken(synced) == [f"{name}: {said}"]
    assert synced.changed, "the page is news"
    assert world.asked()["file"] >= QUICK.attempts
    first = written(world.load(4))
    assert first["materials"][1] == 0
    again = world.sync(4)
    assert (again.changed, broken(again)) == (False, [f"{name}: {said}"])
    world.site.files.by_path[path] = whole
    assert broken(world.sync(4)) == []
    assert written(world.load(4)) == {"materials": (1, 0)}


def test_of_a_known_file_the_bytes_of_before_stay(world: SyncWorld) -> None:
    modules = next(iter(world.site.recordings.to_edit("core_course_get_contents", courseid="4")))
    file = next(
        file
        for section in modules
        for module in section["modules"]
        if module["modname"] == "resource"
        for file in module["contents"]
    )
    before = world.rows("materials", 4, "material_key, object_path, content_sha256")
    path = file["fileurl"].removeprefix("http://127.0.0.1:8088").partition("?")[0]
    whole = world.site.files.by_path[path]
    world.site.files.by_path[path] = whole.replaced(whole.data[:-1], at=0)
    for sections in world.site.recordings.to_edit("core_course_get_contents", courseid="4"):
        for section in sections:
            for module in section["modules"]:
                for one in module.get("contents", []):
                    one["timemodified"] += one["fileurl"] == file["fileurl"]
    assert len(broken(world.sync(4))) == 1
    world.load(4)
    assert world.rows("materials", 4, "material_key, object_path, content_sha256") == before
    world.site.files.by_path[path] = whole
    assert broken(world.sync(4)) == []


def through(world: SyncWorld, proxy: Proxy) -> Synced:
    """A first sync by way of a proxy, whose address makes it another site."""
    course = CourseKey(site_id_of(proxy.url), 4)
    address = check_address(proxy.url, allow_private=True)
    with world.connect() as connection, MoodleClient(address, SecretStr(TOKENS["service"]), patience=QUICK) as client:
        return sync_course(world.store, connection, client, course, at=world.now)


def test_a_file_that_is_always_cut_short_does_not_keep_the_course_back(world: SyncWorld) -> None:
    path = next(path for path in world.site.files.by_path if "PHA203" in path)
    with Proxy(world.site) as proxy:
        proxy.follow(from_then_on(1, Truncated(600), path))
        synced = through(world, proxy)
        assert synced.changed
        assert len(broken(synced)) == len({asked for _, asked, _ in proxy.broken}) == 1


def test_a_site_that_dies_at_its_files_fails_the_whole_sync(world: SyncWorld) -> None:
    is_dead = False

    def dies(_: int, asked: str) -> Fault | None:
        nonlocal is_dead
        is_dead = is_dead or "/pluginfile.php/" in asked
        return Reset() if is_dead else None

    with Proxy(world.site, dies) as proxy:
        with pytest.raises(TransientError):
            through(world, proxy)
        found = CourseKey(site_id_of(proxy.url), 4)
    with world.connect() as connection:
        kept = connection.execute("select from raw.course_syncs where site_id = %s", [found.site_id]).fetchall()
    assert kept == []
