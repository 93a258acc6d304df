"""What the database itself lets `studium_api` do, whatever the API's code forgets."""

from collections.abc import Iterator

import psycopg
import pytest
from api_world import BIOLOGY, World
from psycopg import Connection

from studium.database.pool import Role, acting_as, connect

OWN = {
    "app.accounts": "account_id",
    "app.moodle_links": "account_id",
    "app.sessions": "account_id",
    "app.token_families": "account_id",
    "app.refresh_tokens": "account_id",
    "app.events": "account_id",
}


@pytest.fixture
def raw(world: World) -> Iterator[Connection]:
    """A connection as the API's role, with nothing of the API around it."""
    with connect(world.settings, Role.API, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module", autouse=True)
def _something_of_everybodys(world: World) -> None:
    with connect(world.settings, Role.ADMIN) as connection:
        for account_id in world.accounts.values():
            connection.execute(
                "insert into app.sessions (token_hash, account_id, expires_at) "
                "values (sha256(%s::text::bytea), %s, now() + interval '1 day') on conflict do nothing",
                [account_id, account_id],
            )
            connection.execute(
                "insert into app.events (account_id, verb, object_type, object_id) values (%s, 'v', 't', 'o')",
                [account_id],
            )


@pytest.mark.parametrize("table", OWN)
def test_one_sees_ones_own_rows(raw: Connection, world: World, table: str) -> None:
    assert raw.execute(f"select from {table}").fetchall() == []
    for name in ("ann", "tom"):
        with acting_as(raw, world.accounts[name]):
            seen = raw.execute(f"select distinct {OWN[table]} from {table}").fetchall()
        assert seen in ([(world.accounts[name],)], [])
        if table in ("app.accounts", "app.sessions", "app.events", "app.moodle_links"):
            assert seen


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("select password_hash from app.accounts", psycopg.errors.InsufficientPrivilege),
        ("update app.accounts set is_admin = true", psycopg.errors.InsufficientPrivilege),
        ("update app.accounts set email = 'x@y.test'", psycopg.errors.InsufficientPrivilege),
        ("insert into app.accounts (email, display_name) values ('x@y.z', 'x')", psycopg.errors.InsufficientPrivilege),
        ("delete from app.accounts", psycopg.errors.InsufficientPrivilege),
        ("insert into app.moodle_links values ('s', 1, app.current_account())", psycopg.errors.InsufficientPrivilege),
        ("delete from app.events", psycopg.errors.InsufficientPrivilege),
        ("update app.audit_log set action = 'x'", psycopg.errors.InsufficientPrivilege),
        ("delete from app.audit_log", psycopg.errors.InsufficientPrivilege),
        ("select token_hash from app.invitations", psycopg.errors.InsufficientPrivilege),
        ("select from raw.users", psycopg.errors.InsufficientPrivilege),
        ("select from staging.stg_moodle__users", psycopg.errors.InsufficientPrivilege),
        ("delete from marts.fct_grades", psycopg.errors.InsufficientPrivilege),
        ("alter table app.events disable row level security", psycopg.errors.InsufficientPrivilege),
        ("set role studium_owner", psycopg.errors.InsufficientPrivilege),
        ("create function public.f() returns int return 1", psycopg.errors.InsufficientPrivilege),
    ],
)
def test_even_an_admins_connection_may_not(
    raw: Connection, world: World, statement: str, error: type[psycopg.Error]
) -> None:
    with pytest.raises(error), acting_as(raw, world.accounts["root"]):
        raw.execute(statement)


def test_nobody_writes_in_anothers_name(raw: Connection, world: World) -> None:
    other = world.accounts["ben"]
    for statement in (
        "insert into app.sessions (token_hash, account_id, expires_at) values ('x', %s, now())",
        "insert into app.token_families (account_id) values (%s)",
        "insert into app.events (account_id, verb, object_type, object_id) values (%s, 'v', 't', 'o')",
        "insert into app.audit_log (actor_id, action) values (%s, 'x')",
        "insert into app.work_requests (kind, requested_by) values ('upload', %s)",
        "insert into content.documents (source, owner_id, title) values ('upload', %s, 'x')",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), acting_as(raw, world.accounts["ann"]):
            raw.execute(statement, [other])


