"""What the pipeline makes of a course's questions: learners' alone, of enough of them, nothing of anybody's own."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from invented_site import COURSE, SITE, Site, add_document
from psycopg import Connection

from studium.content.embed import open_named
from studium.database.pool import Role
from studium.tutor.examination import speaking_as
from studium.tutor.extractive import ANSWERED, UNSURE
from studium.tutor.questions import PERIOD, due, make
from studium.wire.questions import Digest

KEY = f"{SITE}:{COURSE}"
NOW = datetime.now(UTC)
WORDINGS = [
    "what is the difference between preload and afterload",
    "preload vs afterload??",
    "how does afterload differ from preload",
    "can somebody explain preload and afterload to me",
]
HIDDEN = [
    "when is the final exam, says Zsuzsanna",
    "what date is the final exam on",
    "how long is the final exam and when does it start",
]


@pytest.fixture
def site(admin: Connection) -> Site:
    return Site(admin)


@pytest.fixture
def learners(site: Site) -> list[UUID]:
    return [site.add_person() for _ in range(4)]


@pytest.fixture
def page(site: Site) -> Iterator[UUID]:
    return add_document(site.connection, course_id=KEY, title="Handbook", material_key=f"page:{uuid4()}")


def ask(site: Site, who: UUID, question: str, **named: Any) -> UUID:
    """A question that was answered, as it is kept."""
    facts = {"shape": "passages", "statement": ANSWERED, "documents": [], "mode": "answer", "at": NOW, "follows": None}
    facts |= named
    place = {
        "title": "Handbook",
        "section_name": None,
        "module_name": None,
        "page": 4,
        "page_kind": "page",
        "heading": None,
    }
    place |= {"source_url": None, "open_url": "/x"}
    cited = [
        place
        | {
            "number": n,
            "document_id": str(one),
            "chapter": None,
            "before": "",
            "quote": "q",
            "after": "",
            "version": None,
        }
        for n, one in enumerate(facts["documents"], start=1)
    ]
    near = [place | {"document_id": str(one)} for one in facts.get("near", [])]
    answer = {
        "statement": facts["statement"], "shape": facts["shape"], "parts": [], "citations": cited, "read_next": near,
        "model": None,
    }  # fmt: skip
    row = site.connection.execute(
        "with s as (insert into app.chat_sessions (account_id, course_id) values (%s, %s) returning session_id) "
        "insert into app.chat_turns (session_id, number, client_message_id, content, mode, follows, status, answer, "
        "created_at, finished_at) "
        "select session_id, 1, gen_random_uuid(), %s, %s, %s, 'done', %s, %s, now() from s returning turn_id",
        [who, KEY, question, facts["mode"], facts["follows"], json.dumps(answer), facts["at"]],
    ).fetchone()
    assert row is not None
    return UUID(str(row[0]))


def digest(site: Site) -> Digest:
    """What is told a day later."""
    a_day_passes(site)
    return at_once(site)


def at_once(site: Site) -> Digest:
    """What is told when somebody wants it anew."""
    with speaking_as(site.connection, Role.PIPELINE):
        return make(site.connection, open_named("minilm"), KEY, datetime.now(UTC) + timedelta(seconds=1), None)


def test_what_several_ask_is_a_topic_with_its_page(site: Site, learners: list[UUID], page: UUID) -> None:
    for who, question in zip(learners, WORDINGS, strict=True):
        ask(site, who, question, documents=[page])
    ask(site, learners[0], WORDINGS[0].upper(), documents=[page])
    made = digest(site)
    assert (made.is_withheld, made.asks, made.askers, made.asks_in_no_topic) == (False, 4, 4, 0), "the same, once"
    (topic,) = made.topics
    assert (topic.askers, set(topic.words) >= {"preload", "afterload"}) == (4, True)
    assert [(one.document_id, one.page, one.askers) for one in made.places] == [(page, 4, 4)]
    assert topic.places == made.places
    assert made.gaps == []
    assert made.refused is not None
    assert (made.refused.count, made.refused.of, made.refused.low_pct) == (0, 4, 0.0)
    assert made.helpful is None, "nobody rated"


def test_what_was_not_answered_is_a_gap_with_what_lies_nearest(site: Site, learners: list[UUID], page: UUID) -> None:
    refused = {"shape": "refusal", "near": [page]}
    for who, question, how in zip(learners, WORDINGS, [refused, refused, refused, {"statement": UNSURE}], strict=True):
        ask(site, who, question, **how)
    made = digest(site)
    (gap,) = made.gaps
    assert (gap.refused, gap.unsure) == (3, 1)
    assert [spot.document_id for spot in gap.places] == [page]
    assert made.places == [], "nobody was sent there for an answer"


def test_thumbs_are_counted_when_enough_gave_any(site: Site, learners: list[UUID]) -> None:
    turns = [ask(site, who, question) for who, question in zip(learners, WORDINGS, strict=True)]
    statement = "insert into app.chat_feedback (turn_id, verdict, reason) values (%s, %s, %s)"
    for turn, verdict in zip(turns[:2], ["up", "down"], strict=True):
        site.connection.execute(statement, [turn, verdict, "wrong" if verdict == "down" else None])
    assert digest(site).helpful is None
    site.connection.execute(statement, [turns[2], "up", None])
    helpful = digest(site).helpful
    assert helpful is not None
    assert (helpful.count, helpful.of) == (2, 3)


def test_of_fewer_than_three_nothing_is_told(site: Site, learners: list[UUID], page: UUID) -> None:
    for who in learners[:2]:
        for question in WORDINGS:
            ask(site, who, question, documents=[page])
    made = digest(site)
    assert made == Digest(
        since=made.since, until=made.until, is_withheld=True, is_cut=False, asks=0, askers=0, refused=None, unsure=None,
        helpful=None, topics=[], gaps=[], places=[], asks_in_no_topic=0,
    )  # fmt: skip


def test_what_is_no_learners_question_is_left_out(site: Site, learners: list[UUID], page: UUID) -> None:
    for who, question in zip(learners, WORDINGS, strict=True):
        first = ask(site, who, question)
    teachers = [site.add_person(role) for role in ("editingteacher", "teacher", "manager")]
    admins = [site.add_account(is_admin=True) for _ in range(3)]
    ways = [(people, {}) for people in (teachers, admins)]
    ways += [(learners, one) for one in ({"mode": "quiz"}, {"follows": first}, {"shape": "held"})]
    ways += [(learners, {"at": NOW - PERIOD - timedelta(days=1)})]
    for people, how in ways:
        for who, question in zip(people, HIDDEN, strict=False):
            ask(site, who, question, **how)
        made = digest(site)
        assert (made.asks, len(made.topics)) == (4, 1), how
    for who, question in zip(learners, HIDDEN, strict=False):
        ask(site, who, question)
    found = digest(site)
    assert (found.asks, len(found.topics)) == (7, 2)
    assert "zsuzsanna" not in found.model_dump_json().casefold()


def test_ones_own_files_and_a_groups_are_no_place(site: Site, learners: list[UUID], page: UUID) -> None:
    upload = add_document(site.connection, source="upload", course_id=KEY, owner_id=learners[0])
    cmid = site.add_module(indexed=False)
    group = site.add_group(learners[0])
    of_group = add_document(site.connection, course_id=KEY, module_id=f"{SITE}:{cmid}", group_id=group)
    elsewhere = add_document(site.connection, course_id=f"{SITE}:999")
    for who, question in zip(learners, WORDINGS, strict=True):
        ask(site, who, question, documents=[upload, of_group, elsewhere, uuid4(), page])
    assert [spot.document_id for spot in digest(site).places] == [page]


def waits(site: Site) -> bool:
    with speaking_as(site.connection, Role.PIPELINE):
        return KEY in due(site.connection)


def a_day_passes(site: Site) -> None:
    site.connection.execute(
        "update app.question_digests set made_at = now() - interval '1 day' where course_id = %s", [KEY]
    )


def test_a_course_that_tells_nothing_yet_is_looked_at_again_when_somebody_asked(
    site: Site, learners: list[UUID]
) -> None:
    assert not waits(site)
    for who, question in zip(learners[:3], WORDINGS[:3], strict=True):
        ask(site, who, question, at=datetime.now(UTC) + timedelta(seconds=2))
        assert waits(site)
        told = at_once(site)
    assert not told.is_withheld


def test_what_fewer_than_three_asked_is_not_told_by_the_difference(site: Site, learners: list[UUID]) -> None:
    for who, question in zip(learners, WORDINGS, strict=True):
        ask(site, who, question)
    told = digest(site)
    later = datetime.now(UTC) + timedelta(minutes=1)
    for who in learners[:2]:
        ask(site, who, "Which drugs slow the heart?", at=later)
        ask(site, who, "Which drugs make it faster?", at=later)
        assert not waits(site)
        assert at_once(site) == told, "whoever wants it sooner"
    ask(site, learners[2], "Which drugs slow it down?", at=later)
    assert waits(site)
    a_day_passes(site)
    assert waits(site)


def test_what_was_deleted_is_gone_a_day_later(site: Site, learners: list[UUID]) -> None:
    for who, question in zip(learners, WORDINGS, strict=True):
        ask(site, who, question)
    assert len(digest(site).topics) == 1
    site.connection.execute("delete from app.chat_sessions where course_id = %s", [KEY])
    assert not waits(site)
    a_day_passes(site)
    assert waits(site)
    assert digest(site).is_withheld


def test_the_pipeline_reads_no_feedback_and_no_report(site: Site) -> None:
    for table in ("chat_turns", "chat_feedback", "reported_answers", "corrections"):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            site.connection.transaction(),
            speaking_as(site.connection, Role.PIPELINE),
        ):
            site.connection.execute(f"select from app.{table}")
