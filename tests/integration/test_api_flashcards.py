"""Cards over the API: made, asked in their order, rated once however often, undone, and seen by their owner alone."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from api_world import BIOLOGY, CHEMISTRY, World
from starlette.testclient import TestClient

from studium.client import ApiError, Client, NotFound, Rejected
from studium.database.pool import Role, acting_as, connect
from studium.learning import reviewing
from studium.learning.due import due
from studium.wire.cards import CardChange, CardsChange, Flashcard, NewDeck, NewFlashcard, SettingsChange

As = Callable[[str], Client]
Headers = dict[str, str]


def as_admin(world: World, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with connect(world.settings, Role.ADMIN) as connection:
        cursor = connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def deck(client: As) -> str:
    """A deck of ann's own for one test."""
    return client("ann").cards.add_deck(NewDeck(name=f"Deck {uuid4()}")).name


def make(client: Client, deck: str, front: str = "What is a cell?", **more: Any) -> Flashcard:
    return client.cards.add(NewFlashcard(front=front, back="The unit of life.", deck=deck, **more))[0]


def test_a_card_is_made_shown_changed_and_deleted(client: As, deck: str) -> None:
    ann = client("ann")
    card = make(ann, deck, "What is a **cell**?<script>x()</script>", tags=["biology basics", "exam"])
    assert card.state == "new"
    assert card.due_at is None
    assert card.tags == ["biology_basics", "exam"]
    assert "<strong>cell</strong>" in card.question_html
    assert "<script" not in card.question_html
    changed = ann.cards.change(card.card_id, CardChange(back="Life's unit.", tags=["exam"], suspended=True))
    assert (changed.back, changed.tags, changed.is_suspended) == ("Life's unit.", ["exam"], True)
    ann.cards.delete(card.card_id)
    with pytest.raises(NotFound):
        ann.cards.read(card.card_id)


def test_a_card_without_a_course_and_one_of_a_course_lie_in_decks_called_so(client: As) -> None:
    ann = client("ann")
    of_none = ann.cards.add(NewFlashcard(front="a", back="b"))[0]
    topic = ann.cards.topics(BIOLOGY)[0]
    of_topic = ann.cards.add(NewFlashcard(front="a", back="b", course_id=BIOLOGY, topic_id=topic.topic_id))[0]
    assert of_none.deck == "Cards"
    assert of_topic.deck == f"Biology · {topic.name}"
    for wrong in (NewFlashcard(front="a", back="b", course_id=CHEMISTRY),):
        with pytest.raises(NotFound):
            ann.cards.add(wrong)
    with pytest.raises(Rejected, match="no such topic"):
        ann.cards.add(NewFlashcard(front="a", back="b", course_id=BIOLOGY, topic_id="x:99"))


def test_a_cloze_becomes_a_card_for_each_gap_and_follows_its_text(client: As, deck: str) -> None:
    ann = client("ann")
    text = "The {{c1::nucleus}} holds {{c2::DNA::an acid}}."
    first, second = ann.cards.add(NewFlashcard(front=text, kind="cloze", deck=deck), key="once" + deck)
    assert ann.cards.add(NewFlashcard(front=text, kind="cloze", deck=deck), key="once" + deck)[0] == first
    assert "[an acid]" in second.question_html
    assert "nucleus" in second.question_html
    assert '<mark class="gap">DNA</mark>' in second.answer_html
    new = "The {{c1::nucleus}} holds {{c3::chromatin}}."
    ann.cards.change(first.card_id, CardChange(front=new))
    there = {card.cloze_number for card in ann.cards.list(query="chromatin").items}
    assert there == {1, 3}
    with pytest.raises(Rejected, match="gap 1"):
        ann.cards.change(first.card_id, CardChange(front="{{c3::chromatin}}"))
    with pytest.raises(Rejected, match="needs a gap"):
        ann.cards.add(NewFlashcard(front="no gap", kind="cloze", deck=deck))


def test_a_review_under_one_key_is_one_review(client: As, deck: str) -> None:
    ann = client("ann")
    card = make(ann, deck)
    first = ann.cards.review(card.card_id, 3, key="k" + deck, duration_ms=4000)
    again = ann.cards.review(card.card_id, 3, key="k" + deck)
    assert again.is_repeated
    assert not first.is_repeated
    assert (again.review_id, again.due_at) == (first.review_id, first.due_at)
    assert ann.cards.read(card.card_id).reps == 1
    with pytest.raises(ApiError, match="Idempotency-Key") as refused:
        ann.cards.review(card.card_id, 4, key="k" + deck)
    assert refused.value.problem.status == 409


