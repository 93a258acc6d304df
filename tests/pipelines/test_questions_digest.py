"""What is asked, put together by the graph: when somebody asked since, and when a teacher asks for it."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest

from pipelines.definitions import build_defs
from pipelines.resources import Studium
from pipelines.runner import perform
from pipelines.schedules import questions_hourly
from studium import work
from studium.database.pool import Role, connect
from studium.settings import Settings
from studium.wire.questions import Digest

KEY = f"digest-{uuid4().hex[:8]}:1"
ANSWER = '{"statement": "", "shape": "refusal", "parts": [], "citations": [], "read_next": [], "model": null}'
ASKED = """
with a as (
    insert into app.accounts (email, display_name) select gen_random_uuid() || '@example.test', 'x'
    from generate_series(1, %s) returning account_id
), s as (
    insert into app.chat_sessions (account_id, course_id) select account_id, %s from a returning session_id
)
insert into app.chat_turns (session_id, number, client_message_id, content, mode, status, answer, finished_at)
select session_id, 1, gen_random_uuid(), 'What is preload?', 'answer', 'done', %s, now() from s
"""


@pytest.fixture
def studium(settings: Settings) -> Iterator[Studium]:
    class Ours(Studium):
        @property
        def settings(self) -> Settings:
            return settings

    yield Ours()
    with connect(settings, Role.ADMIN) as connection:
        connection.execute("delete from app.chat_sessions where course_id = %s", [KEY])
        connection.execute("delete from app.question_digests where course_id = %s", [KEY])
        connection.execute("delete from app.work_requests where payload ->> 'course_id' = %s", [KEY])


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as made:  # a schedule wants one that it can open by name
        yield made


def ask(studium: Studium, people: int) -> None:
    with connect(studium.settings, Role.ADMIN) as connection:
        connection.execute(ASKED, [people, KEY, ANSWER])


def wanted(studium: Studium, instance: dg.DagsterInstance) -> list[str | None]:
    """Our course, if the schedule asks for it now."""
    with dg.build_schedule_context(instance=instance, resources={"studium": studium}) as context:
        told = [one for one in questions_hourly(context) if isinstance(one, dg.RunRequest)]
    return [run.partition_key for run in told if run.partition_key == KEY]


def test_a_course_is_put_together_when_somebody_asked_since(studium: Studium, instance: dg.DagsterInstance) -> None:
    assert wanted(studium, instance) == []
    ask(studium, 3)
    assert wanted(studium, instance) == [KEY]
    with connect(studium.settings, Role.PIPELINE) as connection:
        request_id = work.submit(connection, "questions", {"course_id": KEY})
        assert work.submit(connection, "questions", {"course_id": KEY}) == request_id, "it is joined"
        request = work.read(connection, request_id)
    assert request is not None
    perform(request, build_defs({"studium": studium}), instance, studium)
    with connect(studium.settings, Role.ADMIN) as connection:
        [(told,)] = connection.execute("select digest from app.question_digests where course_id = %s", [KEY]).fetchall()
        done = connection.execute(
            "select status, error from app.work_requests where request_id = %s", [request.request_id]
        ).fetchone()
    assert done == ("done", None)
    digest = Digest.model_validate(told)
    assert (digest.asks, digest.askers, [topic.words for topic in digest.gaps]) == (3, 3, [["preload"]])
    assert digest.refused is not None
    assert digest.refused.count == 3
    assert wanted(studium, instance) == []
