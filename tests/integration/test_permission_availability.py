"""Moodle's availability conditions and trees, decided in SQL."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from tests.integration.invented_site import COURSE, NOW, SITE, Site, insert, modules_seen

NOON = int(NOW.timestamp())
YES = {"type": "date", "d": ">=", "t": 0}
NO = {"type": "date", "d": "<", "t": 0}
ALIEN = {"type": "phase_of_the_moon", "v": "full"}


@pytest.fixture
def site(admin: Connection) -> Site:
    return Site(admin)


def tree(op: str, *children: dict[str, Any]) -> dict[str, Any]:
    shows = {"show": True} if op in ("|", "!&") else {"showc": [True] * len(children)}
    return {"op": op, "c": list(children)} | shows


def shows(site: Site, account: UUID, availability: Any, as_of: datetime = NOW, **module: Any) -> bool:
    page = site.add_module(availability=availability, **module)
    return page in modules_seen(site.connection, account, as_of)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"type": "date", "d": ">=", "t": NOON}, True),
        ({"type": "date", "d": ">=", "t": NOON + 1}, False),
        ({"type": "date", "d": "<", "t": NOON + 1}, True),
        ({"type": "date", "d": "<", "t": NOON}, False),
        ({"type": "profile", "sf": "department", "op": "isequalto", "v": "Med"}, True),
        ({"type": "profile", "sf": "department", "op": "isequalto", "v": "med"}, False),
        ({"type": "profile", "sf": "department", "op": "contains", "v": "ed"}, True),
        ({"type": "profile", "sf": "department", "op": "doesnotcontain", "v": "ed"}, False),
        ({"type": "profile", "sf": "department", "op": "doesnotcontain", "v": ""}, True),
        ({"type": "profile", "sf": "department", "op": "startswith", "v": "Me"}, True),
        ({"type": "profile", "sf": "department", "op": "endswith", "v": "Me"}, False),
        ({"type": "profile", "sf": "department", "op": "isnotempty"}, True),
        ({"type": "profile", "sf": "country", "op": "isempty"}, True),
        ({"type": "profile", "sf": "country", "op": "isequalto", "v": "GB"}, False),
    ],
)
def test_a_condition_and_its_opposite(site: Site, condition: dict[str, Any], expected: bool) -> None:
    student = site.add_person()
    assert shows(site, student, tree("&", condition)) is expected
    assert shows(site, student, tree("|", condition)) is expected
    assert shows(site, student, tree("!&", condition)) is not expected
    assert shows(site, student, tree("!|", condition)) is not expected
    assert shows(site, student, tree("&", tree("!|", condition))) is not expected
    assert shows(site, student, tree("!&", tree("!|", condition))) is expected


@pytest.mark.parametrize(
    "condition",
    [
        ALIEN,
        {"type": "date", "d": "=", "t": NOON},
        {"type": "date", "d": ">=", "t": "soon"},
        {"type": "date", "d": ">="},
        {"type": "group", "id": "A"},
        {"type": "grouping"},
        {"type": "grouping", "activity": True},
        {"type": "completion", "cm": 1},
        {"type": "grade", "min": 50},
        {"type": "grade", "id": 1, "min": "half"},
        {"type": "profile", "cf": "shoe", "op": "isequalto", "v": "44"},
        {"type": "profile", "sf": "phone1", "op": "isempty"},
        {"type": "profile", "sf": "department", "op": "resembles", "v": "Med"},
        {"type": None},
        {},
    ],
    ids=str,
)
def test_what_is_not_understood_hides_under_negation_too(site: Site, condition: dict[str, Any]) -> None:
    student = site.add_person()
    for op in ("&", "|", "!&", "!|"):
        assert not shows(site, student, tree(op, condition))
        assert not shows(site, student, tree("&", tree(op, tree("!&", condition))))
    assert shows(site, student, tree("|", condition, YES))
    assert not shows(site, student, tree("&", condition, YES))
    assert shows(site, student, tree("!&", condition, NO))
    assert shows(site, site.add_person("teacher"), tree("&", condition))


@pytest.mark.parametrize(
    "broken", [{}, [], "open", 1, {"op": "^", "c": [YES]}, {"op": "&"}, {"op": "&", "c": YES}], ids=str
)
def test_a_broken_tree_hides(site: Site, broken: Any) -> None:
    assert not shows(site, site.add_person(), broken)


@pytest.mark.parametrize("op", ["&", "|", "!&", "!|"])
def test_an_empty_set_restricts_nothing(site: Site, op: str) -> None:
    assert shows(site, site.add_person(), tree(op))


def moodle_says(node: dict[str, Any], negated: bool = False) -> bool:
    """Moodle's own algorithm, where a condition of a missing plugin is never available."""
    if "type" in node:
        return node != ALIEN and ((node == YES) is not negated)
    inner = node["op"].startswith("!") is not negated
    results = [moodle_says(child, inner) for child in node["c"]]
    if not results:
        return True
    return all(results) if (node["op"] in ("&", "!|")) is not negated else any(results)


