"""Progress, cohort, leaderboard and exports over HTTP, against marts dbt built."""

import csv
from collections.abc import Callable
from datetime import date
from io import StringIO

import pytest
from api_world import BIOLOGY, World

from studium.client import ApiError, Client, NotFound, Rejected, every
from studium.database.pool import Role, connect

As = Callable[[str], Client]


def audited(world: World, action: str) -> list[tuple[object, ...]]:
    with connect(world.settings, Role.ADMIN) as connection:
        return connection.execute(
            "select actor_id, subject_learner_id, detail from app.audit_log "
            "where action = %s and course_id = %s order by audit_id",
            [action, BIOLOGY],
        ).fetchall()


def test_a_learner_sees_their_way(client: As, world: World) -> None:
    mine = client("ann").progress(BIOLOGY)
    assert (mine.full_name, mine.modules_completed, mine.modules_total) == ("Ann Tester", 1, 2)
    assert mine.completion_pct == 50
    assert [(day.activity_date, day.events, day.active_minutes) for day in mine.days] == [
        (date(2026, 11, 20), 5, 10),
        (date(2026, 11, 21), 5, 10),
    ]
    assert {module.name: (module.is_complete, module.grade) for module in mine.modules} == {
        "Cells": (True, None),
        "Cell quiz": (False, 8),
    }
    assert mine.next_module is not None
    assert mine.next_module.module_id == world.modules["quiz"]
    assert [module.next_place for module in mine.modules] == [None, 1]
    assert [(attempt.state, attempt.grade_pct) for attempt in mine.quiz_attempts] == [("finished", 80)]


def test_what_was_hidden_after_the_figures_were_made_is_not_named(client: As, world: World) -> None:
    """The marts are as they were: the rows that Moodle's word follows by minutes decide what of them is shown."""

    def hide(*, hidden: bool) -> None:
        with connect(world.settings, Role.ADMIN) as connection:
            connection.execute(
                "update raw.modules set is_visible = %s where site_id || ':' || cmid = %s",
                [not hidden, world.modules["quiz"]],
            )

    def told(name: str) -> str:
        who, ann = client(name), world.learners["ann"]
        shown = [who.progress(BIOLOGY, learner_id=ann), who.materials(BIOLOGY), who.leaderboard(BIOLOGY)]
        return "".join(each.model_dump_json() for each in shown)

    assert "Cell quiz" in told("ann")
    hide(hidden=True)
    try:
        assert "Cell quiz" not in told("ann")
        mine = client("ann").progress(BIOLOGY)
        assert (mine.next_module, mine.quiz_attempts) == (None, [])
        for name in ("tom", "root"):  # who teaches sees what is hidden
            assert "Cell quiz" in told(name)
            assert "Cell quiz" in client(name).cohort(BIOLOGY).model_dump_json()
            assert b"Cell quiz" in client(name).export(BIOLOGY, "quiz_attempts")
    finally:
        hide(hidden=False)
    assert "Cell quiz" in told("ann")


def test_looking_at_anothers_progress_is_noted(client: As, world: World) -> None:
    client("tom").progress(BIOLOGY, learner_id=world.learners["ben"])
    client("ann").progress(BIOLOGY, learner_id=world.learners["ann"])
    assert audited(world, "progress_viewed")[-1][:2] == (world.accounts["tom"], world.learners["ben"])


def test_a_cohort_at_a_glance(client: As, world: World) -> None:
    cohort = client("tom").cohort(BIOLOGY)
    assert cohort.active_last_week == 1
    assert cohort.quiet_after_days == 14
    assert cohort.mean_completion_pct == 25
    assert [(learner.full_name, learner.quiet_reason, learner.quiet_days) for learner in cohort.quiet] == [
        ("Ben Tester", "stayed_away", 20)
    ]
    assert [week.week_start for week in cohort.weeks] == [date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16)]
    assert {module.name: (module.completed, module.completed_pct) for module in cohort.modules} == {
        "Cells": (1, 50),
        "Cell quiz": (0, 0),
    }
    (quiz,) = cohort.quizzes
    assert (quiz.attempts, quiz.in_progress, quiz.learners, quiz.mean_pct, quiz.median_pct) == (1, 1, 1, 80, 80)
    assert audited(world, "cohort_viewed")[-1][0] == world.accounts["tom"]


