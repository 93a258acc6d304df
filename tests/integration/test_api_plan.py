"""The plan to an exam over the API, the fit behind it, and the assets that make both; seen by their owner alone."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import dagster as dg
import numpy as np
import pytest
from api_world import BIOLOGY, CHEMISTRY, World
from psycopg.types.json import Jsonb

from assets import memory
from pipelines.jobs import launch_for, memory_fit
from pipelines.resources import Studium
from studium import work
from studium.client import Client, NotFound, Rejected
from studium.database.pool import Role, connect
from studium.learning.memory import keeping as fits
from studium.learning.plan import keeping
from studium.settings import Settings
from studium.wire.cards import CardChange
from studium.wire.plan import PlanChange
from tests.memory_world import Fsrs, Learner, other_parameters

As = Callable[[str], Client]
CARDS, STUDIED = 130, 45


class Installation(Studium):
    """The world's, as the pipeline sees it."""

    home: str

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, _env_file=None)


INSERT_CARD = """
insert into app.cards (account_id, deck_id, course_id, front, back, memory, due_at, reps, last_reviewed_at, card_id)
values (%s, %s, %s, 'front', 'back', %s, %s, 1, %s, %s)
"""
INSERT_REVIEW = """
insert into app.card_reviews (account_id, card_id, course_id, idempotency_key, rating, reviewed_at, duration_ms,
                              scheduler, scheduler_version, memory_after, due_after)
values (%s, %s, %s, %s, %s, %s, %s, 'fsrs', 'test', '{}', %s)
"""


def study(settings: Settings, account: UUID) -> Learner:
    """Have somebody study cards of chemistry for some weeks, up to yesterday; ten cards they never met."""
    chance = np.random.default_rng(5)
    learner = Learner(Fsrs(CARDS, chance, other_parameters(np.random.default_rng(11))), CARDS, chance)
    learner.study(STUDIED, 6)
    seen = np.flatnonzero(learner.seen)
    begin = datetime.now(UTC) - timedelta(days=STUDIED, hours=9)
    ids = [uuid4() for _ in range(CARDS + 10)]
    log, seconds = learner.log(), learner.times()
    with connect(settings, Role.ADMIN) as connection:
        deck = connection.execute(
            "insert into app.decks (account_id, course_id, name) values (%s, %s, 'Plan') returning deck_id",
            [account, CHEMISTRY],
        ).fetchone()
        assert deck is not None
        for number, card in enumerate(ids):
            memory, due, last = None, None, None
            if number in seen:
                last = begin + timedelta(days=float(learner.last[number]))
                due = begin + timedelta(days=float(learner.due[number]))
                state = {"stability": float(learner.stability[number]), "difficulty": float(learner.difficulty[number])}
                memory = Jsonb(
                    {"state": 2, "step": None, **state, "due": due.isoformat(), "last_review": last.isoformat()}
                )
            connection.execute(INSERT_CARD, [account, deck[0], CHEMISTRY, memory, due, last, card])
        for number in range(len(log)):
            moment = begin + timedelta(seconds=float(log.moments[number]))
            told = [account, ids[log.cards[number]], CHEMISTRY, str(uuid4()), int(log.ratings[number]), moment]
            connection.execute(INSERT_REVIEW, [*told, int(seconds[number] * 1000), moment])
    return learner


def forget(settings: Settings, account: UUID) -> None:
    """Take away all that somebody studied, asked for and was told."""
    tables = ("study_plans", "memory_fits", "memory_parameters", "study_settings", "card_reviews", "cards", "decks")
    with connect(settings, Role.ADMIN) as connection:
        connection.execute("alter table app.card_reviews disable trigger user")
        for table in tables:
            connection.execute(f"delete from app.{table} where account_id = %s", [account])
        connection.execute("alter table app.card_reviews enable trigger user")
        connection.execute("delete from app.work_requests where kind = 'plan' and requested_by = %s", [account])


@pytest.fixture
def dan(world: World) -> Iterator[UUID]:
    """Who has studied chemistry for six weeks, and nothing before or besides; all of it is gone afterwards."""
    account = world.accounts["dan"]
    forget(world.settings, account)
    study(world.settings, account)
    yield account
    forget(world.settings, account)


def as_pipeline(world: World, act: Callable[..., Any], *given: Any) -> Any:
    with connect(world.settings, Role.PIPELINE) as connection:
        return act(connection, *given)


