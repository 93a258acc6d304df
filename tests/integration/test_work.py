"""Work requests: claimed once, given back by the dead, never tried for ever."""

import subprocess
import sys
import time
from collections.abc import Iterator
from subprocess import PIPE
from uuid import uuid4

import pytest
from psycopg import Connection

from studium import work
from studium.claimants import is_dead, this_process
from studium.database.pool import Role, acting_as, connect
from studium.settings import Settings


@pytest.fixture
def pipeline(settings: Settings) -> Iterator[Connection]:
    with connect(settings, Role.PIPELINE) as connection:
        connection.execute("update app.work_requests set status = 'done'")  # other tests' too wait in this database
        yield connection
        connection.rollback()


def expire(connection: Connection) -> None:
    connection.execute("update app.work_requests set claimed_until = now() - interval '1 second'")


def test_requests_are_claimed_in_order_and_once(pipeline: Connection) -> None:
    first, second = (work.submit(pipeline, "upload", {"n": n}) for n in (1, 2))
    pipeline.execute("update app.work_requests set created_at = now() - interval '1 h' where request_id = %s", [first])
    claimed = [work.claim(pipeline) for _ in range(3)]
    assert [request and request.request_id for request in claimed] == [first, second, None]


def test_a_claim_whose_runner_died_is_taken_again(pipeline: Connection) -> None:
    request_id = work.submit(pipeline, "upload", {"document_id": "x"})
    work.claim(pipeline)
    assert work.claim(pipeline) is None
    expire(pipeline)
    again = work.claim(pipeline)
    assert again is not None
    assert (again.request_id, again.attempts) == (request_id, 2)


def test_a_sign_of_life_keeps_the_claim(pipeline: Connection) -> None:
    request_id = work.submit(pipeline, "upload", {})
    work.claim(pipeline)
    expire(pipeline)
    work.report(pipeline, request_id, "content__documents", run_id="r")
    assert work.claim(pipeline) is None
    state = work.read(pipeline, request_id)
    assert state is not None
    assert (state.progress, state.dagster_run_id) == ("content__documents", "r")


def test_what_kills_every_runner_fails_with_a_sentence(pipeline: Connection) -> None:
    request_id = work.submit(pipeline, "upload", {})
    for _ in range(work.MAX_ATTEMPTS):
        assert work.claim(pipeline) is not None
        expire(pipeline)
    assert work.claim(pipeline) is None
    state = work.read(pipeline, request_id)
    assert state is not None
    assert state.status == "failed"
    assert "stopped 3 times" in (state.error or "")


def test_finish_keeps_outcome_and_error(pipeline: Connection) -> None:
    request_id = work.submit(pipeline, "warehouse", {})
    work.claim(pipeline)
    work.finish(pipeline, request_id, outcome={"rows": 3}, error="no")
    state = work.read(pipeline, request_id)
    assert state is not None
    assert (state.status, state.outcome, state.error) == ("failed", {"rows": 3}, "no")


def test_an_account_reads_its_own_requests_alone(settings: Settings, admin: Connection) -> None:
    mine, theirs = uuid4(), uuid4()
    for account in (mine, theirs):
        admin.execute(
            "insert into app.accounts (account_id, email, display_name) values (%s, %s, 'A')",
            [account, f"{account}@example.test"],
        )
    own = work.submit(admin, "upload", {}, mine)
    work.submit(admin, "upload", {}, theirs)
    admin.execute("set local role studium_api")
    with acting_as(admin, mine):
        assert admin.execute("select request_id from app.work_requests").fetchall() == [(own,)]


def test_runner_lives_as_long_as_it_holds_its_lock(settings: Settings, pipeline: Connection) -> None:
    assert not work.runner_lives(pipeline)
    with connect(settings, Role.PIPELINE, autocommit=True) as runner:
        runner.execute("select pg_advisory_lock(%s)", [work.RUNNER_LOCK])
        assert work.runner_lives(pipeline)
    deadline = time.monotonic() + 10  # the server hears of the end of a connection when it gets to it
    while work.runner_lives(pipeline) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not work.runner_lives(pipeline)


def test_what_a_dead_process_of_this_machine_held_is_free_at_once(pipeline: Connection) -> None:
    program = (
        "import sys; from studium.claimants import this_process; print(this_process(), flush=True); sys.stdin.read()"
    )
    runner = subprocess.Popen([sys.executable, "-c", program], stdin=PIPE, stdout=PIPE, text=True)
    assert runner.stdout is not None
    name = runner.stdout.readline().strip()
    request_id = work.submit(pipeline, "upload", {})
    assert work.claim(pipeline, name) is not None
    assert work.claim(pipeline, this_process()) is None, "it lives"
    assert not work.waits(pipeline)
    runner.kill()
    runner.communicate()
    assert work.waits(pipeline)
    again = work.claim(pipeline, this_process())
    assert again is not None
    assert (again.request_id, again.attempts, again.claimed_by) == (request_id, 2, this_process())
    assert work.claim(pipeline, name) is None


def test_of_another_machine_and_of_nobody_nothing_is_proved(pipeline: Connection) -> None:
    own = this_process()
    assert own is not None
    pid = own.rpartition("#")[2].partition("@")[0]
    for name in (f"elsewhere#{pid}@1.0", None):
        request_id = work.submit(pipeline, "upload", {})
        assert work.claim(pipeline, name) is not None
        assert work.claim(pipeline, own) is None
        work.finish(pipeline, request_id, outcome={})
    assert is_dead(own.replace("@", "@1")), "the id is another process's now"
    assert not is_dead(own)


def test_what_was_stopped_half_way_is_taken_again_and_not_counted(pipeline: Connection) -> None:
    request_id = work.submit(pipeline, "warehouse", {})
    work.claim(pipeline, this_process())
    work.release(pipeline, request_id)
    again = work.claim(pipeline)
    assert again is not None
    assert (again.request_id, again.attempts) == (request_id, 1)


def test_one_build_of_the_warehouse_waits_and_what_has_begun_is_not_joined(pipeline: Connection) -> None:
    first = work.submit(pipeline, "warehouse", {})
    assert work.submit(pipeline, "warehouse", {}) == first
    begun = work.claim(pipeline)
    assert begun is not None
    assert begun.request_id == first
    second = work.submit(pipeline, "warehouse", {})
    assert second != first
    work.release(pipeline, first)  # what it read is old, and it stands in nobody's way
    assert work.submit(pipeline, "warehouse", {}) == second
    assert set(work.unfinished(pipeline, "warehouse")) == {first, second}


def test_a_build_that_was_joined_begins_after_the_rows_are_committed(settings: Settings) -> None:
    with connect(settings, Role.PIPELINE, autocommit=True) as runner, connect(settings, Role.PIPELINE) as loading:
        waiting = work.submit(runner, "warehouse", {})
        try:
            assert work.submit(loading, "warehouse", {}) == waiting
            assert work.claim(runner) is None, "rows are being brought in"
            loading.commit()
            begun = work.claim(runner)
            assert begun is not None
            assert begun.request_id == waiting
        finally:
            runner.execute("delete from app.work_requests")
