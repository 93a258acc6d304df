"""An evaluation of a real course: as its askers, with other subjects beside it, and leaving nothing."""

import json
from pathlib import Path

import pytest
from psycopg.types.json import Jsonb
from rich.console import Console

from studium.database import migrate
from studium.database.pool import Role, connect
from studium.operations.evaluate import OF_COURSE, evaluate
from studium.settings import Settings
from studium.tutor import golden_sources
from studium.tutor.golden import GoldenError
from tests.integration.real_courses import bring_texts

HELD = (
    "select (select count(*) from app.accounts), (select count(*) from content.documents), "
    "(select count(*) from content.passages), (select sum(passages) from content.terms)"
)
AXIS = "The mean QRS axis normally lies between \u221230\u00b0 and +90\u00b0."


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(home=tmp_path_factory.mktemp("evaluate"), _env_file=None)
    migrate.upgrade(made)
    bring_texts(made, [2], "test-site")
    return made


def written(folder: Path, username: str) -> Path:
    with_place = {"name": "Handbook of the ECG", "module": None, "quote": AXIS}
    rows = [
        {"id": "a", "question": "What is a normal QRS axis?", "kind": "answerable", "answers": [with_place]},
        {"id": "u", "question": "Who won the football world cup in 1966?", "kind": "unanswerable", "answers": []},
    ]
    path = folder / "golden.jsonl"
    lines = (json.dumps(row | {"asker": {"role": "student", "username": username}}) for row in rows)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def place_of_the_axis(settings: Settings) -> int:
    with connect(settings, Role.ADMIN) as connection:
        row = connection.execute("select cmid from raw.modules where name = 'Handbook of the ECG'").fetchone()
    return int(row[0])


def test_questions_are_asked_beside_other_subjects_and_nothing_stays(installation: Settings, tmp_path: Path) -> None:
    questions = written(tmp_path, "s2026107")
    cmid = place_of_the_axis(installation)
    questions.write_text(questions.read_text().replace('"module": null', f'"module": {cmid}'), encoding="utf-8")
    with connect(installation, Role.ADMIN) as connection:
        before = connection.execute(HELD).fetchone()
    found = evaluate(installation, "CVS201", questions, 20, None, Console(quiet=True))
    figures = json.loads(found.to_json())
    assert figures["recall_at_5"] == figures["answer_contained"] == figures["faithfulness"] == 1
    assert figures["refusal_precision"] == figures["refusal_recall"] == 1
    assert (figures["leaks"], figures["counts"]["distractors"]) == (0, 20)
    with connect(installation, Role.ADMIN) as connection:
        assert connection.execute(HELD).fetchone() == before


def test_who_is_not_in_the_course_finds_nothing(installation: Settings, tmp_path: Path) -> None:
    questions = written(tmp_path, "s2026107")
    questions.write_text(questions.read_text().replace('"s2026107"', "null"), encoding="utf-8")
    found = evaluate(installation, "CVS201", questions, 0, None, Console(quiet=True))
    assert (found.metrics.recall_at_5, found.metrics.answer_contained, found.metrics.leaks) == (0, 0, 0)
    assert all(one.is_refused for one in found.outcomes)


def test_an_asker_nobody_knows_is_named(installation: Settings, tmp_path: Path) -> None:
    with pytest.raises(GoldenError, match=r"'a'.*no user called 'nobody'"):
        evaluate(installation, "CVS201", written(tmp_path, "nobody"), 0, None, Console(quiet=True))


def test_questions_that_teachers_keep_are_asked_as_one_of_their_learners(
    installation: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(golden_sources, "GOLDEN", tmp_path)  # without those that come with Studium
    with pytest.raises(ValueError, match="on the page Questions"):
        evaluate(installation, "CVS201", OF_COURSE, 0, None, Console(quiet=True))
    place = {"module": place_of_the_axis(installation), "name": "Handbook of the ECG", "quote": AXIS}
    keep = "insert into app.golden_questions (course_id, question, kind, answers) select site_id || ':' || course_id, "
    keep += "%s, %s, %s from raw.courses where shortname = 'CVS201'"
    with connect(installation, Role.ADMIN) as connection:
        connection.execute(keep, ["What is a normal QRS axis?", "answerable", Jsonb([place])])
        connection.execute(keep, ["Who won the football world cup in 1966?", "unanswerable", Jsonb([])])
    found = evaluate(installation, "CVS201", OF_COURSE, 0, None, Console(quiet=True))
    with connect(installation, Role.ADMIN) as connection:
        connection.execute("delete from app.golden_questions")
    assert {one.golden.asker.role for one in found.outcomes} == {"student"}
    assert all(one.golden.asker.username for one in found.outcomes)
    assert (found.metrics.recall_at_5, found.metrics.answer_contained, found.metrics.refusal_recall) == (1, 1, 1)
