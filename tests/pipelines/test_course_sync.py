"""A course's sync as the warm process runs it: what is new is made searchable, and asks for the figures once."""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest
import structlog
from moodle_site.edits import edit
from moodle_site.site import TOKENS, Site
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from pipelines import runner
from pipelines.definitions import build_defs
from pipelines.resources import Studium
from pipelines.runner import perform
from studium import cli, live, work
from studium.database import migrate
from studium.database.pool import Role, connect
from studium.moodle.keys import CourseKey, site_id_of
from studium.settings import Settings

ASKING = "lake__course_answers"
COURSE = 3


class Installation:
    """A real installation, its Moodle, and what a runner would do there, request by request."""

    def __init__(self, home: Settings, site: Site, instance: dg.DagsterInstance) -> None:
        asked = {"moodle_url": site.url, "moodle_token": SecretStr(TOKENS["service"]), "moodle_allow_private": True}
        given = home.model_copy(update=asked)

        class Ours(Studium):
            @property
            def settings(self) -> Settings:
                return given

        self.studium, self.site, self.instance = Ours(), site, instance
        self.definitions = build_defs({"studium": self.studium})
        self.course = str(CourseKey(site_id_of(site.url), COURSE))

    def sync(self) -> tuple[list[str], dict[str, Any]]:
        """Ask for a sync and do it; the steps that ran, and what its people were told at the end."""
        with self.studium.connect() as connection:
            asked = work.submit(connection, "sync", {"course_id": self.course})
            connection.execute("update app.work_requests set created_at = now() - interval '1 h' where kind = 'sync'")
            request = work.claim(connection)
        assert request is not None
        assert request.request_id == asked
        perform(request, self.definitions, self.instance, self.studium)
        with self.studium.connect() as connection:
            done = work.read(connection, asked)
            told = live.events_after(connection, 0)[-1]
        assert done is not None
        assert (done.status, done.error, told.kind) == ("done", None, "sync:complete")
        starts = self.instance.all_logs(done.outcome["run_id"], of_type=dg.DagsterEventType.STEP_START)
        return [record.step_key or "" for record in starts], told.payload

    @contextmanager
    def served(self) -> Iterator[None]:
        """A runner that does each request until the block ends; figures are not built, only said to be."""
        ended = threading.Event()

        def serve() -> None:
            with connect(self.studium.settings, Role.PIPELINE, autocommit=True) as lock:
                lock.execute("select pg_advisory_lock(%s)", [work.RUNNER_LOCK])
                while not ended.wait(0.05):
                    with self.studium.connect() as connection:
                        request = work.claim(connection)
                        if request is not None and request.kind == "warehouse":
                            work.finish(connection, request.request_id, outcome={})
                    if request is not None and request.kind == "sync":
                        perform(request, self.definitions, self.instance, self.studium)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def figures_asked_for(self) -> int:
        with self.studium.connect() as connection:
            return len(work.unfinished(connection, "warehouse"))

    def account(self) -> dict[str, Any]:
        with self.studium.connect() as connection:
            [(account,)] = connection.execute(
                "select account from app.course_sync where course_id = %s", [self.course]
            ).fetchall()
        return dict(account)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    home = Settings(home=tmp_path_factory.mktemp("course-sync"), _env_file=None)
    migrate.upgrade(home)
    with Site() as site, dg.DagsterInstance.ephemeral() as instance:
        yield Installation(home, site, instance)