def test_pages_of_people_join_without_gap(client: As) -> None:
    tom = client("tom")
    whole = [learner.learner_id for learner in tom.cohort_learners(BIOLOGY).items]
    assert len(whole) == 3
    assert [learner.learner_id for learner in every(tom.cohort_learners, BIOLOGY, limit=1)] == whole
    assert [course.course_id for course in every(client("root").courses, limit=1)] == [BIOLOGY, "test-site:2"]
    modules = [module.name for module in every(tom.materials, BIOLOGY, limit=1)]
    assert modules == [module.name for module in tom.materials(BIOLOGY).items]
    with pytest.raises(Rejected, match="not the `next`"):
        tom.cohort_learners(BIOLOGY, after="nonsense")


def test_a_leaderboard_shows_those_who_chose_it(client: As, world: World) -> None:
    ann, ben, tom = client("ann"), client("ben"), client("tom")
    offered = ben.leaderboard(BIOLOGY).my_pseudonym
    joined = ben.join_leaderboard(BIOLOGY, opted_in=True)
    assert joined.my_pseudonym == offered
    ann.join_leaderboard(BIOLOGY, opted_in=True)
    again = ann.join_leaderboard(BIOLOGY, opted_in=True)
    assert [(entry.rank, entry.points, entry.is_me) for entry in again.entries] == [(1, 30, True), (2, 0, False)]
    assert again.entries[1].pseudonym == offered
    everything = [tom.leaderboard(BIOLOGY, period) for period in ("week", "course", "all")]
    for board in everything:
        assert not any(entry.is_me for entry in board.entries)
        assert board.my_pseudonym is None
        shown = board.model_dump_json()
        assert not any(learner in shown for learner in world.learners.values())
        assert "Tester" not in shown
    left = ann.join_leaderboard(BIOLOGY, opted_in=False)
    assert not left.opted_in
    assert [entry.pseudonym for entry in left.entries] == [offered]
    ben.join_leaderboard(BIOLOGY, opted_in=False)
    with connect(world.settings, Role.ADMIN) as connection:
        verbs = connection.execute(
            "select split_part(verb, '/', 6), learner_id from app.events "
            "where account_id = %s and object_id = %s and verb ~ '(join|leave)$' order by stored_at, event_id",
            [world.accounts["ann"], BIOLOGY],
        ).fetchall()
    assert verbs[-2:] == [("join", world.learners["ann"]), ("leave", world.learners["ann"])]