def test_trees_agree_with_moodles_algorithm(site: Site) -> None:
    chance = random.Random(4)

    def grow(depth: int) -> dict[str, Any]:
        if depth == 0 or chance.random() < 0.3:
            return chance.choice([YES, NO, ALIEN])
        return tree(chance.choice(["&", "|", "!&", "!|"]), *(grow(depth - 1) for _ in range(chance.randrange(4))))

    trees = [tree(chance.choice(["&", "|", "!&", "!|"]), *(grow(3) for _ in range(3))) for _ in range(400)]
    rows = site.connection.execute(
        "select content.availability_holds(t, false, row('s', 1, 1, false, null)::content.visit) is true "
        "from unnest(%s::jsonb[]) with ordinality as x (t, place) order by place",
        [[json.dumps(one) for one in trees]],
    ).fetchall()
    expected = [moodle_says(one) for one in trees]
    assert [row[0] for row in rows] == expected
    assert 80 < sum(expected) < 320


def test_groups(site: Site) -> None:
    mine, other = site.add_person(), site.add_person()
    group = site.add_group(mine)
    site.add_group(other)
    only = {"type": "group", "id": group}
    assert shows(site, mine, tree("&", only))
    assert not shows(site, other, tree("&", only))
    assert shows(site, other, tree("!|", only))
    assert not shows(site, mine, tree("!|", only))
    in_any = tree("&", {"type": "group"})
    assert shows(site, other, in_any)
    assert not shows(site, site.add_person(), in_any)
    assert shows(site, site.add_person("editingteacher"), tree("!|", only))


def test_groupings(site: Site) -> None:
    grouping = 7
    mine, other = site.add_person(), site.add_person()
    site.add_group(mine, grouping_id=grouping)
    site.add_group(other)
    named = tree("&", {"type": "grouping", "id": grouping})
    of_activity = tree("&", {"type": "grouping", "activity": True})
    for availability in (named, of_activity):
        assert shows(site, mine, availability, grouping_id=grouping)
        assert not shows(site, other, availability, grouping_id=grouping)


@pytest.mark.parametrize(("state", "accepted"), [(None, {0}), (0, {0}), (1, {1}), (2, {1, 2}), (3, {1, 3})], ids=str)
def test_completion(site: Site, state: int | None, accepted: set[int]) -> None:
    student = site.add_person()
    earlier = site.add_module()
    if state is not None:
        insert(
            site.connection, "completions",
            site_id=SITE, course_id=COURSE, cmid=earlier, user_id=site.user_of(student), state=state,
        )  # fmt: skip
    for wanted in (0, 1, 2, 3):
        condition = {"type": "completion", "cm": earlier, "e": wanted}
        assert shows(site, student, tree("&", condition)) is (wanted in accepted)
        assert shows(site, student, tree("!|", condition)) is (wanted not in accepted)


def test_completion_of_an_activity_that_is_gone_lets_nobody_in(site: Site) -> None:
    student = site.add_person()
    for op in ("&", "!|"):
        assert not shows(site, student, tree(op, {"type": "completion", "cm": 999_999, "e": 1}))


def test_completion_of_the_previous_activity(site: Site) -> None:
    student = site.add_person()
    first = site.add_module()
    site.add_module(completion_mode=0)
    previous = tree("&", {"type": "completion", "cm": -1, "e": 1})
    second = site.add_module(availability=previous)
    assert second not in modules_seen(site.connection, student)
    insert(
        site.connection, "completions",
        site_id=SITE, course_id=COURSE, cmid=first, user_id=site.user_of(student), state=1,
    )  # fmt: skip
    assert second in modules_seen(site.connection, student)


def graded(site: Site, student: UUID, grade: float | None) -> int:
    item = next(site.numbers)
    insert(
        site.connection, "grade_items",
        site_id=SITE, course_id=COURSE, grade_item_id=item, item_type="mod", grade_type=1,
        grade_max=50, grade_min=10, is_hidden=False,
    )  # fmt: skip
    insert(
        site.connection, "grades",
        site_id=SITE, course_id=COURSE, grade_id=item, grade_item_id=item, user_id=site.user_of(student),
        final_grade=grade, is_hidden=False, is_overridden=False, is_excluded=False,
    )  # fmt: skip
    return item


@pytest.mark.parametrize(
    ("grade", "bounds", "expected"),
    [
        (30, {"min": 50}, True),
        (29.9, {"min": 50}, False),
        (30, {"max": 50}, False),
        (29.9, {"max": 50}, True),
        (10, {}, True),
        (30, {"min": 40, "max": 60.5}, True),
        (None, {}, False),
        (None, {"max": 50}, False),
    ],
)
def test_grades(site: Site, grade: float | None, bounds: dict[str, float], expected: bool) -> None:
    student = site.add_person()
    condition = {"type": "grade", "id": graded(site, student, grade)} | bounds
    assert shows(site, student, tree("&", condition)) is expected
    assert shows(site, student, tree("!|", condition)) is not expected


def test_a_section_closes_its_modules(site: Site) -> None:
    check: Callable[..., bool] = lambda section: shows(site, site.add_person(), None, section_id=section)  # noqa: E731
    assert check(site.add_section(availability=tree("&", YES)))
    assert not check(site.add_section(availability=tree("&", NO)))
    assert not check(site.add_section(availability=tree("&", ALIEN)))


def test_permission_is_asked_for_a_moment(site: Site) -> None:
    opens = datetime(2026, 12, 1, tzinfo=UTC)
    student = site.add_person()
    page = site.add_module(availability=tree("&", {"type": "date", "d": ">=", "t": int(opens.timestamp())}))
    assert page not in modules_seen(site.connection, student)
    assert page in modules_seen(site.connection, student, opens)
