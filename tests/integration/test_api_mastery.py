"""What one knows: counted at once, contested, and nobody else's; and what to do next."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import numpy as np
import psycopg
import pytest
from api_world import BIOLOGY, World
from invented_site import COURSE, NOW, SITE, insert
from psycopg import Connection
from psycopg.types.json import Jsonb

from studium.client import Client, NotFound, Rejected
from studium.database.pool import Role, acting_as, connect
from studium.wire.mastery import ContestEvidence, TopicMastery

As = Callable[[str], Client]
USER, NAME = 9_000_001, "mia"
BAD = ContestEvidence(reason="bad_question", words="Two answers are right.")
HOSTILE = "<script>alert(1)</script><b>What</b> opens {{c1::the valve::organ}}?"


@pytest.fixture(scope="module")
def topic(world: World) -> str:
    with connect(world.settings, Role.READER) as connection:
        (found,) = connection.execute(
            "select distinct section_id from marts.dim_modules where course_id = %s", [BIOLOGY]
        ).fetchall()
    return str(found[0])


@pytest.fixture
def mia(world: World) -> Iterator[UUID]:
    """A learner of biology of this test's own."""
    with connect(world.settings, Role.ADMIN) as connection:
        here = {"site_id": SITE, "user_id": USER}
        insert(connection, "users", **here, is_deleted=False, seen_at=NOW)
        enrolment = {"enrolment_id": USER, "method": "manual", "status": 0, "method_status": 0}
        insert(connection, "enrolments", **here, course_id=COURSE, **enrolment)
        role = {"assignment_id": USER, "role_id": 5, "role": "student", "archetype": "student"}
        insert(connection, "role_assignments", **here, course_id=COURSE, **role)
        row = connection.execute(
            "insert into app.accounts (email, display_name, timezone) values ('mia@example.test', 'Mia', "
            "'Pacific/Auckland') returning account_id"
        ).fetchone()
        assert row is not None
        connection.execute(
            "insert into app.moodle_links (site_id, moodle_user_id, account_id) values (%s, %s, %s)",
            [SITE, USER, row[0]],
        )
    world.accounts[NAME] = row[0]
    yield row[0]
    with connect(world.settings, Role.ADMIN) as connection:
        for table in ("role_assignments", "enrolments", "users"):
            connection.execute(f"delete from raw.{table} where user_id = %s", [USER])
        for table in ("card_reviews", "cards", "decks", "moodle_links", "accounts"):
            connection.execute(f"delete from app.{table} where account_id = %s", [row[0]])
    del world.accounts[NAME]


def add_card(connection: Connection, account_id: UUID, topic_id: str | None, front: str = "Q", **more: object) -> UUID:
    row = connection.execute(
        """
        with deck as (
            insert into app.decks (account_id, name) values (%(account)s, %(name)s) returning deck_id
        )
        insert into app.cards (account_id, deck_id, course_id, topic_id, kind, cloze_number, front, back, memory,
                               due_at)
        select %(account)s, deck_id, %(course)s, %(topic)s, %(kind)s, %(cloze_number)s, %(front)s, 'A', %(memory)s,
            %(due_at)s
        from deck returning card_id""",
        {
            "account": account_id, "name": uuid4().hex, "course": BIOLOGY, "topic": topic_id, "front": front,
            **dict.fromkeys(("cloze_number", "memory", "due_at")), "kind": "basic", **more,
        },
    ).fetchone()  # fmt: skip
    assert row is not None
    return UUID(str(row[0]))


def review(
    connection: Connection, account_id: UUID, card_id: UUID, rating: int, moment: datetime | None = None
) -> UUID:
    row = connection.execute(
        "insert into app.card_reviews (account_id, card_id, course_id, idempotency_key, rating, reviewed_at, "
        "elapsed_days, scheduler, scheduler_version, memory_after, due_after) "
        "values (%s, %s, %s, %s, %s, %s, 3, 'fsrs', 'test', '{}', now()) returning review_id",
        [account_id, card_id, BIOLOGY, uuid4().hex, rating, moment or datetime.now(UTC)],
    ).fetchone()
    assert row is not None
    return UUID(str(row[0]))


