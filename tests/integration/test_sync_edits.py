"""The twelve edits of the experiment: the next sync sees each, and costs calls and rows for what changed alone."""

from collections.abc import Iterator

import pytest
from moodle_site.edits import edit
from moodle_site.site import Site
from sync_world import SyncWorld, tell_what_was_not_recorded, written

from studium.moodle.scan import scan
from studium.moodle.webservice.plan import COMPLETION
from studium.moodle.webservice.reader.people import ENROLLED
from studium.settings import Settings

LEARNER = 9
PAGES, BOOKS, FOLDERS = (f"mod_{kind}_get_{kind}s_by_courses" for kind in ("page", "book", "folder"))
EDITS: dict[str, tuple[set[str], dict[str, tuple[int, int]]]] = {
    "page_edit": ({PAGES}, {"materials": (1, 0)}),
    "rename": ({"mod_url_get_urls_by_courses"}, {"modules": (1, 0), "materials": (1, 0)}),
    "chapter_edit": ({BOOKS, "file"}, {"materials": (1, 0), "book_chapters": (1, 0)}),
    "folder_addfile": ({FOLDERS, "file"}, {"materials": (2, 0)}),
    "label_edit": ({"mod_label_get_labels_by_courses"}, {"materials": (1, 0)}),
    "hide": ({PAGES}, {"modules": (1, 0), "materials": (1, 0)}),
    # the modules behind it in both sections have another place
    "move": (set(), {"sections": (2, 0), "modules": (6, 0), "materials": (1, 0)}),
    "section_summary": (set(), {"sections": (1, 0), "materials": (1, 0)}),
    "create": ({PAGES}, {"sections": (1, 0), "modules": (1, 0), "materials": (1, 0)}),
    "delete": ({PAGES}, {"sections": (1, 0), "modules": (0, 1), "materials": (0, 1), "completions": (0, 26)}),
    "course_summary": (set(), {"materials": (1, 0)}),
}
"""Beyond the calls of every sync: which functions; and which rows were written and removed."""


@pytest.fixture(scope="module")
def world(settings: Settings) -> Iterator[SyncWorld]:
    with Site() as site:
        tell_what_was_not_recorded(site)
        made = SyncWorld(settings, site)
        made.sync(4)
        made.load(4)
        yield made


@pytest.fixture(scope="module")
def every_time(world: SyncWorld) -> set[str]:
    """The functions that are asked although nothing has changed."""
    world.asked()
    world.sync(4)
    return set(world.asked())


@pytest.mark.parametrize("op", EDITS)
def test_an_edit_is_seen_and_costs_what_changed(world: SyncWorld, every_time: set[str], op: str) -> None:
    functions, changes = EDITS[op]
    done = world.edit(op, 4)
    world.asked()
    synced = world.sync(4)
    asked = world.asked()
    assert synced.changed
    assert synced.new_items == (1 if op == "create" else 0)
    assert set(asked) - every_time == functions - every_time
    assert synced.calls <= 19
    assert written(world.load(4)) == changes
    if op == "delete":
        with world.connect() as connection:
            found = connection.execute(
                "select table_name, title from raw.tombstones where site_id = %s and table_name in "
                "('modules', 'materials') and row_key ->> 'cmid' = %s or row_key ->> 'material_key' = %s",
                [world.course(4).site_id, str(done.cmid), f"page:{done.cmid}"],
            ).fetchall()
        title = "Drugs that act on the autonomic nervous system"
        assert sorted(found) == [("materials", title), ("modules", title)]


def test_a_glossary_entry_is_seen_where_updates_cannot_be_told(world: SyncWorld) -> None:
    """The twelfth edit; entries were recorded for CVS201 alone, whose random question makes updates fail."""
    world.sync(2)
    world.load(2)
    world.edit("glossary_entry", 2)
    assert world.sync(2).changed
    assert written(world.load(2)) == {"materials": (1, 0), "glossary_entries": (1, 0)}
    assert "Windkessel" in {concept for concept, _, _ in world.rows("glossary_entries", 2, "concept, entry_id, cmid")}


@pytest.fixture
def a_minute_slow(world: SyncWorld) -> Iterator[None]:
    world.site.clock = -60
    yield
    world.site.clock = 0


@pytest.mark.usefixtures("a_minute_slow")
def test_what_a_slow_clock_dates_before_the_last_sync_is_seen(world: SyncWorld) -> None:
    """An entry and a page's text, of which the contents tell nothing, half a minute after a sync."""
    world.sync(2)
    world.sync(4)
    usual = world.sync(2).calls
    at = int(world.now.timestamp()) + 30 - 60
    edit(world.site, "glossary_entry", course=2, at=at)
    assert world.sync(2).changed
    world.sync(2)
    assert world.sync(2).calls == usual, "what has been told is not asked again"
    with world.connect() as connection, world.client() as client:
        asked = [one for one in scan(connection, client) if one.course == world.course(4)]
        assert not asked[0].changed
        [(page, *_), *_] = world.rows("modules", 4, "cmid, modname")
        world.site.recordings.updates.append(
            {"course": "4", "cmid": page, "name": "configuration", "itemid": None, "at": at}
        )
        asked = [one for one in scan(connection, client) if one.course == world.course(4)]
        assert asked[0].changed


def test_who_was_there_just_before_a_sync_is_asked_about_once_more(world: SyncWorld) -> None:
    """Moodle does not write down anew that somebody is there within a minute."""
    world.sync(4)
    seen = int(world.now.timestamp()) + 40
    for people in world.site.recordings.to_edit(ENROLLED, courseid="4"):
        person = next(person for person in people if person["id"] == LEARNER)
        person["lastcourseaccess"] = seen
    world.asked()
    assert world.sync(4).changed
    assert world.asked()[COMPLETION] == 1
    for completion in world.site.recordings.to_edit(COMPLETION, courseid="4", userid=str(LEARNER)):
        status = next(status for status in completion["statuses"] if not status["state"])
        status |= {"state": 1, "timecompleted": seen + 40}
    assert world.sync(4).changed
    assert (world.asked()[COMPLETION], world.sync(4).changed, world.asked()[COMPLETION]) == (1, False, 0)


def test_what_comes_back_has_no_tombstone(world: SyncWorld) -> None:
    with world.connect() as connection:
        count = "select count(*) from raw.tombstones where site_id = %s and table_name = 'modules'"
        assert connection.execute(count, [world.course(4).site_id]).fetchone() == (1,)
        connection.execute(
            "insert into raw.tombstones select site_id, course_id, 'modules', jsonb_build_object('cmid', cmid), name, "
            "now() from raw.modules where site_id = %s and course_id = 4 and modname = 'label'",
            [world.course(4).site_id],
        )
        world.edit("label_edit", 4)
        world.sync(4)
        world.load(4)
        assert connection.execute(count, [world.course(4).site_id]).fetchone() == (1,)
