"""Acts through the database: in order however they arrive, replayable, one's own alone, on the board at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import StringIO
from random import Random
from uuid import UUID, uuid4

import psycopg
import pytest
from api_world import BIOLOGY, World, newcomer
from motivation_help import history
from psycopg import Connection, Rollback
from rich.console import Console
from starlette.testclient import TestClient

from studium import warehouse
from studium.client import Client
from studium.database.pool import Role, acting_as, connect
from studium.events import Kind, Verb
from studium.motivation import replay
from studium.motivation.acts import record_act
from studium.motivation.closing import close_day, due
from studium.operations.replay import run
from studium.settings import Settings

As = Callable[[str], Client]
DUE = {"was_due": True, "was_new": False}
FACTS = ("marts.fct_completions", "marts.fct_enrolments")
COMPLETED = """
insert into marts.fct_completions
    (course_id, learner_id, module_id, is_complete, completion_state, completed_at, completed_date)
values (%s, %s, %s, true, 'complete', '2026-11-20 10:00Z', '2026-11-20')
"""
START = datetime(2026, 11, 22, 12, tzinfo=UTC)


def new_account(settings: Settings, zone: str = "UTC") -> UUID:
    with connect(settings, Role.ADMIN) as connection:
        row = connection.execute(
            "insert into app.accounts (email, display_name, timezone) values (%s, 'x', %s) returning account_id",
            [f"{uuid4()}@example.test", zone],
        ).fetchone()
    assert row is not None
    return UUID(str(row[0]))


def review(connection: Connection, account_id: UUID, card: object, moment: datetime, course: str | None = None) -> UUID:
    with acting_as(connection, account_id):
        return record_act(
            connection, account_id, Verb.ANSWERED, Kind.FLASHCARD, str(card),
            course_id=course, result=DUE, moment=moment,
        )  # fmt: skip


def unlike(settings: Settings, account_id: UUID) -> list[str]:
    """How what is kept of an account differs from what its events lead to."""
    with connect(settings, Role.PIPELINE) as connection:
        found = replay.kept(connection, account_id)
        until = found.standing.open_day if found.standing else None
        return replay.differences(replay.made_of_events(connection, account_id, until), found)


@pytest.fixture
def api_role(world: World) -> Iterator[Connection]:
    with connect(world.settings, Role.API) as connection:
        yield connection


class TestOrder:
    def test_fifty_at_once_end_as_one_after_another(self, world: World) -> None:
        account_id = new_account(world.settings)

        def act(number: int) -> UUID:
            with connect(world.settings, Role.API) as connection:
                return review(connection, account_id, number % 20, START + timedelta(seconds=2 * (number % 7)))

        with ThreadPoolExecutor(10) as threads:
            assert len(set(threads.map(act, range(50)))) == 50
        with connect(world.settings, Role.PIPELINE) as connection:
            found = replay.kept(connection, account_id)
        assert len(found.entries) == 50
        assert len({entry.happened_at for entry in found.entries.values()}) == 50, "each after the one before"
        assert unlike(world.settings, account_id) == []

    def test_an_act_after_the_close_of_its_day_counts_for_the_next(self, world: World, api_role: Connection) -> None:
        account_id = new_account(world.settings, "America/New_York")
        midnight = datetime(2026, 11, 23, 5, tzinfo=UTC)
        review(api_role, account_id, 1, midnight - timedelta(hours=1))
        with connect(world.settings, Role.PIPELINE) as connection:
            assert account_id not in due(connection, midnight - timedelta(microseconds=1))
            assert account_id in due(connection, midnight)
            assert close_day(connection, account_id, midnight) == 1
            assert close_day(connection, account_id, midnight) == 0
        review(api_role, account_id, 2, midnight - timedelta(milliseconds=5))
        with connect(world.settings, Role.PIPELINE) as connection:
            found = replay.kept(connection, account_id)
        entries = sorted(found.entries.values(), key=lambda entry: entry.happened_at)
        assert [str(entry.day) for entry in entries] == ["2026-11-22", "2026-11-23"]
        assert unlike(world.settings, account_id) == []

    def test_what_is_rolled_back_was_not(self, world: World, api_role: Connection) -> None:
        account_id = new_account(world.settings)
        with acting_as(api_role, account_id):
            record_act(
                api_role, account_id, Verb.ANSWERED, Kind.FLASHCARD, "1", course_id=None, result=DUE, moment=START
            )
            raise Rollback
        assert unlike(world.settings, account_id) == []
        with pytest.raises(ValueError, match="time zone"):
            review(api_role, account_id, 1, START.replace(tzinfo=None))


def play(connection: Connection, settings: Settings, seed: int, steps: int) -> UUID:
    """A random history as it is recorded, zones changed and days closed in between."""
    random = Random(seed)
    zone, what = history(random, steps)
    account_id = new_account(settings, zone)
    for step in what:
        with acting_as(connection, account_id):
            if step.act is not None:
                verb, kind, thing, result = step.act
                record_act(connection, account_id, verb, kind, thing, course_id=None, result=result, moment=step.moment)
            elif step.zone is not None:
                connection.execute(
                    "update app.accounts set timezone = %s where account_id = %s", [step.zone, account_id]
                )
        if step.act is None and step.zone is None:
            with connect(settings, Role.PIPELINE) as pipeline:
                close_day(pipeline, account_id, step.moment)
    return account_id


class TestReplay:
    def test_histories_replay_to_the_same_rows(self, world: World, api_role: Connection) -> None:
        for seed in range(12):
            assert unlike(world.settings, play(api_role, world.settings, seed, 30)) == [], seed

    @pytest.mark.soak
    @pytest.mark.timeout(7200)
    def test_two_thousand_histories_replay_to_the_same_rows(self, world: World, api_role: Connection) -> None:
        api_role.execute("set synchronous_commit = off")
        api_role.commit()
        for seed in range(1000, 3000):
            assert unlike(world.settings, play(api_role, world.settings, seed, 25)) == [], seed

    def test_the_command_says_what_differs_and_puts_it_right(self, world: World, api_role: Connection) -> None:
        account_id = new_account(world.settings)
        events = [review(api_role, account_id, number, START + timedelta(minutes=number)) for number in range(5)]
        with connect(world.settings, Role.ADMIN) as connection:
            connection.execute("update app.xp_ledger set xp = 9 where event_id = %s", [events[0]])
            connection.execute("delete from app.xp_ledger where event_id = %s", [events[1]])
            connection.execute(
                "update app.standings set streak = 7, best_streak = 7 where account_id = %s", [account_id]
            )
        console = Console(record=True, file=StringIO())
        assert not run(world.settings, console, check=True, moment=START)
        told = console.export_text()
        assert f"entry {events[0]}: xp is 9, the events say 2" in told
        assert f"entry {events[1]}: is missing, and the events lead to it" in told
        assert "streak is 7, the events say 0" in told
        assert len(unlike(world.settings, account_id)) == 3, "a check changes nothing"
        run(world.settings, console, check=False, moment=START)
        assert unlike(world.settings, account_id) == []
        assert run(world.settings, console, check=True, moment=START)


class TestBoard:
    def standing(self, client: Client) -> dict[str, float]:
        periods = ("week", "course", "all")
        return {
            period: next(entry.points for entry in client.leaderboard(BIOLOGY, period).entries if entry.is_me)
            for period in periods
        }

    @pytest.fixture(autouse=True)
    def members(self, client: As, world: World) -> Iterator[None]:
        """Ida, who has completed a page in Moodle, and jon, who has not: on the board, as everybody, by the marts."""
        with newcomer(world, "ida"), newcomer(world, "jon"):
            who = [world.learners[name] for name in ("ida", "jon")]
            with connect(world.settings, Role.ADMIN) as connection:
                connection.execute(
                    "insert into marts.fct_enrolments (course_id, learner_id, role, is_active, group_names) "
                    "select %s, learner_id, 'student', true, '{}' from unnest(%s::text[]) as learner_id",
                    [BIOLOGY, who],
                )
                connection.execute(COMPLETED, [BIOLOGY, who[0], world.modules["page"]])
            for name in ("ida", "jon"):
                client(name).join_leaderboard(BIOLOGY, opted_in=True)
            yield
            with connect(world.settings, Role.ADMIN) as connection:
                for table in ("app.leaderboard_members", "intermediate.int_points__awarded", *FACTS):
                    connection.execute(f"delete from {table} where learner_id = any(%s)", [who])

    def test_it_is_exact_at_once_and_after_a_build(self, client: As, world: World, api_role: Connection) -> None:
        jon, account_id = client("jon"), world.accounts["jon"]
        before = self.standing(jon)
        for number in range(2):
            review(api_role, account_id, f"b{number}", START + timedelta(seconds=5 * number), BIOLOGY)
            assert self.standing(jon)["all"] == before["all"] + 2 * (number + 1)
        with connect(world.settings, Role.API) as slow, acting_as(slow, world.accounts["ida"]):
            # under way while the warehouse is built: it must be neither lost nor counted twice
            record_act(
                slow, world.accounts["ida"], Verb.ANSWERED, Kind.FLASHCARD, "slow",
                course_id=BIOLOGY, result=DUE, moment=START,
            )  # fmt: skip
            review(api_role, account_id, "b2", START + timedelta(seconds=10), BIOLOGY)
            shown = self.standing(jon)
            assert shown["week"] == before["week"] + 6
            assert shown["course"] == pytest.approx(before["course"] + 6, abs=0.5)
            warehouse.build(world.settings, "--select", "int_points__awarded")
            assert self.standing(jon) == shown
        assert self.standing(client("ida"))["all"] == 12
        with connect(world.settings, Role.ADMIN) as connection:
            row = connection.execute(
                "select sum(points - moodle_points) from intermediate.int_points__awarded where learner_id = any(%s)",
                [[world.learners[name] for name in ("ida", "jon")]],
            ).fetchone()
        assert row == (4,), "what was written since the slow one began did not land"

    def test_points_weigh_half_after_the_half_life(self, client: As, world: World, api_role: Connection) -> None:
        review(api_role, world.accounts["jon"], "landed", START, BIOLOGY)
        warehouse.build(world.settings, "--select", "int_points__awarded")
        review(api_role, world.accounts["jon"], "since", START + timedelta(seconds=5), BIOLOGY)
        jon = client("jon")
        now, later = (
            jon._http.get(
                f"/api/v1/courses/{BIOLOGY}/leaderboard?period=course",
                headers={**client("root")._headers, "Studium-As-Of": moment.isoformat()},
            ).json()["entries"]
            for moment in (datetime(2027, 3, 1, 12, tzinfo=UTC), datetime(2027, 3, 15, 12, tzinfo=UTC))
        )
        for one, half in zip(now, later, strict=True):
            assert half["points"] == pytest.approx(one["points"] / 2, abs=0.01)
        board = jon.leaderboard(BIOLOGY, "course")
        mine = next(entry for entry in board.entries if entry.is_me)
        assert board.half_life_days == 14
        assert board.next_day_points == pytest.approx(mine.points * 0.5 ** (1 / 14), abs=0.01)
        assert jon.motivation.read().xp >= 2, "points themselves stay"

    def test_who_listens_is_told(
        self, api: TestClient, headers: Callable[[str], dict[str, str]], world: World, api_role: Connection
    ) -> None:
        # leaving a socket that would tell on for ever cancels it
        with (
            suppress(CancelledError),
            api.websocket_connect(f"/api/v1/live?course_id={BIOLOGY}", headers=headers("tom")) as socket,
        ):
            assert socket.receive_json()["kind"] == "ready"
            for number in range(5):
                review(
                    api_role,
                    world.accounts["ida"],
                    f"told{number}",
                    START + timedelta(hours=1, seconds=number * 3),
                    BIOLOGY,
                )
            told = socket.receive_json()
            while told["kind"] == "heartbeat":
                told = socket.receive_json()
        assert (told["kind"], told["course_id"], told["payload"]) == ("leaderboard:update", BIOLOGY, {})
        with connect(world.settings, Role.ADMIN) as connection:
            query = "select count(*) from app.live_events where kind = 'leaderboard:update' and course_id = %s"
            assert connection.execute(query, [BIOLOGY]).fetchone() == (1,), "the newest alone is kept"


class TestOnesOwn:
    @pytest.fixture
    def kim(self, client: As, world: World) -> Iterator[Client]:
        """Somebody who has done nothing yet."""
        with newcomer(world, "kim"):
            yield client("kim")

    def test_where_one_stands(self, kim: Client) -> None:
        now = kim.motivation.read()
        assert (now.xp, now.level.number, now.streak.days, now.streak.freezes) == (0, 1, 0, 1)
        set_up = kim.motivation.set_goal("daily_xp", 30)
        assert [(goal.kind, goal.target, goal.done) for goal in set_up.goals] == [
            ("daily_xp", 30, 0),
            ("weekly_days", None, 0),
        ]
        assert kim.motivation.set_timezone("Asia/Kolkata").timezone == "Asia/Kolkata"
        assert kim.me().timezone == "Asia/Kolkata"
        assert kim.motivation.set_goal("daily_xp", None).goals[0].target is None

    def test_what_cannot_be_is_refused(self, api: TestClient, headers: Callable[[str], dict[str, str]]) -> None:
        for path, body in [
            ("goals", {"kind": "daily_xp", "target": 0}),
            ("goals", {"kind": "weekly_days", "target": 8}),
            ("goals", {"kind": "weekly_days"}),
            ("timezone", {"timezone": "Mars/Olympus"}),
            ("timezone", {"timezone": "../../etc/passwd"}),
        ]:
            assert api.put(f"/api/v1/motivation/{path}", json=body, headers=headers("una")).status_code == 422

    def test_nobody_sees_or_writes_anothers(self, world: World, api_role: Connection) -> None:
        mine = new_account(world.settings)
        event = review(api_role, mine, 1, START)
        for table in ("xp_ledger", "standings", "badges_awarded", "day_closings"):
            with acting_as(api_role, world.accounts["root"]):
                assert api_role.execute(f"select from app.{table} where account_id = %s", [mine]).fetchall() == []
            with pytest.raises(psycopg.errors.InsufficientPrivilege), acting_as(api_role, mine):
                api_role.execute(f"delete from app.{table}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), acting_as(api_role, mine):
            api_role.execute("update app.xp_ledger set xp = 99 where event_id = %s", [event])
        with pytest.raises(ValueError, match="no such account"), acting_as(api_role, world.accounts["ann"]):
            record_act(api_role, mine, Verb.ANSWERED, Kind.FLASHCARD, "2", course_id=None, result=DUE, moment=START)
