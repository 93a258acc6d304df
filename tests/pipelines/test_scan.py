"""The half-hourly look at a Moodle, and what people are told of the syncs that follow; the site is asked over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import dagster as dg
import pytest
from moodle_site.edits import edit
from moodle_site.site import TOKENS, Site
from pydantic import SecretStr

from assets import moodle, site
from pipelines.checks.freshness import CHECKS
from pipelines.jobs import MOODLE_TAG
from pipelines.partitions import courses
from pipelines.resources import Studium
from pipelines.runner import perform
from pipelines.schedules import moodle_half_hourly
from pipelines.sensors import LAUNCHED_HERE, REQUEST_TAG, work_requests
from studium import live, work
from studium.database import migrate
from studium.database.pool import Role, connect
from studium.moodle.keys import CourseKey, site_id_of
from studium.moodle.sync import sync_course
from studium.moodle.webservice.client import MoodleClient
from studium.settings import Settings
from studium.syncs import behind
from studium.wire.live import LiveEvent

NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def installation(given: Settings) -> Studium:
    """One with settings of its own."""

    class Installation(Studium):
        @property
        def settings(self) -> Settings:
            return given

    return Installation()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(home=tmp_path_factory.mktemp("scan"), _env_file=None)
    migrate.upgrade(made)
    return made


@pytest.fixture
def moodle_site(home: Settings) -> Iterator[Site]:
    with Site() as running:
        yield running
    with connect(home, Role.ADMIN) as connection:
        connection.execute("truncate app.course_sync, app.live_events, app.work_requests, raw.course_syncs")


@pytest.fixture
def studium(home: Settings, moodle_site: Site) -> Studium:
    token = SecretStr(TOKENS["service"])
    asked = {"moodle_url": moodle_site.url, "moodle_token": token, "moodle_allow_private": True}
    return installation(home.model_copy(update=asked))


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def definitions(studium: Studium) -> dg.Definitions:
    """The graph up to a course's answers, which is as far as a look goes."""
    answers = dg.AssetSelection.assets(moodle.ANSWERS)
    return dg.Definitions(
        assets=[*moodle.ASSETS, *site.ASSETS],
        asset_checks=CHECKS,
        jobs=[
            dg.define_asset_job("course_sync", answers.without_checks()),
            dg.define_asset_job("moodle_scan", dg.AssetSelection.assets(site.SCAN) | dg.AssetSelection.checks(*CHECKS)),
        ],
        resources={"studium": studium},
        executor=dg.in_process_executor,
    )


def look(studium: Studium, instance: dg.DagsterInstance) -> tuple[dict[str, Any], bool]:
    """What a scan found, and whether the courses are fresh."""
    done = definitions(studium).resolve_job_def("moodle_scan").execute_in_process(instance=instance)
    (found,) = (event.materialization.metadata for event in done.get_asset_materialization_events())
    (check,) = done.get_asset_check_evaluations()
    return {key: value.value for key, value in found.items()}, check.passed


def asked_for(studium: Studium) -> list[str]:
    with studium.connect() as connection:
        return [
            course_id
            for (course_id,) in connection.execute(
                "select payload ->> 'course_id' from app.work_requests where status = 'queued' order by 1"
            )
        ]


def told(studium: Studium) -> list[LiveEvent]:
    with studium.connect() as connection:
        return live.events_after(connection, 0)


def course_of(studium: Studium, number: int) -> CourseKey:
    return CourseKey(site_id_of(studium.settings.moodle_url or ""), number)


def sync(studium: Studium, number: int) -> None:
    with (
        connect(studium.settings, Role.PIPELINE, autocommit=True) as connection,
        MoodleClient.of_site(studium.settings) as client,
    ):
        sync_course(studium.store, connection, client, course_of(studium, number), at=datetime.now(UTC))


def only(studium: Studium, number: int) -> None:
    """Let one course alone follow the site."""
    with studium.connect() as connection:
        connection.execute(
            "update app.course_sync set sync_enabled = course_id = %s", [str(course_of(studium, number))]
        )
        connection.execute("delete from app.work_requests")