def test_a_plan_is_asked_for_made_and_read(world: World, client: As, dan: UUID) -> None:
    calls = client("dan").plans(CHEMISTRY)
    assert calls.read().status == "no_exam"
    assert calls.today().cards == []
    exam = datetime.now(UTC).date() + timedelta(days=20)
    chosen = calls.choose(exam, 15)
    assert (chosen.status, chosen.is_making, chosen.minutes_a_day) == ("waiting", True, 15)
    calls.refresh()  # joins
    with connect(world.settings, Role.ADMIN) as connection:
        requests = connection.execute(
            "select payload, requested_by from app.work_requests "
            "where kind = 'plan' and (requested_by = %s or payload ->> 'account_id' = %s)",
            [dan, str(dan)],
        ).fetchall()
    assert requests == [({"account_id": str(dan)}, dan)]

    assert as_pipeline(world, keeping.make_all, dan, datetime.now(UTC)) == {CHEMISTRY: "ready"}
    plan = calls.read()
    assert plan.status == "ready"
    assert not plan.is_outdated
    told = plan.outlook
    assert told is not None
    assert (told.cards, told.new_cards, len(told.days)) == (CARDS + 10, 10, 20)
    assert told.reviews_heard > 100
    assert 0 < told.expected.low < told.expected.mean < told.expected.high <= 1
    assert told.expected.mean > told.today.mean, "the plan makes a difference"
    assert sum(day.new_cards for day in told.days) == pytest.approx(10)
    assert all(day.minutes <= day.minutes_allowed * 1.5 for day in told.days)
    by_minutes = {one.minutes_a_day: one for one in told.alternatives}
    assert by_minutes[15].expected == told.expected
    assert by_minutes[5].expected.mean <= by_minutes[90].expected.mean + 0.01

    today = calls.today()
    assert today.cards
    assert len({card.card_id for card in today.cards}) == len(today.cards)
    assert today.minutes <= 15
    calls.choose(exam, 30)
    assert calls.read().is_outdated


def test_once_nothing_is_due_the_plan_looks_at_cards_early(world: World, client: As, dan: UUID) -> None:
    calls, cards = client("dan").plans(CHEMISTRY), client("dan").cards
    today = datetime.now(UTC).date()
    calls.choose(today + timedelta(days=5), 60)
    waiting = cards.due(course_id=CHEMISTRY, early=True, limit=100)
    assert waiting.review
    assert len(waiting.cards) == waiting.learning + waiting.review + waiting.new, "first what is due"
    assert waiting.early == 0
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute(
            "update app.cards set "
            "due_at = case when memory is not null then greatest(due_at, now() + interval '2 days') end, "
            "suspended_at = case when memory is null then now() end where account_id = %s",
            [dan],
        )
    left = cards.due(course_id=CHEMISTRY)
    assert left.cards == []
    assert left.early > 5
    asked = cards.due(course_id=CHEMISTRY, early=True, limit=5).cards
    planned = [card.card_id for card in calls.today().cards if card.why == "early"]
    assert [card.card_id for card in asked] == planned[:5]
    deck = cards.decks(CHEMISTRY)[0].deck_id
    assert cards.due(deck_id=deck, early=True).early == 0, "the plan is of a course, not of a deck"

    cards.review(asked[0].card_id, 3)
    cards.change(asked[1].card_id, CardChange(buried=True))
    gone = {asked[0].card_id, asked[1].card_id}
    after = cards.due(course_id=CHEMISTRY, early=True, limit=100)
    assert after.cards
    assert not gone & {card.card_id for card in after.cards}

    calls.choose(today + timedelta(days=20), 60)
    assert cards.due(course_id=CHEMISTRY, early=True).early == 0, "the exam is not near"


def test_nobody_else_sees_a_plan(world: World, client: As, dan: UUID) -> None:
    exam = datetime.now(UTC).date() + timedelta(days=20)
    client("dan").plans(CHEMISTRY).choose(exam, 15)
    as_pipeline(world, keeping.make_all, dan, datetime.now(UTC))
    as_pipeline(world, fits.fit_learner, dan, datetime.now(UTC))
    una = client("una").plans(CHEMISTRY)  # who teaches chemistry
    assert una.read().status == "no_exam"
    assert una.memory().last_fit is None
    for call in (client("ann").plans(CHEMISTRY).read, client("dan").plans(BIOLOGY).read):
        with pytest.raises(NotFound):
            call()
    with connect(world.settings, Role.API) as connection:
        for table in ("study_plans", "memory_fits"):
            assert connection.execute(f"select count(*) from app.{table}").fetchone() == (0,)


