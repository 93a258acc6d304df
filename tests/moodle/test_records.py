"""Typed values, the tables' order, and the books of accepted and refused rows."""

from datetime import UTC, datetime
from typing import Annotated

import polars as pl
import pytest
from obstore.store import MemoryStore
from pydantic import TypeAdapter, ValidationError

from studium.moodle import lake
from studium.moodle.harvest import CourseRecords, Harvest, Reason, Silence
from studium.moodle.keys import CourseKey
from studium.moodle.records.fields import Count, Flag, Id, Json, Moment, Number, Reference, Small
from studium.moodle.records.people import Group, GroupMember, User
from studium.moodle.records.row import CourseRow, schema
from studium.moodle.records.tables import BY_NAME, TABLES

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        (Id, "12", 12),
        (Reference, "0", None),
        (Reference, "-1", None),
        (Reference, "", None),
        (Reference, "7", 7),
        (Flag, "0", False),
        (Flag, "1790064926", True),
        (Number, "8.75000", 8.75),
        (Number, "", None),
        (Moment, "0", None),
        (Moment, "1795311354", datetime(2026, 11, 22, 1, 35, 54, tzinfo=UTC)),
        (Json, '{"b": 1, "a": "é"}', '{"a":"é","b":1}'),
        (Json, "", None),
        (Json, {"x": None}, '{"x":null}'),
    ],
)
def test_values_as_moodle_writes_them(kind: object, written: object, value: object) -> None:
    assert TypeAdapter(kind).validate_python(written) == value


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (Id, "0"),
        (Id, str(2**63)),
        (Small, "40000"),
        (Count, str(2**31)),
        (Number, "nan"),
        (Number, "inf"),
        (Number, "eight"),
        (Moment, "next week"),
        (Moment, "99999999999999999"),
        (Moment, datetime(2026, 1, 1)),  # noqa: DTZ001 - a naive time is what is refused
        (Flag, "yes"),
        (Json, "{"),
        (Json, '"\\u0000"'),
        (Json, "[NaN]"),
        (Json, "[" * 100_000),
    ],
)
def test_values_no_column_can_hold(kind: object, written: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Annotated[kind, "checked"]).validate_python(written)  # type: ignore[valid-type]


def test_what_is_pointed_at_is_loaded_first_and_by_its_key() -> None:
    seen: list[str] = []
    for row in TABLES:
        for column, table in row.refers:
            assert table in seen
            assert BY_NAME[table].key[-1] == column
            assert column in row.model_fields
        seen.append(row.table)
    assert len(set(seen)) == len(TABLES)


def harvest(*users: int) -> Harvest:
    made = Harvest("example", 9)
    for user in users:
        made.add(User, user_id=user, seen_at=NOW)
    return made


def test_refusals_follow_one_another_and_nothing_is_lost() -> None:
    made = harvest(1, 2)
    made.add(Group, group_id="x", name="refused")
    made.add(Group, group_id=4, name="A")
    made.add(Group, group_id=4, name="B")
    for group, user in ((4, 1), (4, 1), (5, 2), (4, 3)):
        made.add(GroupMember, group_id=group, user_id=user)
    made.settle()
    refused = [(r.table, r.reason) for r in made.refusals]
    assert refused == [
        ("groups", Reason.INVALID),
        ("groups", Reason.DUPLICATE),
        ("group_members", Reason.DUPLICATE),
        ("group_members", Reason.DANGLING),
        ("group_members", Reason.DANGLING),
    ]
    assert made.frames()["groups"]["name"].to_list() == ["A"]
    assert made.refused_frames()["group_members"]["detail"].to_list()[1:] == [
        "group_id 5 is not among the groups",
        "user_id 3 is not among the users",
    ]


def test_without_people_nobody_is_missing() -> None:
    made = harvest()
    made.add(Group, group_id=4, name="A")
    made.add(GroupMember, group_id=4, user_id=1)
    made.settle()
    assert made.refusals == []


def records(**contents: bytes) -> CourseRecords:
    made = harvest(1, 2)
    made.add(Group, group_id="x", name="refused")
    made.settle()
    return CourseRecords(
        course=CourseKey("example", 9),
        sha256="ab" * 32,
        backup_at=NOW,
        tables=made.frames(),
        silence=Silence(work=(7, 8)),
        refused=made.refused_frames(),
        contents=dict(contents),
    )


def test_the_lake_gives_back_what_it_was_given() -> None:
    store, given = MemoryStore(), records(page=b"<p>text</p>")
    with pytest.raises(FileNotFoundError):
        lake.read_records(store, given.course, given.sha256)
    lake.write_records(store, given)
    back = lake.read_records(store, given.course, given.sha256)
    assert (back.course, back.sha256, back.backup_at, back.silence) == (
        given.course,
        given.sha256,
        given.backup_at,
        given.silence,
    )
    for row in TABLES:
        assert back.tables[row.table].equals(given.tables[row.table])
        assert dict(back.tables[row.table].schema) == schema(row)
    assert back.refused["groups"].equals(given.refused["groups"])
    assert bytes(store.get("page").bytes()) == b"<p>text</p>"


def test_accepted_and_refused_are_counted_by_table() -> None:
    counted = lake.counts(records())
    assert counted.filter(pl.col("table") == "groups").row(0) == ("groups", 0, 1)
    assert counted.filter(pl.col("table") == "users").row(0) == ("users", 2, 0)
    assert len(counted) == len(TABLES)


def test_rows_of_a_course_name_it() -> None:
    made = harvest(1)
    made.add(Group, group_id=4, name="A")
    assert made.frames()["groups"].select("site_id", "course_id").rows() == [("example", 9)]
    assert not issubclass(User, CourseRow)