def test_nothing_is_asked_where_no_moodle_is_set(home: Settings, studium: Studium) -> None:
    skipped = moodle_half_hourly(dg.build_schedule_context(resources={"studium": installation(home)}))
    assert isinstance(skipped, dg.SkipReason)
    assert "STUDIUM_MOODLE_URL" in (skipped.skip_message or "")
    asked = moodle_half_hourly(dg.build_schedule_context(resources={"studium": studium}))
    assert isinstance(asked, dg.RunRequest)


def test_a_look_asks_for_what_changed_and_for_nothing_else(
    studium: Studium, moodle_site: Site, instance: dg.DagsterInstance
) -> None:
    first, fresh = look(studium, instance)
    assert first["changed"] == first["courses"] > 1
    assert len(asked_for(studium)) == first["courses"]
    assert not fresh, "no course has been synced"
    again, _ = look(studium, instance)
    assert again["changed"] == first["courses"]
    assert len(asked_for(studium)) == first["courses"], "requests that are open are joined"

    only(studium, 4)
    sync(studium, 4)
    unchanged, fresh = look(studium, instance)
    assert (unchanged["courses"], unchanged["changed"], fresh) == (1, 0, True), unchanged["why"]
    assert asked_for(studium) == []
    assert unchanged["calls"] == 4

    edit(moodle_site, "page_edit", course=4, at=int(datetime.now(UTC).timestamp()))
    changed, _ = look(studium, instance)
    assert changed["changed"] == 1
    assert asked_for(studium) == [str(course_of(studium, 4))]


def test_a_course_the_account_may_not_enter_is_no_course_of_ours(
    studium: Studium, moodle_site: Site, instance: dg.DagsterInstance
) -> None:
    """Moodle lists it without a format; that it does was seen at a real one, and is not recorded."""
    for body in moodle_site.recordings.to_edit("core_course_get_courses_by_field"):
        next(one for one in body["courses"] if one["id"] == 3).pop("format")
    look(studium, instance)
    assert asked_for(studium)
    assert str(course_of(studium, 3)) not in asked_for(studium)


def test_a_course_is_fresh_by_its_sync_or_by_a_look_that_found_nothing_new(studium: Studium) -> None:
    now = datetime.now(UTC)
    recent, old = now - timedelta(minutes=30), now - timedelta(hours=3)
    rows = [
        ("x:1", "idle", old, recent, True, False),
        ("x:2", "idle", old, old, True, True),
        ("x:3", "failed", old, recent, True, True),
        ("x:4", "failed", recent, recent, True, False),
        ("x:5", "never", None, recent, True, True),
        ("x:6", "idle", old, old, False, False),
        ("x:7", "gone", old, old, True, False),
        ("x:8", "held", old, recent, True, False),
    ]
    with studium.connect() as connection:
        for course_id, state, synced_at, scanned_at, enabled, _ in rows:
            connection.execute(
                "insert into app.course_sync (course_id, state, last_synced_at, last_scanned_at, sync_enabled) "
                "values (%s, %s, %s, %s, %s)",
                [course_id, state, synced_at, scanned_at, enabled],
            )
        late = [one.course_id for one in behind(connection, now - timedelta(hours=2))]
        assert late == [course_id for course_id, *_, is_late in rows if is_late]
        assert [one.course_id for one in behind(connection, now - timedelta(hours=2), "x:3")] == ["x:3"]
        assert behind(connection, now - timedelta(hours=2), "x:1") == []