def test_a_leaderboard_shows_the_first_and_the_neighbours_alone(client: As, world: World) -> None:
    """Nine more learners; three share the most points, and everybody from the seventh place on has none."""
    more = [f"test-site:{9000 + number}" for number in range(9)]
    points = [40, 40, 40, 20, 10, 5, 0, 0, 0]
    with connect(world.settings, Role.ADMIN) as connection:
        for number, learner in enumerate(more):
            connection.execute(
                "insert into app.moodle_links (site_id, moodle_user_id, account_id) values ('test-site', %s, %s)",
                [9000 + number, world.accounts["out"]],
            )
            connection.execute(
                "insert into intermediate.int_points__awarded (course_id, week_start, learner_id, points) "
                "values (%s, date '2026-11-16', %s, %s)",
                [BIOLOGY, learner, points[number]],
            )
            connection.execute(
                "insert into marts.fct_enrolments (course_id, learner_id, role, is_active, group_names) "
                "values (%s, %s, 'student', true, '{}')",
                [BIOLOGY, learner],
            )
            connection.execute(
                "insert into app.leaderboard_members (course_id, learner_id, pseudonym) values (%s, %s, %s)",
                [BIOLOGY, learner, f"Aa {number}"],
            )
    try:
        looker = client("tom").leaderboard(BIOLOGY)
        board = client("ben").join_leaderboard(BIOLOGY, opted_in=True)
    finally:
        client("ben").join_leaderboard(BIOLOGY, opted_in=False)
        with connect(world.settings, Role.ADMIN) as connection:
            connection.execute("delete from app.leaderboard_members where learner_id = any(%s)", [more])
            for table in ("intermediate.int_points__awarded", "marts.fct_enrolments"):
                connection.execute(f"delete from {table} where learner_id = any(%s)", [more])
            connection.execute("delete from app.moodle_links where learner_id = any(%s)", [more])
    assert (looker.members, [entry.position for entry in looker.entries]) == (9, [1, 2, 3])
    assert [entry.rank for entry in looker.entries] == [1, 1, 1]
    assert board.members == 10
    assert [(entry.position, entry.rank, entry.is_me) for entry in board.entries] == [
        (1, 1, False),
        (2, 1, False),
        (3, 1, False),
        (8, 7, False),
        (9, 7, False),
        (10, 7, True),
    ]
    assert [(rule.verb, rule.object_type, rule.points, rule.most) for rule in board.rules] == [
        ("completed", "module", 10, None),
        ("attempted", "quiz", 20, None),
        ("answered", "flashcard", 2, None),
        ("answered", "question", 3, 8),
    ]


def test_names_on_a_leaderboard_never_meet(client: As, world: World) -> None:
    wanted = client("ann").leaderboard(BIOLOGY).my_pseudonym
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute(
            "insert into app.leaderboard_members (course_id, learner_id, pseudonym) values (%s, %s, %s)",
            [BIOLOGY, world.learners["ben"], wanted],
        )
    board = client("ann").join_leaderboard(BIOLOGY, opted_in=True)
    assert board.my_pseudonym != wanted
    assert len({entry.pseudonym for entry in board.entries}) == 2
    for name in ("ann", "ben"):
        client(name).join_leaderboard(BIOLOGY, opted_in=False)


def test_exports_are_tables_a_spreadsheet_does_not_run(client: As, world: World) -> None:
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute("update marts.dim_learners set full_name = '=cmd()' where full_name = 'Ben Tester'")
    try:
        table = client("tom").export(BIOLOGY, "learners").decode("utf-8-sig")
    finally:
        with connect(world.settings, Role.ADMIN) as connection:
            connection.execute("update marts.dim_learners set full_name = 'Ben Tester' where full_name = '=cmd()'")
    rows = {row["learner_id"]: row for row in csv.DictReader(StringIO(table))}
    assert set(rows) == {world.learners[name] for name in ("ann", "ben", "sue")}
    assert rows[world.learners["ben"]]["full_name"] == "'=cmd()"
    assert rows[world.learners["ann"]]["completion_pct"] == "50.00"
    assert audited(world, "exported")[-1] == (world.accounts["tom"], None, {"table": "learners"})


@pytest.mark.parametrize(
    ("name", "rows"),
    [("activity", 3), ("quiz_attempts", 2), ("grades", 1), ("completions", 1), ("engagement", 3), ("questions", 0)],
)
def test_every_table_can_be_had(client: As, name: str, rows: int) -> None:
    table = client("tom").export(BIOLOGY, name)
    assert len(list(csv.DictReader(StringIO(table.decode("utf-8-sig"))))) == rows


def test_an_unknown_table_is_a_problem(client: As) -> None:
    with pytest.raises(ApiError) as refused:
        client("tom").export(BIOLOGY, "passwords")
    assert refused.value.problem.status == 422


def test_progress_of_nobody(client: As) -> None:
    with pytest.raises(NotFound):
        client("tom").progress(BIOLOGY, learner_id="test-site:424242")