@pytest.mark.soak
def test_a_sync_costs_what_is_new_and_asks_for_the_figures_once(installed: Installation) -> None:
    steps, told = installed.sync()
    assert steps[0] == ASKING
    assert {"lake__course_records", "course", "content__documents", "knowledge"} <= set(steps)
    assert "warehouse" not in steps
    assert (told["state"], told["changed"], told["figures_pending"]) == ("idle", True, True)
    assert installed.figures_asked_for() == 1
    first = installed.account()
    assert first["rows_written"] > 50
    assert first["chunks_embedded"] > 10

    steps, told = installed.sync()
    assert steps == [ASKING], "nothing is new"
    assert told | {"skipped": []} == {
        "newItems": 0, "changed": False, "figures_pending": False, "skipped": [], "state": "idle",
    }  # fmt: skip
    assert installed.figures_asked_for() == 1
    second = installed.account()
    assert second.get("rows_written", 0) == second.get("chunks_embedded", 0) == 0

    at = int((datetime.now(UTC) + timedelta(seconds=30)).timestamp())
    edit(installed.site, "label_edit", course=COURSE, at=at)
    steps, told = installed.sync()
    assert {"course", "knowledge"} <= set(steps)
    assert "warehouse" not in steps
    assert told["figures_pending"]
    assert installed.figures_asked_for() == 1, "the one that waits is joined"
    third = installed.account()
    assert 0 < third["chunks_embedded"] < 5

    with connect(installed.studium.settings, Role.PIPELINE) as connection:
        begun = work.claim(connection)
    assert begun is not None
    assert begun.kind == "warehouse"
    edit(installed.site, "section_summary", course=COURSE, at=at + 30)
    installed.sync()
    assert installed.figures_asked_for() == 2, "one that has begun may have read before"
    with installed.studium.connect() as connection:
        work.finish(connection, begun.request_id, outcome={})


@pytest.fixture
def studium_command(installed: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """`studium` as somebody types it, in an installation whose runner is up."""
    monkeypatch.setattr(cli, "_ready", lambda: installed.studium.settings)
    # the runner is another process elsewhere: here its log would stand between what the command prints
    monkeypatch.setattr(runner, "log", structlog.wrap_logger(structlog.PrintLogger(sys.__stderr__)))
    with installed.served():
        yield lambda *words: CliRunner().invoke(cli.app, list(words))


def told(result: Result, status: int) -> list[dict[str, Any]]:
    """What a command printed for programs."""
    assert result.exit_code == status, result.output
    accounts: list[dict[str, Any]] = json.loads(result.stdout)
    return accounts


def test_the_command_tells_what_a_sync_cost(installed: Installation, studium_command: Callable[..., Result]) -> None:
    told(studium_command("sync", str(COURSE), "--format", "json"), 0)
    [second] = told(studium_command("sync", str(COURSE), "--format", "json"), 0)
    assert set(second) == {
        "course", "shortname", "state", "calls", "bytes", "rows_written", "chunks_embedded", "seconds", "skipped",
        "error",
    }  # fmt: skip
    assert (second["course"], second["state"], second["error"]) == (installed.course, "idle", None)
    assert (second["rows_written"], second["chunks_embedded"]) == (0, 0)
    assert 0 < second["calls"] < 40
    assert second["bytes"] > 0
    assert second["seconds"] > 0
    assert installed.figures_asked_for() == 0, "they were waited for"


def test_the_command_says_what_went_wrong_beside_its_json(
    installed: Installation, studium_command: Callable[..., Result]
) -> None:
    for sections in installed.site.recordings.to_edit("core_course_get_contents", courseid=str(COURSE)):
        for section in sections[1:]:
            section["modules"].clear()
    installed.site.recordings.edited.add(str(COURSE))
    result = studium_command("sync", str(COURSE), "--format", "json")
    [held] = told(result, 1)
    assert held["state"] == "held"
    said = " ".join(result.stderr.split())
    assert "Went wrong: " in said
    assert f"run: studium moodle approve {installed.course}" in said
    assert studium_command("moodle", "approve", str(COURSE)).exit_code == 0
    [after] = told(studium_command("sync", str(COURSE), "--format", "json"), 0)
    assert (after["state"], after["rows_written"]) == ("idle", 0)
    assert studium_command("moodle", "approve", str(COURSE)).exit_code == 1, "nothing waits"

    installed.site.refused["service"] = "invalid_token"
    result = studium_command("sync", "--format", "json")
    assert told(result, 1) == []
    assert "token" in result.stderr
    installed.site.refused.clear()
