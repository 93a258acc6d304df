"""Two courses imported from their backups, and the same two synced with their Moodle: the marts hold the same of both.

They stand side by side as two sites in one database, under one build of the warehouse, with the same logs.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from backup_help import CVS201, PHA203
from moodle_site.edits import edit
from moodle_site.site import Site
from sync_world import SyncWorld, tell_what_was_not_recorded
from test_sync_first import NOT_RECORDED

from studium import warehouse
from studium.analytics.progress import read_progress
from studium.content import intake
from studium.content.catalogue import list_materials
from studium.database import migrate
from studium.database.pool import Role, acting_as, connect
from studium.moodle.activity import Course, roll_up
from studium.moodle.activity_load import KEYS, load_imports, load_table
from studium.moodle.intake import land_backup, newest_backup, register_backup
from studium.moodle.keys import CourseKey
from studium.moodle.load import load_course
from studium.moodle.logs.engine import open_engine
from studium.moodle.logs.lake import fetch_events, land
from studium.moodle.logs.register import register_log
from studium.settings import Settings

pytestmark = pytest.mark.soak
LONDON = ZoneInfo("Europe/London")
BACKUPS: dict[int, Path] = {2: CVS201, 4: PHA203}
STUDENT = 3

# What docs/moodle-web-services.md says cannot be told, as it reaches the marts. Nothing else is left out.
COLUMNS = {
    "fct_grades": {"grade_id": "ids Moodle keeps to itself: column and person"},
    "fct_question_responses": {
        "response_id": "ids Moodle keeps to itself: attempt and slot",
        "question_id": "ids Moodle keeps to itself: type and text",
    },
    "fct_item_facility": {
        "question_id": "ids Moodle keeps to itself: type and text",
        "question_name": "the bank is not given, and a review does not show a question's name",
    },
}
# Rows that are missing after a sync.
ROWS = {
    "fct_grades": "exists (select from marts.fct_enrolments e "
    "where (e.learner_id, e.course_id) = (t.learner_id, t.course_id) and not e.is_active)",
    "fct_question_responses": "t.attempt_id in "
    "(select attempt_id from marts.fct_quiz_attempts where state <> 'finished')",
    "fct_completions": "not t.is_complete or not exists (select from marts.fct_enrolments e "
    "where (e.learner_id, e.course_id) = (t.learner_id, t.course_id))",
    "learner_progress": "not t.is_active",  # without their grades they have no total
}
TOLD = {
    "documents": 60,
    "fct_quiz_attempts": 210,
    "fct_question_responses": 1500,
    "fct_grades": 200,
    "fct_completions": 600,
}
"""At least so many rows are compared."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncWorld]:
    """Both courses from both sources, their documents registered, the marts built once."""
    settings = Settings(home=tmp_path_factory.mktemp("marts"), _env_file=None)
    migrate.upgrade(settings)
    with Site() as site:
        tell_what_was_not_recorded(site)
        made = SyncWorld(settings, site)
        for number, path in BACKUPS.items():
            with made.connect() as connection:
                imported = register_backup(made.store, connection, path)
                backup = newest_backup(connection, imported)
                load_course(connection, land_backup(made.store, backup))
            made.now = backup.backup_at - timedelta(minutes=1)  # both speak for one moment
            made.sync(number)
            made.load(number)
            _bring_logs(made, imported)
            _copy_logs(made, imported, made.course(number))
            with made.connect() as connection:
                for course in (imported, made.course(number)):
                    intake.sync_course(connection, course)
        warehouse.build(settings, "--resource-types", "model", "seed")
        yield made


def _bring_logs(world: SyncWorld, course: CourseKey) -> None:
    """The course's part of the recorded log, rolled up, and its documents registered."""
    log = Path(__file__).parents[1] / "data/moodle/mdl_logstore_standard_log.parquet"
    with connect(world.settings, Role.PIPELINE) as connection:
        connection.execute("update raw.sites set timezone = %s where site_id = %s", [LONDON.key, course.site_id])
        register_log(world.store, connection, log, course)
        landed = land(world.store, connection, course)
        with tempfile.TemporaryDirectory() as folder, open_engine(Path(folder)) as engine:
            roll_up(engine, fetch_events(world.store, course, Path(folder)), Course(*course, LONDON))
            for table in KEYS:
                load_table(engine, connection, table, course, Path(folder))
        load_imports(connection, course, landed.imports)