def test_nobody_claims_anothers_learner(raw: Connection, world: World) -> None:
    for learner, course in [(world.learners["ben"], BIOLOGY), (world.learners["ann"], "test-site:2")]:
        with pytest.raises(psycopg.errors.InsufficientPrivilege), acting_as(raw, world.accounts["ann"]):
            raw.execute(
                "insert into app.leaderboard_members (course_id, learner_id, pseudonym) values (%s, %s, 'x')",
                [course, learner],
            )
    with pytest.raises(psycopg.errors.InsufficientPrivilege), acting_as(raw, world.accounts["ann"]):
        raw.execute(
            "insert into app.events (account_id, learner_id, verb, object_type, object_id) "
            "values (%s, %s, 'v', 't', 'o')",
            [world.accounts["ann"], world.learners["ben"]],
        )


def test_a_change_of_anothers_row_touches_nothing(raw: Connection, world: World) -> None:
    with acting_as(raw, world.accounts["ann"]):
        changed = raw.execute("update app.accounts set display_name = 'x' where email <> 'ann@example.test'")
        assert changed.rowcount == 0
        assert raw.execute("delete from app.sessions where account_id <> app.current_account()").rowcount == 0
        assert raw.execute("delete from content.documents where source <> 'upload'").rowcount == 0
        assert raw.execute("update content.documents set title = 'x' where source <> 'upload'").rowcount == 0


@pytest.mark.parametrize("mart", ["learner_progress", "fct_activity_daily", "fct_quiz_attempts", "dim_learners"])
def test_marts_keep_learners_apart(raw: Connection, world: World, mart: str) -> None:
    def seen(name: str) -> set[str]:
        with acting_as(raw, world.accounts[name]):
            return {row[0] for row in raw.execute(f"select learner_id from marts.{mart}").fetchall()}

    assert raw.execute(f"select from marts.{mart}").fetchall() == []
    assert seen("ann") == {world.learners["ann"]}
    assert {world.learners["ann"], world.learners["ben"]} <= seen("tom")
    assert world.learners["dan"] not in seen("tom")
    assert seen("una") <= {world.learners["dan"], world.learners["una"]}
    assert seen("sue") <= {world.learners["sue"]}
    assert seen("out") == set()
    assert seen("root") >= seen("tom") | seen("una")


def test_role_and_time_decide_the_courses(raw: Connection, world: World) -> None:
    def courses(name: str) -> tuple[list[str], list[str]]:
        with acting_as(raw, world.accounts[name]):
            return raw.execute(
                "select array(select app.enrolled_course_ids()), array(select app.instructed_course_ids())"
            ).fetchone()

    assert courses("ann") == ([BIOLOGY], [])
    assert courses("sue") == ([], [])
    assert courses("tom") == ([BIOLOGY], [BIOLOGY])
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute("update raw.enrolments set status = 1 where user_id = %s", [_user(world, "tom")])
        connection.execute(
            "update raw.enrolments set ends_at = now() - interval '1 s' where user_id = %s", [_user(world, "ann")]
        )
    try:
        assert courses("tom") == ([], [])
        assert courses("ann") == ([], [])
    finally:
        with connect(world.settings, Role.ADMIN) as connection:
            connection.execute("update raw.enrolments set status = 0 where user_id = %s", [_user(world, "tom")])
            connection.execute("update raw.enrolments set ends_at = null where user_id = %s", [_user(world, "ann")])


@pytest.mark.parametrize("table", ["app.events", "app.audit_log"])
@pytest.mark.parametrize("change", ["update {} set {} = 'x'", "delete from {}", "truncate {}"])
def test_history_is_only_added_to_even_by_a_superuser(world: World, table: str, change: str) -> None:
    column = "verb" if table == "app.events" else "action"
    with pytest.raises(psycopg.errors.RestrictViolation), connect(world.settings, Role.ADMIN) as connection:
        connection.execute(change.format(table, column))


def test_a_change_of_role_leaves_its_trace(world: World) -> None:
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute("update app.accounts set is_admin = true where account_id = %s", [world.accounts["out"]])
        connection.execute("update app.accounts set is_admin = false where account_id = %s", [world.accounts["out"]])
        noted = connection.execute(
            "select action from app.audit_log where subject_account_id = %s order by audit_id", [world.accounts["out"]]
        ).fetchall()
        connection.rollback()
    assert noted[-2:] == [("admin_granted",), ("admin_withdrawn",)]


def test_a_pooled_connection_keeps_nobodys_identity(raw: Connection, world: World) -> None:
    with pytest.raises(ZeroDivisionError), acting_as(raw, world.accounts["root"]):
        raise ZeroDivisionError
    assert raw.execute("select app.current_account(), app.is_admin()").fetchone() == (None, False)


def _user(world: World, name: str) -> int:
    return int(world.learners[name].rpartition(":")[2])