def test_fifty_at_once_end_as_they_would_one_after_another(world: World, client: As, deck: str) -> None:
    ann = client("ann")
    same, each = make(ann, deck), make(ann, deck)
    account = world.accounts["ann"]
    moment = datetime.now(UTC)

    def review(card: UUID, key: str) -> UUID:
        with connect(world.settings, Role.API) as connection, acting_as(connection, account):
            return reviewing.review_card(
                connection, account, card, 3, idempotency_key=key, duration_ms=None, moment=moment
            ).review_id

    with ThreadPoolExecutor(10) as pool:
        once = set(pool.map(lambda _: review(same.card_id, f"same {deck}"), range(25)))
        many = set(pool.map(lambda number: review(each.card_id, f"{number} {deck}"), range(25)))
    assert len(once) == 1
    assert ann.cards.read(same.card_id).reps == 1
    assert len(many) == 25
    assert ann.cards.read(each.card_id).reps == 25
    rows = as_admin(
        world,
        "select memory_before, memory_after from app.card_reviews where card_id = %s order by reviewed_at",
        each.card_id,
    )
    assert [before for before, _ in rows[1:]] == [after for _, after in rows[:-1]]


def test_an_undone_review_leaves_the_card_as_it_was_and_stays_on_record(client: As) -> None:
    ann = client("ann")
    (card,) = ann.cards.add(NewFlashcard(front="What is a cell?", back="The unit of life.", course_id=BIOLOGY))
    first = ann.cards.review(card.card_id, 3)
    between = ann.cards.read(card.card_id)
    second = ann.cards.review(card.card_id, 1)
    with pytest.raises(ApiError, match="Undo that first"):
        ann.cards.undo(first.review_id)
    undone = ann.cards.undo(second.review_id)
    assert undone.undone_at is not None
    assert ann.cards.undo(second.review_id).is_repeated
    after = ann.cards.read(card.card_id)
    same = {"state", "due_at", "reps", "lapses", "stability_days", "difficulty", "last_reviewed_at"}
    assert after.model_dump(include=same) == between.model_dump(include=same)
    counted = ann.practice(BIOLOGY).sessions().items[0].cards_reviewed
    ann.cards.undo(first.review_id)
    assert ann.practice(BIOLOGY).sessions().items[0].cards_reviewed == counted - 1
    assert ann.cards.read(card.card_id).state == "new"
    assert [one.undone_at is not None for one in ann.cards.reviews(card.card_id).items] == [True, True]


def test_what_is_due_comes_in_its_order_and_within_the_days_limit(client: As, deck: str) -> None:
    dan = client("dan")
    cards = [make(dan, deck, f"Question {number}", course_id=CHEMISTRY) for number in range(4)]
    where = {"course_id": CHEMISTRY, "deck_id": cards[0].deck_id}
    dan.cards.change_settings(SettingsChange(new_per_day=100), CHEMISTRY)
    begun = 100 - dan.cards.due(**where).new_left_today
    dan.cards.change_settings(SettingsChange(new_per_day=begun + 2), CHEMISTRY)
    waiting = dan.cards.due(**where)
    assert [card.card_id for card in waiting.cards] == [card.card_id for card in cards[:2]]
    assert (waiting.new, waiting.new_left_today) == (2, 2)
    assert [choice.rating for choice in waiting.cards[0].choices] == [1, 2, 3, 4]
    promised = {choice.rating: choice.due_at for choice in waiting.cards[0].choices}
    given = dan.cards.review(cards[0].card_id, 4)
    assert given.due_at is not None
    assert abs(given.due_at - promised[4]) < timedelta(minutes=1)
    left = dan.cards.due(**where)
    assert (left.new, left.new_left_today, left.reviewed_today) == (1, 1, waiting.reviewed_today + 1)
    assert dan.cards.change_all(CardsChange(card_ids=[cards[1].card_id], buried=True)) == 1
    assert [card.card_id for card in dan.cards.due(**where).cards] == [cards[2].card_id]
    dan.cards.change_all(CardsChange(card_ids=[cards[2].card_id, cards[3].card_id], suspended=True))
    nothing = dan.cards.due(**where)
    assert nothing.cards == []
    assert nothing.next_due_at == given.due_at