@pytest.fixture
def known(world: World, mia: UUID, topic: str) -> list[UUID]:
    """Fifteen cards remembered and five forgotten, at one moment; one more of no topic."""
    moment = datetime.now(UTC)
    with connect(world.settings, Role.ADMIN) as connection:
        cards = [add_card(connection, mia, topic) for _ in range(20)]
        reviews = [review(connection, mia, card, 3 if n < 15 else 1, moment) for n, card in enumerate(cards)]
        review(connection, mia, add_card(connection, mia, None), 1)
    return reviews


def of(client: Client, topic_id: str) -> TopicMastery:
    (found,) = [one for one in client.learning(BIOLOGY).mastery().topics if one.topic_id == topic_id]
    return found


def test_a_topic_without_evidence_is_unknown(client: As, mia: UUID, topic: str) -> None:
    found = of(client(NAME), topic)
    assert (found.level, found.mastery_pct, found.card_reviews) == ("unknown", None, 0)
    (step,) = client(NAME).learning(BIOLOGY).next_steps().steps
    assert step.kind == "rest"


def test_mastery_says_how_sure_it_is(client: As, known: list[UUID], topic: str) -> None:
    """Twenty reviews of half a weight each: the ends are where a true share would just allow 0.75 of ten."""
    found = of(client(NAME), topic)
    assert (found.card_reviews, found.level) == (20, "building")
    slack = 1.96**2 / 10
    low, high = sorted(100 * np.roots([1 + slack, -(2 * 0.75 + slack), 0.75**2]))
    assert found.low_pct == pytest.approx(low, abs=0.02)
    assert found.high_pct == pytest.approx(high, abs=0.02)
    assert found.mastery_pct == pytest.approx((low + high) / 2, abs=0.02)


def test_an_answer_counts_at_once_and_its_undoing_too(
    client: As, world: World, mia: UUID, known: list[UUID], topic: str
) -> None:
    before = of(client(NAME), topic)
    with connect(world.settings, Role.ADMIN) as connection:
        added = review(connection, mia, add_card(connection, mia, topic), 4)
    more = of(client(NAME), topic)
    assert more.card_reviews == 21
    assert (more.mastery_pct or 0) > (before.mastery_pct or 0)
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute("update app.card_reviews set undone_at = now() where review_id = %s", [added])
    assert of(client(NAME), topic).mastery_pct == pytest.approx(before.mastery_pct, abs=0.01)


def test_what_is_contested_counts_for_nothing_until_it_is_accepted(client: As, known: list[UUID], topic: str) -> None:
    learning, wrong = client(NAME).learning(BIOLOGY), [f"review:{one}" for one in known[15:]]
    before = of(client(NAME), topic)
    for evidence_id in wrong:
        told = learning.contest(evidence_id, BAD)
    (after,) = [one for one in told.topics if one.topic_id == topic]
    assert (after.card_reviews, after.contested) == (15, 5)
    assert (after.mastery_pct or 0) > (before.mastery_pct or 0)
    pieces = {one.evidence_id: one for one in learning.evidence(topic, limit=100).items}
    assert len(pieces) == 20
    for evidence_id in wrong:
        contest = pieces[evidence_id].contest
        assert contest is not None
        assert (contest.reason, contest.words, pieces[evidence_id].weight) == (BAD.reason, BAD.words, 0)
    learning.contest(wrong[0], ContestEvidence(reason="slip"))
    assert of(client(NAME), topic).contested == 5
    for evidence_id in wrong:
        learning.accept(evidence_id)
    assert of(client(NAME), topic).mastery_pct == pytest.approx(before.mastery_pct, abs=0.01)


def test_evidence_comes_in_pages_the_newest_first(client: As, known: list[UUID], topic: str) -> None:
    learning, seen, after = client(NAME).learning(BIOLOGY), [], None
    while True:
        page = learning.evidence(topic, after=after, limit=7)
        seen += page.items
        if (after := page.next) is None:
            break
    assert {one.evidence_id for one in seen} == {f"review:{one}" for one in known}
    moments = [one.occurred_at for one in seen]
    assert moments == sorted(moments, reverse=True)


def test_what_was_asked_is_told_as_words(client: As, world: World, mia: UUID, topic: str) -> None:
    with connect(world.settings, Role.ADMIN) as connection:
        card = add_card(connection, mia, topic, HOSTILE, kind="cloze", cloze_number=1)
        review(connection, mia, card, 2)
    (piece,) = client(NAME).learning(BIOLOGY).evidence(topic).items
    assert piece.text == "<script>alert(1)</script><b>What</b> opens [organ]?", "tags in markdown are text"
    assert (piece.kind, piece.score, piece.contest) == ("card_review", 1.0, None)


