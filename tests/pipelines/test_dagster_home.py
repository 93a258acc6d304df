"""What `dagster.yaml` promises, as Dagster itself understands it: who waits for whom, and what is tried again."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import RunFailureReason
from dagster._core.execution.retries import auto_reexecution_should_retry_run
from dagster._core.run_coordinator import QueuedRunCoordinator
from dagster._utils.tags import TagConcurrencyLimitsCounter

from pipelines.jobs import course_sync, log_pull
from studium.operations.dagster_home import URL_VARIABLE, prepare
from studium.settings import Settings


@dg.job
def anything() -> None:
    """Stands for the job whose tags a run carries."""


@pytest.fixture
def instance(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The installation's own, from the file that is written for it."""
    variables = prepare(settings)
    monkeypatch.setenv(URL_VARIABLE, variables[URL_VARIABLE])
    made = dg.DagsterInstance.from_config(str(Path(variables["DAGSTER_HOME"])))
    yield made
    made.dispose()


def run(instance: dg.DagsterInstance, tags: object, status: dg.DagsterRunStatus) -> dg.DagsterRun:
    assert isinstance(tags, dict)
    return instance.create_run_for_job(anything, status=status, tags=tags)


def test_two_runs_at_a_time_ask_the_moodle_whoever_launched_them(instance: dg.DagsterInstance) -> None:
    assert isinstance(instance.run_coordinator, QueuedRunCoordinator), "without a queue a limit limits nothing"
    queue = instance.get_concurrency_config().run_queue_config
    assert queue is not None
    waiting = run(instance, course_sync.tags, dg.DagsterRunStatus.NOT_STARTED)
    for asking, others_wait in ((0, False), (1, False), (2, True)):
        started = [run(instance, course_sync.tags, dg.DagsterRunStatus.STARTED) for _ in range(asking)]
        counter = TagConcurrencyLimitsCounter(queue.tag_concurrency_limits, started)
        assert counter.is_blocked(waiting) is others_wait
        assert not counter.is_blocked(run(instance, log_pull.tags or {}, dg.DagsterRunStatus.NOT_STARTED))


def test_a_run_whose_process_died_is_tried_again_and_one_that_failed_is_not(instance: dg.DagsterInstance) -> None:
    failed = run(instance, {}, dg.DagsterRunStatus.FAILURE)
    assert instance.run_retries_enabled
    assert auto_reexecution_should_retry_run(instance, failed, RunFailureReason.RUN_EXCEPTION)
    assert not auto_reexecution_should_retry_run(instance, failed, RunFailureReason.STEP_FAILURE)