@pytest.fixture
def in_tokyo(world: World) -> Iterator[UUID]:
    """ben, who has gone there."""
    moved = "update app.accounts set timezone = %s where account_id = %s"
    as_admin(world, moved, "Asia/Tokyo", world.accounts["ben"])
    yield world.accounts["ben"]
    as_admin(world, moved, "UTC", world.accounts["ben"])


def test_a_card_of_days_is_asked_from_the_morning_on_and_one_of_a_day_when_the_day_is_over(
    world: World, client: As, in_tokyo: UUID
) -> None:
    account = in_tokyo
    evening = datetime(2026, 3, 2, 13, tzinfo=UTC)  # ten at night in Tokyo
    ben = client("ben")
    cards = [make(ben, "Mornings", f"Card {number}") for number in range(2)]
    first, second = (card.card_id for card in cards)
    with connect(world.settings, Role.API) as connection, acting_as(connection, account):
        for card_id, ratings in ((first, (3, 3)), (second, (1, 1, 3, 3))):
            for number, rating in enumerate(ratings):
                given = reviewing.review_card(
                    connection, account, card_id, rating, idempotency_key=f"{card_id}{number}", duration_ms=None,
                    moment=evening + timedelta(minutes=number),
                )  # fmt: skip
        assert (given.due_at - given.reviewed_at).days == 1

        def asked(moment: datetime) -> set[UUID]:
            return {card.card_id for card in due(connection, account, moment, deck_id=cards[0].deck_id).cards}

        assert asked(evening + timedelta(hours=12)) == set()
        assert asked(evening + timedelta(hours=25)) == {second}
        assert asked(datetime(2026, 3, 4, 0, tzinfo=UTC)) == {first, second}  # nine in the morning, two days later


def test_of_a_note_one_card_a_day_is_asked(client: As, deck: str) -> None:
    una = client("una")
    text = "{{c1::A}} is before {{c2::B}}"
    one, other = una.cards.add(NewFlashcard(front=text, kind="cloze", deck=deck))
    [asked] = una.cards.due(deck_id=one.deck_id).cards
    assert asked.card_id in {one.card_id, other.card_id}
    una.cards.review(asked.card_id, 4)
    assert una.cards.due(deck_id=one.deck_id).cards == []


def test_sm2_is_a_choice_and_takes_over_what_was_reviewed(client: As, deck: str) -> None:
    dan = client("dan")
    card = make(dan, deck)
    dan.cards.review(card.card_id, 3)
    dan.cards.change_settings(SettingsChange(scheduler="sm2"))
    try:
        given = dan.cards.review(card.card_id, 3)
        assert given.due_at is not None
        assert (given.due_at - given.reviewed_at).days == 6
        assert dan.cards.read(card.card_id).scheduler == "sm2"
        undone = dan.cards.undo(given.review_id)
        assert undone.state == "learning"
        assert dan.cards.read(card.card_id).scheduler == "fsrs"
    finally:
        dan.cards.change_settings(SettingsChange(scheduler="fsrs"))