def test_what_cannot_be_planned_says_so(client: As, dan: UUID) -> None:
    calls = client("dan").plans(CHEMISTRY)
    today = datetime.now(UTC).date()
    assert calls.choose(today - timedelta(days=2), 15).status == "exam_past"
    assert calls.choose(today + timedelta(days=400), 15).status == "too_far"
    with pytest.raises(Rejected):
        client("dan").send("PATCH", f"/courses/{CHEMISTRY}/plan", json={"minutes_a_day": 0})
    only = PlanChange(minutes_a_day=25).model_dump(mode="json", exclude_unset=True)
    client("dan").send("PATCH", f"/courses/{CHEMISTRY}/plan", json=only)
    assert calls.read().target_exam_date == today + timedelta(days=400), "what is not named stays"


def test_a_fit_is_kept_and_tells_what_it_came_to(world: World, client: As, dan: UUID) -> None:
    assert client("dan").plans(CHEMISTRY).memory().model == "usual"
    trial = as_pipeline(world, fits.fit_learner, dan, datetime.now(UTC))
    told = client("dan").plans(CHEMISTRY).memory()
    assert told.last_fit is not None
    assert told.last_fit.verdict == trial.verdict
    assert told.last_fit.tested == trial.tested
    assert (told.model == "own") == (trial.verdict == "promoted")
    with connect(world.settings, Role.ADMIN) as connection:
        row = connection.execute("select parameters from app.memory_parameters where account_id = %s", [dan]).fetchone()
    assert (row is not None) == (trial.verdict == "promoted")


def test_learners_are_due_by_night_and_after_a_session(world: World, client: As, dan: UUID) -> None:
    now = datetime.now(UTC)
    assert str(dan) not in as_pipeline(world, keeping.due, now)
    client("dan").plans(CHEMISTRY).choose(now.date() + timedelta(days=20), 15)
    assert str(dan) in as_pipeline(world, keeping.due, now)
    as_pipeline(world, keeping.make_all, dan, now)
    assert str(dan) not in as_pipeline(world, keeping.due, now)
    assert str(dan) in as_pipeline(world, keeping.due, now + timedelta(days=1))
    with connect(world.settings, Role.ADMIN) as connection:
        card = connection.execute("select card_id from app.cards where account_id = %s limit 1", [dan]).fetchone()
        assert card is not None
        at = now + timedelta(minutes=1)
        connection.execute(INSERT_REVIEW, [dan, card[0], CHEMISTRY, str(uuid4()), 3, at, 5000, at])
    assert str(dan) not in as_pipeline(world, keeping.due, now + timedelta(minutes=5)), "still at it"
    assert str(dan) in as_pipeline(world, keeping.due, now + timedelta(minutes=20))
    assert str(dan) in as_pipeline(world, fits.due)
    as_pipeline(world, fits.fit_learner, dan, now)
    assert str(dan) not in as_pipeline(world, fits.due), "not before there are a tenth more"


def test_the_assets_make_both_for_one_learner(world: World, client: As, dan: UUID) -> None:
    client("dan").plans(CHEMISTRY).choose(datetime.now(UTC).date() + timedelta(days=12), 15)
    definitions = dg.Definitions(
        assets=memory.ASSETS, jobs=[memory_fit], resources={"studium": Installation(home=str(world.settings.home))}
    )
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("learners", [str(dan)])
        job = definitions.resolve_job_def("memory_fit")
        assert job.execute_in_process(instance=instance, partition_key=str(dan)).success
    assert client("dan").plans(CHEMISTRY).read().status == "ready"
    assert client("dan").plans(CHEMISTRY).memory().last_fit is not None


def test_a_request_runs_the_learners_own_plan(world: World, dan: UUID) -> None:
    asked = as_pipeline(world, keeping.ask, dan)
    with connect(world.settings, Role.PIPELINE) as connection:
        claimed = iter(lambda: work.claim(connection), None)
        request = next(one for one in claimed if one.request_id == asked)
        connection.rollback()  # what others asked for before still waits
    with dg.DagsterInstance.ephemeral() as instance:
        launch = launch_for(request, Installation(home=str(world.settings.home)), instance)
    assert (launch.job, launch.partition_key, launch.partitions) == ("study_plan", str(dan), "learners")
