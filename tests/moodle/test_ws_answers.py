"""What a site said, kept: found by what was asked, refusals raised again, the same after a journey to the lake."""

import polars as pl
import pytest
from obstore.store import MemoryStore

from studium.moodle.keys import CourseKey
from studium.moodle.webservice.answers import Answers, Unasked, Unreadable
from studium.moodle.webservice.errors import NotPermitted, SurprisingAnswer
from studium.moodle.webservice.snapshot import Snapshot, load_snapshot
from studium.storage import put, read_parquet, write_parquet


@pytest.fixture
def answers() -> Answers:
    answers = Answers()
    answers.put([{"id": 3, "name": "Zoë"}], "core_enrol_get_enrolled_users", courseid=2, options=[{"name": "a"}])
    answers.refuse(
        NotPermitted("core_group_get_course_groups", "Manage groups", errorcode="nopermissions"),
        "core_group_get_course_groups",
        courseid=2,
    )
    return answers


def test_an_answer_is_found_however_the_question_was_written(answers: Answers) -> None:
    assert answers.get("core_enrol_get_enrolled_users", **{"options[0][name]": "a", "courseid": "2"})[0]["id"] == 3


def test_what_was_not_asked_is_no_refusal(answers: Answers) -> None:
    with pytest.raises(Unasked, match="core_enrol_get_enrolled_users"):
        answers.get("core_enrol_get_enrolled_users", courseid=3)


def test_a_refusal_is_raised_again(answers: Answers) -> None:
    with pytest.raises(NotPermitted, match="Manage groups") as caught:
        answers.get("core_group_get_course_groups", courseid=2)
    assert caught.value.errorcode == "nopermissions"


def test_an_answer_takes_the_place_of_a_refusal(answers: Answers) -> None:
    answers.put([], "core_group_get_course_groups", courseid=2)
    assert answers.get("core_group_get_course_groups", courseid=2) == []


def test_the_lake_keeps_both(answers: Answers) -> None:
    store = MemoryStore()
    answers.save(store, "lake/moodle/example/2/answers.parquet")
    again = Answers.load(store, "lake/moodle/example/2/answers.parquet")
    assert again.said == answers.said
    assert again.sha256 == answers.sha256


def test_the_hash_is_of_what_was_said_not_of_when(answers: Answers) -> None:
    other = Answers(dict(reversed(answers.said.items())))
    assert other.sha256 == answers.sha256
    other.put([], "core_enrol_get_enrolled_users", courseid=2, options=[{"name": "a"}])
    assert other.sha256 != answers.sha256


def test_a_refusal_of_a_class_no_longer_known_is_a_surprise(answers: Answers) -> None:
    store = MemoryStore()
    call = next(call for call in answers if call[0] == "core_group_get_course_groups")
    answers.said[call] = type(answers.said[call])("Vanished", None, "gone")
    answers.save(store, "a.parquet")
    with pytest.raises(SurprisingAnswer, match="gone"):
        Answers.load(store, "a.parquet").get("core_group_get_course_groups", courseid=2)


@pytest.mark.parametrize("damage", ["other columns", "no values", "cut short", "gone"])
def test_what_cannot_be_read_counts_as_nothing(answers: Answers, damage: str) -> None:
    store, path = MemoryStore(), "a.parquet"
    answers.save(store, path)
    kept = read_parquet(store, path)
    if damage == "other columns":
        write_parquet(store, path, kept.drop("sha256"))
    elif damage == "no values":
        write_parquet(store, path, kept.with_columns(parameters=pl.lit(None, pl.String())))
    elif damage == "cut short":
        put(store, path, store.get(path).bytes().to_bytes()[:-20])
    else:
        store.delete(path)
    with pytest.raises(FileNotFoundError if damage == "gone" else Unreadable):
        Answers.load(store, path)
    assert load_snapshot(store, CourseKey("example", 2), path) == Snapshot()