def test_nobody_else_sees_or_contests_it(client: As, world: World, known: list[UUID], topic: str) -> None:
    evidence_id = f"review:{known[0]}"
    for name in ("ben", "tom", "root"):
        assert not [one for one in client(name).learning(BIOLOGY).evidence(limit=200).items if evidence_id in str(one)]
        with pytest.raises(NotFound):
            client(name).learning(BIOLOGY).contest(evidence_id, BAD)
        client(name).learning(BIOLOGY).accept(evidence_id)
    with pytest.raises(NotFound):
        client("dan").learning(BIOLOGY).mastery()
    for mart in ("fct_mastery_evidence", "mastery_by_topic"):
        for name, rows in (("ben", 0), ("tom", 0), ("out", 0), (NAME, 1)):
            with connect(world.settings, Role.API) as connection, acting_as(connection, world.accounts[name]):
                found = connection.execute(
                    f"select count(*) > 0 from marts.{mart} where account_id = %s", [world.accounts[NAME]]
                ).fetchone()
            assert found == (bool(rows),), f"{name} in {mart}"


def test_a_contest_is_the_learners_own_row(world: World, mia: UUID, known: list[UUID]) -> None:
    statement = (
        "insert into app.contested_evidence (account_id, evidence_id, course_id, reason) values (%s, %s, %s, %s)"
    )
    with (
        connect(world.settings, Role.API) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        acting_as(connection, world.accounts["ben"]),
    ):
        connection.execute(statement, [mia, f"review:{known[0]}", BIOLOGY, "slip"])


@pytest.mark.parametrize("evidence_id", ["review:1';drop", "card:1", "review:"])
def test_what_is_no_evidence_is_refused(client: As, mia: UUID, evidence_id: str) -> None:
    with pytest.raises(Rejected):
        client(NAME).learning(BIOLOGY).contest(evidence_id, BAD)
    with pytest.raises(NotFound):
        client(NAME).learning(BIOLOGY).contest(f"review:{uuid4()}", BAD)


def test_the_next_step_follows_what_is_due(client: As, world: World, mia: UUID, topic: str) -> None:
    moment = datetime.now(UTC)
    dates = {"due": (moment - timedelta(days=4)).isoformat(), "last_review": (moment - timedelta(days=8)).isoformat()}
    memory = Jsonb({"state": 2, "step": None, "stability": 4.0, "difficulty": 5.0, **dates})
    with connect(world.settings, Role.ADMIN) as connection:
        for _ in range(30):
            add_card(connection, mia, topic, memory=memory, due_at=moment - timedelta(days=4))
        add_card(connection, mia, topic, memory=memory, due_at=moment + timedelta(days=3))
        add_card(connection, mia, topic)
        connection.execute(
            "insert into app.study_settings (account_id, course_id, target_exam_date, minutes_a_day) "
            "values (%s, %s, %s, 25)",
            [mia, BIOLOGY, moment.date() + timedelta(days=3)],
        )
    told = client(NAME).learning(BIOLOGY).next_steps()
    assert (told.steps[0].kind, told.steps[0].count, told.minutes_a_day) == ("review", 30, 25)
    assert told.steps[0].reason.startswith("30 cards are due; about 5 of them are forgotten by now")
    assert told.exam_in_days in (2, 3), "by the learner's own day, which may be tomorrow"


def test_days_are_the_learners_own(client: As, world: World, mia: UUID, known: list[UUID], topic: str) -> None:
    """Half past ten in the evening in UTC is another day in Auckland."""
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute(
            "insert into app.card_reviews (account_id, card_id, course_id, idempotency_key, rating, reviewed_at, "
            "scheduler, scheduler_version, memory_after, due_after) values (%s, %s, %s, 'x', 3, %s, 'fsrs', 't', '{}', "
            "now())",
            [mia, add_card(connection, mia, topic), BIOLOGY, datetime(2026, 11, 1, 22, 30, tzinfo=UTC)],
        )
    told = client(NAME).learning(BIOLOGY).study_days()
    assert told.days[0].day == date(2026, 11, 2)
    assert [day.cards for day in told.days] == [1, 21]
    assert (len(told.due), sum(day.cards for day in told.due), told.new_cards) == (30, 0, 22)