def test_a_card_says_when_its_page_changed_or_went(world: World, client: As, deck: str) -> None:
    ann = client("ann")
    document = world.documents["page"]
    as_admin(world, "update content.documents set status = 'ready' where document_id = %s", document)
    [(chunk_id,)] = as_admin(
        world,
        "insert into content.chunks (document_id, position, text, token_count, content_sha256) "
        "values (%s, 77, 'All life is made of cells. So it is.', 8, 'first') returning chunk_id",
        document,
    )
    try:
        card = make(ann, deck, document_id=document, quote="All life is made of cells.")
        with pytest.raises(NotFound):
            make(ann, deck, document_id=document, quote="Nobody said so.")
        assert card.origin == "tutor"
        assert (card.course_id, card.source and card.source.status) == (BIOLOGY, "unchanged")
        change = "update content.chunks set text = %s, content_sha256 = %s where chunk_id = %s"
        as_admin(world, change, "Read anew: All life is made of cells.", "second", chunk_id)
        assert ann.cards.read(card.card_id).source.status == "unchanged"  # type: ignore[union-attr]
        as_admin(world, change, "Viruses are no cells.", "third", chunk_id)
        changed = ann.cards.read(card.card_id).source
        assert changed is not None
        assert (changed.status, changed.text) == ("changed", "Viruses are no cells.")
        accepted = ann.cards.change(card.card_id, CardChange(source_accepted=True)).source
        assert accepted is not None
        assert accepted.status == "unchanged"
        hidden = make(ann, deck, chunk_id=chunk_id)
        as_admin(
            world, "update app.cards set document_id = %s where card_id = %s", world.documents["hidden"], hidden.card_id
        )
        gone = ann.cards.read(hidden.card_id).source
        assert gone is not None
        assert (gone.status, gone.title, gone.text) == ("gone", None, None)
        with pytest.raises(NotFound):
            make(client("dan"), deck, chunk_id=chunk_id)
    finally:
        as_admin(world, "delete from content.chunks where chunk_id = %s", chunk_id)


def test_cards_are_found_by_words_tags_and_state_page_by_page(client: As, deck: str) -> None:
    ann = client("ann")
    cards = [make(ann, deck, f"Item {number} 100%", tags=[f"t{number}"]) for number in range(3)]
    deck_id = cards[0].deck_id
    assert {card.card_id for card in ann.cards.list(query="item 100%", deck_id=deck_id).items} == {
        card.card_id for card in cards
    }
    assert ann.cards.list(query="1_0%", deck_id=deck_id).items == []
    assert [card.card_id for card in ann.cards.list(tag="t1", deck_id=deck_id).items] == [cards[1].card_id]
    first = ann.cards.list(deck_id=deck_id, limit=2)
    rest = ann.cards.list(deck_id=deck_id, limit=2, after=first.next)
    assert [card.card_id for card in (*first.items, *rest.items)] == [card.card_id for card in reversed(cards)]
    ann.cards.change_all(
        CardsChange(card_ids=[cards[0].card_id], suspended=True, add_tags=["late"], remove_tags=["t0"])
    )
    [late] = ann.cards.list(show="suspended", deck_id=deck_id).items
    assert late.tags == ["late"]


def test_nobody_sees_or_moves_anothers_cards(client: As, deck: str) -> None:
    ann = client("ann")
    card = make(ann, deck)
    given = ann.cards.review(card.card_id, 3)
    for other in map(client, ("ben", "tom", "root")):
        assert all(one.card_id != card.card_id for one in other.cards.list(limit=200).items)
        for act in (
            lambda other=other: other.cards.read(card.card_id),
            lambda other=other: other.cards.review(card.card_id, 3),
            lambda other=other: other.cards.undo(given.review_id),
            lambda other=other: other.cards.change(card.card_id, CardChange(back="mine")),
            lambda other=other: other.cards.delete(card.card_id),
        ):
            with pytest.raises(NotFound):
                act()


def test_a_review_needs_a_key_and_a_rating_that_there_is(
    api: TestClient, headers: Callable[[str], Headers], client: As, deck: str
) -> None:
    card = make(client("ann"), deck)
    address = f"/api/v1/flashcards/{card.card_id}/review"
    assert api.post(address, json={"rating": 3}, headers=headers("ann")).status_code == 422
    keyed = {**headers("ann"), "Idempotency-Key": "k"}
    for wrong in ({"rating": 5}, {"rating": 0}, {"rating": 3, "duration_ms": -1}, {}, {"rating": 3, "when": "now"}):
        assert api.post(address, json=wrong, headers=keyed).status_code == 422
    assert client("ann").cards.read(card.card_id).reps == 0


def test_reviews_cannot_be_rewritten(world: World, client: As, deck: str) -> None:
    ann = client("ann")
    given = ann.cards.review(make(ann, deck).card_id, 3)
    for role in (Role.API, Role.ADMIN):
        with connect(world.settings, role) as connection, acting_as(connection, world.accounts["ann"]):
            for change in ("rating = 4", "reviewed_at = now()", "memory_after = '{}'"):
                with pytest.raises(Exception, match=r"append-only|permission denied"), connection.transaction():
                    connection.execute(f"update app.card_reviews set {change} where review_id = %s", [given.review_id])  # type: ignore[arg-type]
