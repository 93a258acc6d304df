"""What is to answer questions is tried on a real course's golden questions, and held back when it is worse."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from model_server import Reply, model_server
from other_embeddings import provided

from assets import evaluation
from pipelines.checks import retrieval_quality
from pipelines.resources import Studium
from pipelines.sensors import something_new_is_wanted
from studium.content import in_force
from studium.content.fill import fill_space
from studium.database import migrate
from studium.database.pool import Role, connect
from studium.settings import Settings
from studium.tutor import golden_sources, prompts
from studium.tutor.evaluations import UNFILLED, UNTRIED, Decision, decide
from studium.tutor.verdicts import NO_QUESTIONS
from tests.integration.real_courses import bring_texts

ASKED = {"answerable": 12, "unanswerable": 3, "forbidden": 1}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(home=tmp_path_factory.mktemp("gate"), _env_file=None)
    migrate.upgrade(made)
    bring_texts(made, [2], "test-site")
    return made


@pytest.fixture(autouse=True)
def golden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Some of the sample course's questions, of every kind."""
    lines = (golden_sources.GOLDEN / "cvs201.jsonl").read_text("utf-8").splitlines()
    chosen = [line for kind, count in ASKED.items() for line in lines_of(lines, kind)[:count]]
    path = tmp_path / "cvs201.jsonl"
    path.write_text("\n".join(chosen), encoding="utf-8")
    monkeypatch.setattr(golden_sources, "GOLDEN", tmp_path)
    return path


def lines_of(lines: list[str], kind: str) -> list[str]:
    return [line for line in lines if json.loads(line)["kind"] == kind]


def installation(given: Settings) -> Studium:
    class Installation(Studium):
        @property
        def settings(self) -> Settings:
            return given

    return Installation()


def run(settings: Settings, selection: Any = None, **config: Any) -> dg.ExecuteInProcessResult:
    definitions = dg.Definitions(
        assets=evaluation.ASSETS,
        asset_checks=retrieval_quality.CHECKS,
        jobs=[dg.define_asset_job("chosen", selection or dg.AssetSelection.groups("evaluation"))],
        resources={"studium": installation(settings)},
    )
    ops = {"ops": {"content__in_force": {"config": config}}} if config else {}
    with dg.DagsterInstance.ephemeral() as instance:
        job = definitions.resolve_job_def("chosen")
        return job.execute_in_process(instance=instance, run_config=ops, raise_on_error=False)


def made(result: dg.ExecuteInProcessResult) -> dict[str, dict[str, Any]]:
    return {
        event.asset_key.path[-1]: {name: one.value for name, one in event.materialization.metadata.items()}
        for event in result.get_asset_materialization_events()
        if event.asset_key
    }


def verdict(result: dg.ExecuteInProcessResult) -> tuple[bool, str]:
    (found,) = result.get_asset_check_evaluations()
    return found.passed, found.description or ""


def active(settings: Settings) -> str:
    with connect(settings, Role.PIPELINE) as connection:
        ((model,),) = connection.execute("select model from content.spaces where status = 'active'").fetchall()
    return str(model)


def count(settings: Settings, table: str) -> int:
    with connect(settings, Role.ADMIN) as connection:
        ((found,),) = connection.execute(f"select count(*) from {table}").fetchall()
    return int(found)


def test_what_is_in_force_is_asked_and_leaves_only_its_figures(home: Settings) -> None:
    tables = ("app.accounts", "app.chat_sessions", "content.passages", "content.spaces")
    before = [count(home, table) for table in tables]
    result = run(home)
    assert result.success
    assert verdict(result)[0]
    assert made(result)["in_force"]["why"] == "nothing else is wanted"
    assert [count(home, table) for table in tables] == before
    with connect(home, Role.PIPELINE) as connection:
        ((questions, recall, leaks, is_wanted),) = connection.execute(
            "select questions, recall_at_5, leaks, is_wanted from content.evaluations"
        ).fetchall()
    assert (questions, leaks, is_wanted) == (sum(ASKED.values()), 0, False)
    assert recall > 0.5