def test_the_people_of_a_course_are_told_from_its_start_to_its_end(
    studium: Studium, instance: dg.DagsterInstance
) -> None:
    course = course_of(studium, 2)

    def performed() -> list[LiveEvent]:
        last = told(studium)[-1].event_id if told(studium) else 0
        with studium.connect() as connection:
            work.submit(connection, "sync", {"course_id": str(course)})
            request = work.claim(connection)
        assert request is not None
        perform(request, definitions(studium), instance, studium)
        return [event for event in told(studium) if event.event_id > last]

    events = performed()
    assert {event.course_id for event in events} == {str(course)}
    start, *progress, complete = events
    assert (start.kind, complete.kind) == ("sync:start", "sync:complete")
    assert {event.kind for event in progress} == {"sync:progress"}
    steps = list(dict.fromkeys(event.payload["step"] for event in progress))
    assert "mod_quiz_get_attempt_review" in steps
    assert steps[-1] == "files"
    assert all(0 < event.payload["done"] <= event.payload["total"] for event in progress)
    assert complete.payload["changed"] is True
    assert complete.payload["state"] == "idle"
    assert complete.payload["newItems"] > 20
    assert {"function", "reason", "times", "kind"} == set(complete.payload["skipped"][0])

    with studium.connect() as connection:  # the course's rows are as its snapshot is, so that nothing is left to do
        connection.execute(
            "insert into raw.courses (site_id, course_id, shortname, fullname, is_visible, group_mode, "
            "group_mode_forced, completion_enabled, backup_sha256, backup_at) "
            "select site_id, course_id, 'C', 'C', true, 0, false, true, sha256, synced_at from raw.course_syncs"
        )
    *_, complete = performed()
    nothing = {"newItems": 0, "changed": False, "figures_pending": False, "skipped": [], "state": "idle"}
    assert complete.payload | {"skipped": []} == nothing

    studium = installation(studium.settings.model_copy(update={"moodle_token": SecretStr("0" * 32)}))
    *_, complete = performed()
    assert (complete.payload["state"], complete.payload["changed"]) == ("failed", False)
    with studium.connect() as connection:
        standing = connection.execute("select state, error from app.course_sync").fetchone()
    assert standing is not None
    assert standing[0] == "failed"
    assert "token" in standing[1]


def test_a_request_that_dagster_runs_stays_claimed(studium: Studium, instance: dg.DagsterInstance) -> None:
    course = course_of(studium, 2)
    with studium.connect() as connection:
        request_id = work.submit(connection, "sync", {"course_id": str(course)})
    repository = definitions(studium).get_repository_def()

    def tick() -> list[dg.RunRequest]:
        context = dg.build_sensor_context(instance, repository_def=repository, resources={"studium": studium})
        return [each for each in work_requests(context) or [] if isinstance(each, dg.RunRequest)]

    (launched,) = tick()
    assert launched.tags[MOODLE_TAG] == course.site_id
    assert UUID(launched.tags[REQUEST_TAG]) == request_id
    assert launched.partition_key == str(course)
    assert [event.kind for event in told(studium)] == ["sync:start"]
    run = instance.create_run_for_job(
        definitions(studium).resolve_job_def("course_sync"),
        tags=dict(launched.tags),
        status=dg.DagsterRunStatus.STARTED,
    )
    with studium.connect() as connection:
        connection.execute("update app.work_requests set claimed_until = now() - interval '1 second'")
    assert tick() == [], "it is under way"
    instance.report_run_failed(run)
    with studium.connect() as connection:
        connection.execute("update app.work_requests set claimed_until = now() - interval '1 second'")
    assert len(tick()) == 1
    assert LAUNCHED_HERE.items() <= launched.tags.items()
    assert instance.has_dynamic_partition(str(courses.name), str(course))


def test_progress_is_told_now_and_then(studium: Studium, tmp_path: Path) -> None:
    clock = iter([float(n) / 10 for n in range(1000)])
    report = live.reporter(studium.connect, "x:1", lambda: next(clock))
    for done in range(1, 41):
        report(("files", "pages")[done % 2], done, 40)
    steps = [(event.payload["step"], event.payload["done"]) for event in told(studium)]
    assert steps[0] == ("pages", 1)
    assert steps[-1] == ("files", 40)
    assert len(steps) == 9, "four seconds, one telling each half"
