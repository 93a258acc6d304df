"""A learner's own link, as the warm process reads it: from the look at the site to the figures of that learner."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import dagster as dg
import pytest
from moodle_site.recordings import recording
from moodle_site.site import PASSWORDS, Site
from pydantic import SecretStr

from pipelines.definitions import build_defs
from pipelines.resources import Studium
from pipelines.runner import perform
from studium import work
from studium.accounts.people import create_account
from studium.accounts.sealing import open_seal
from studium.analytics.progress import read_progress
from studium.content.catalogue import list_materials
from studium.database import migrate
from studium.database.pool import Role, acting_as, connect
from studium.moodle import links
from studium.moodle.clients import sites_to_look_at
from studium.moodle.webservice.plan import ATTEMPTS
from studium.operations.people import unbind
from studium.settings import Settings
from studium.wire.links import LinkMoodle

NAME, ME, COURSE = "s2026101", 3, 2

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A Moodle that shows a student two courses; their attempts are those the service account was told of."""
    with Site() as running:
        for quiz in (1, 2, 3):
            asked: dict[str, Any] = {"quizid": quiz, "userid": ME, "status": "all", "includepreviews": 0}
            told = running.recordings.answer(ATTEMPTS, "service", {name: str(value) for name, value in asked.items()})
            running.recordings.add(ATTEMPTS, "student", told, **asked)
        yield running


@pytest.fixture(scope="module")
def studium(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Studium:
    home = tmp_path_factory.mktemp("own-view")
    given = Settings(home=home, moodle_url=site.url, moodle_allow_private=True, _env_file=None)
    migrate.upgrade(given)

    class Ours(Studium):
        @property
        def settings(self) -> Settings:
            return given

    return Ours()


def linked(studium: Studium, name: str) -> tuple[UUID, str]:
    """An account with a link, and the site it sees."""
    proved = links.prove(studium.settings, LinkMoodle(username=name, password=SecretStr(PASSWORDS[name])))
    with connect(studium.settings, Role.PIPELINE) as connection:
        account = create_account(connection, f"{name}@example.test", "Pat")
    with connect(studium.settings, Role.API) as connection, acting_as(connection, account):
        links.keep(connection, open_seal(studium.settings), account, proved)
        [(site_id,)] = connection.execute("select own_site_id from app.moodle_tokens").fetchall()
    return account, site_id


def drained(studium: Studium, instance: dg.DagsterInstance) -> list[tuple[str, str, str | None]]:
    """Do all that waits, and what follows from it, as the runner does; kind, status and error of each."""
    definitions, done = build_defs({"studium": studium}), []
    while True:
        with studium.connect() as connection:
            request = work.claim(connection)
        if request is None:
            return done
        perform(request, definitions, instance, studium)
        with studium.connect() as connection:
            ended = work.read(connection, request.request_id)
        assert ended is not None
        done.append((f"{ended.kind} {ended.payload.get('course_id', '')}".strip(), ended.status, ended.error))


def test_from_a_look_to_the_figures(studium: Studium, site: Site) -> None:
    account, own = linked(studium, NAME)
    with studium.connect() as connection:
        connection.execute("update app.work_requests set status = 'done'")  # the link's own: here the look is to ask
        stranger = create_account(connection, "sam@example.test", "Sam")
    with dg.DagsterInstance.ephemeral() as instance:
        look = build_defs({"studium": studium}).resolve_job_def("moodle_scan").execute_in_process(instance=instance)
        assert look.success
        done = drained(studium, instance)
    assert [error for _, _, error in done if error] == []
    assert [what for what, _, _ in done] == [f"sync {own}:2", f"sync {own}:3", "warehouse"]
    sections = recording(f"core_course_get_contents/student/courseid={COURSE}").body
    shown = {
        module["id"]
        for section in sections
        for module in section["modules"]
        if section["uservisible"] and module["uservisible"]
    }
    course = f"{own}:{COURSE}"
    with connect(studium.settings, Role.API) as connection, acting_as(connection, account):
        progress, materials = read_progress(connection, course), list_materials(connection, course, None, 500)
        learners = connection.execute("select distinct learner_id from marts.fct_quiz_attempts").fetchall()
    assert progress is not None
    assert learners == [(f"{own}:{ME}",)]
    modules = {int(one.module_id.rpartition(":")[2]) for one in materials.items if one.module_id}
    assert len(modules) > 10
    assert modules <= shown
    with connect(studium.settings, Role.API) as connection, acting_as(connection, stranger):
        assert read_progress(connection, course) is None
        assert list_materials(connection, course, None, 500).items == []

    assert unbind(studium.settings, f"{NAME}@example.test", None) == [f"{own.partition('--')[0]}:{ME}", f"{own}:{ME}"]
    with connect(studium.settings, Role.API) as connection, acting_as(connection, account):
        assert read_progress(connection, course) is None
        assert list_materials(connection, course, None, 500).items == []
    with studium.connect() as connection:
        assert sites_to_look_at(studium.settings, connection) == []