def test_a_worse_space_is_held_until_somebody_insists_and_a_better_one_takes_over(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with provided(monkeypatch) as name:
        other = home.model_copy(update={"embeddings": f"{name}-16"})
        fill(other)
        assert active(home) == "minilm"
        with connect(home, Role.PIPELINE) as connection:
            assert decide(connection, other).why == UNTRIED
        worse = run(other)
        assert not worse.success
        passed, why = verdict(worse)
        assert not passed
        assert why.startswith("worse: ")
        assert "in_force" not in made(worse)
        assert active(home) == "minilm"
        alone = dg.AssetSelection.assets(evaluation.IN_FORCE)
        assert made(run(other, alone))["in_force"]["why"] == why
        assert active(home) == "minilm"
        assert made(run(other, alone, anyway=True))["in_force"]["why"] == f"an operator's word; {why}"
        assert active(home) == f"{name}-16"
        better = run(home)
        assert better.success
        assert verdict(better) == (True, "no worse")
        assert active(home) == "minilm"


def fill(settings: Settings) -> None:
    with connect(settings, Role.PIPELINE) as connection:
        courses = connection.execute("select distinct course_id from content.documents").fetchall()
    for (course,) in courses:
        assert fill_space(lambda: connect(settings, Role.PIPELINE), settings, course) > 0


def test_a_worse_chunking_is_held_and_what_was_cut_otherwise_is_cut_anew(home: Settings, golden: Path) -> None:
    short = home.model_copy(update={"chunk_tokens": 64, "passage_tokens": 64})
    before = count(home, "content.chunks")
    passed, why = verdict(run(short))
    assert (passed, why.startswith("worse: ")) == (False, True)
    assert (chunkings(home), count(home, "content.chunks")) == ({"1-512-254"}, before)
    assert run(short, dg.AssetSelection.assets(evaluation.IN_FORCE), anyway=True).success
    assert chunkings(home) == {"1-64-64"}
    assert count(home, "content.chunks") > before
    golden.unlink()
    back = run(home)
    assert verdict(back) == (True, NO_QUESTIONS)
    assert (chunkings(home), count(home, "content.chunks")) == ({"1-512-254"}, before)


def chunkings(settings: Settings) -> set[str]:
    with connect(settings, Role.PIPELINE) as connection:
        found = connection.execute("select distinct chunking from content.documents where status = 'ready'").fetchall()
    return {chunking for (chunking,) in found}


WORSE, BETTER = "You answer nobody.", "You answer everybody."


@pytest.fixture
def model_settings(home: Settings) -> Iterator[Settings]:
    """A model that answers with words of its first passage, unless it is told not to."""

    def script(reply: Reply) -> None:
        passage = reply.prompt.partition('passage="1">')[2].partition("</")[0].split("\n\n", 1)[-1]
        reply.words("NOT_IN_COURSE" if WORSE in reply.prompt else f"{passage.split('. ')[0].strip()} [1].")
        reply.stop()

    with model_server() as server:
        server.does("m", script)
        yield home.model_copy(update={"chat_model": "openai:m", "chat_base_url": server.url, "chat_price_in": 1})


@pytest.mark.soak
def test_a_prompt_that_has_models_answer_worse_is_held(
    model_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = prompts.read
    told = {"answer-worse": WORSE, "answer-better": BETTER}
    monkeypatch.setattr(
        prompts, "read", lambda version: prompts.Prompt(version, told[version]) if version in told else read(version)
    )
    run(model_settings)
    first = in_force_prompt(model_settings)
    assert first == prompts.ANSWER
    monkeypatch.setattr(prompts, "ANSWER", "answer-worse")
    worse = run(model_settings)
    assert not worse.success
    assert verdict(worse)[1].startswith("worse: ")
    assert made(worse)["evaluations"]["cost"] > 0
    assert in_force_prompt(model_settings) == first
    monkeypatch.setattr(prompts, "ANSWER", "answer-better")
    assert run(model_settings).success
    assert in_force_prompt(model_settings) == "answer-better"


def test_a_prompt_that_no_model_could_be_asked_with_is_not_let_in(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompts, "ANSWER", "answer-1")
    silent = home.model_copy(
        update={"chat_model": "openai:m", "chat_base_url": "http://127.0.0.1:9", "chat_patience_seconds": 0.2}
    )
    run(silent)
    with connect(home, Role.PIPELINE) as connection:
        before = in_force.version(connection, "prompt", "none")
    assert before != "answer-1"
    assert decide_in(silent).why == UNTRIED
    assert in_force_prompt(home) == before


def decide_in(settings: Settings) -> Decision:
    with connect(settings, Role.PIPELINE) as connection:
        return decide(connection, settings)


def test_nothing_takes_over_while_vectors_lack_whatever_anybody_says(home: Settings) -> None:
    wanted = home.model_copy(update={"passage_tokens": 90})
    with connect(home, Role.PIPELINE) as connection, connection.transaction(force_rollback=True):
        connection.execute(
            "delete from content.vectors where passage_id = (select min(passage_id) from content.vectors)"
        )
        decision = decide(connection, wanted, anyway=True)
    assert (decision.let_in, decision.why) == (None, UNFILLED)


def in_force_prompt(settings: Settings) -> str:
    with connect(settings, Role.API) as connection:
        return in_force.version(connection, "prompt", "none")


BROKEN_OFF = """
insert into content.evaluations select (jsonb_populate_record(e, '{"course_id": "test-site:9"}')).*
from content.evaluations as e where not is_wanted
"""
"""Another course was asked of what is in force, and then no more."""


def decide_after(settings: Settings, statement: str) -> str:
    with connect(settings, Role.PIPELINE) as connection, connection.transaction(force_rollback=True):
        connection.execute(statement)
        return decide(connection, settings).why


@pytest.mark.soak
def test_one_trial_a_day_is_asked_for(home: Settings) -> None:
    wanted = home.model_copy(update={"passage_tokens": 100})
    studium = installation(wanted)
    with dg.DagsterInstance.ephemeral() as instance:
        asked = something_new_is_wanted(dg.build_sensor_context(instance=instance, resources={"studium": studium}))
        assert isinstance(asked, dg.RunRequest)
        failed = something_new_is_wanted(dg.build_sensor_context(instance=instance, resources={"studium": studium}))
        assert isinstance(failed, dg.RunRequest)
        assert asked.run_key == failed.run_key is not None
        run(wanted, dg.AssetSelection.assets(evaluation.EVALUATIONS))
        with connect(home, Role.ADMIN) as connection:
            connection.execute("update content.evaluations set evaluated_at = evaluated_at - interval '1 hour'")
        again = something_new_is_wanted(dg.build_sensor_context(instance=instance, resources={"studium": studium}))
        assert isinstance(again, dg.SkipReason)
        assert [decide_after(wanted, "select"), decide_after(wanted, BROKEN_OFF)].index(UNTRIED) == 1
        nothing = something_new_is_wanted(
            dg.build_sensor_context(instance=instance, resources={"studium": installation(home)})
        )
        assert isinstance(nothing, dg.SkipReason)