def _copy_logs(world: SyncWorld, imported: CourseKey, synced: CourseKey) -> None:
    """The very roll-ups of the one for the other: what is compared is not how events of one second are put in order."""
    with connect(world.settings, Role.PIPELINE) as connection:
        connection.execute("update raw.sites set timezone = %s where site_id = %s", [LONDON.key, synced.site_id])
        for table in (*KEYS, "log_files", "log_imports"):
            connection.execute(  # type: ignore[call-overload]
                f"insert into raw.{table} select (jsonb_populate_record(t, jsonb_build_object('site_id', %s::text))).* "
                f"from raw.{table} as t where site_id = %s and course_id = %s",
                [synced.site_id, *imported],
            )


def marts(world: SyncWorld) -> list[str]:
    with world.connect() as connection:
        rows = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
        ).fetchall()
    return [name for (name,) in rows if name != "point_rules"]


def told(world: SyncWorld, mart: str, site_id: str, url: str) -> Counter[str]:
    """The rows of a site, without what tells the one site from the other, each with how often it is there."""
    by = "site_id" if mart == "dim_learners" else "split_part(course_id, ':', 1)"
    with world.connect() as connection:
        found = connection.execute(  # type: ignore[call-overload]
            f"select to_jsonb(t) - %s::text[] from marts.{mart} t where {by} = %s and not ({ROWS.get(mart, 'false')})",
            [list(COLUMNS.get(mart, {})), site_id],
        ).fetchall()
    return Counter(repr(sorted(row.items())).replace(site_id, "site").replace(url, "url") for (row,) in found)


def both(world: SyncWorld, mart: str) -> tuple[Counter[str], Counter[str]]:
    imported, synced = "127-0-0-1-8088", world.course(2).site_id
    return told(world, mart, imported, "http://127.0.0.1:8088"), told(world, mart, synced, world.site.url)


def test_every_mart_holds_the_same_of_both(world: SyncWorld) -> None:
    differences: dict[str, Any] = {}
    for mart in marts(world):
        imported, synced = both(world, mart)
        assert sum(imported.values()) >= TOLD.get(mart, 0), mart
        only = [*(f"backup: {row}" for row in imported - synced), *(f"sync: {row}" for row in synced - imported)]
        if only:
            differences[mart] = (len(only), only[:3])
    assert differences == {}


def of_both(world: SyncWorld, statement: str) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Rows of the imported site, and of the synced one."""
    sites = ("127-0-0-1-8088", world.course(2).site_id)
    with world.connect() as connection:
        imported, synced = (connection.execute(statement, [site]).fetchall() for site in sites)  # type: ignore[call-overload]
    return imported, synced


def test_the_documents_are_the_same(world: SyncWorld) -> None:
    imported, synced = of_both(
        world,
        "select material_key, title, filename, media_type, status, split_part(module_id, ':', 2), "
        "split_part(section_id, ':', 2), group_id from content.documents "
        "where split_part(course_id, ':', 1) = %s order by course_id, material_key",
    )
    told, backed_up = ([row for row in rows if not row[0].startswith(NOT_RECORDED)] for rows in (synced, imported))
    assert len(backed_up) >= TOLD["documents"]
    assert told == backed_up


def test_what_a_sync_hides_is_named_to_no_student_while_the_marts_are_as_they_were(world: SyncWorld) -> None:
    course = str(world.course(2))
    account = _student(world)

    def seen() -> str:
        with connect(world.settings, Role.API) as connection, acting_as(connection, account):
            progress, materials = read_progress(connection, course), list_materials(connection, course, None, 500)
        assert progress is not None
        return progress.model_dump_json() + materials.model_dump_json()

    with connect(world.settings, Role.API) as connection, acting_as(connection, account):
        progress = read_progress(connection, course)
    assert progress is not None
    page = next(module for module in progress.modules if module.modname == "page")
    assert page.name in seen()
    at = int((world.now + timedelta(seconds=30)).timestamp())
    edit(world.site, "hide", course=2, cmid=int(page.module_id.rpartition(":")[2]), at=at)
    assert world.sync(2).changed
    world.load(2)
    with connect(world.settings, Role.READER) as connection:
        asked = "select is_visible from marts.dim_modules where module_id = %s"
        assert connection.execute(asked, [page.module_id]).fetchone() == (True,), "the marts were not built anew"
    assert page.name not in seen()


def _student(world: SyncWorld) -> UUID:
    with connect(world.settings, Role.ADMIN) as connection:
        [(account,)] = connection.execute(
            "insert into app.accounts (email, display_name) values ('s@example.test', 'S') returning account_id"
        ).fetchall()
        connection.execute(
            "insert into app.moodle_links (site_id, moodle_user_id, account_id) values (%s, %s, %s)",
            [world.course(2).site_id, STUDENT, account],
        )
    account_id: UUID = account
    return account_id
