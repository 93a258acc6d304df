"""Card states are those of the package `fsrs` and, within what Anki keeps of them, of Anki itself."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import fsrs
import pytest
from anki.collection import Collection

from studium.learning import scheduling
from studium.learning.scheduling import Memory, Rules

History = list[tuple[int, datetime]]
START = datetime(2023, 1, 1, 12, tzinfo=UTC)
EXACT, OF_ANKI = 1e-6, 1e-3


def histories(count: int, chance: random.Random) -> Iterator[tuple[History, Rules]]:
    """Reviews at any hour, early, late, within the same minute; by the defaults or by parameters anywhere in bounds."""
    bounds = list(zip(fsrs.scheduler.LOWER_BOUNDS_PARAMETERS, fsrs.scheduler.UPPER_BOUNDS_PARAMETERS, strict=True))
    for number in range(count):
        parameters = [chance.uniform(*bound) for bound in bounds] if number % 2 else scheduling.DEFAULT_PARAMETERS
        at = START + timedelta(seconds=chance.randrange(86_400))
        history = []
        for _ in range(chance.randrange(1, 25)):
            history.append((chance.choices((1, 2, 3, 4), (2, 2, 6, 1))[0], at))
            at += timedelta(seconds=chance.choice((20, 600, 40_000, 90_000, 86_400 * chance.randrange(1, 400))))
        yield history, Rules("fsrs", tuple(parameters), chance.uniform(0.7, 0.98))


def by_fsrs(history: History, rules: Rules) -> fsrs.Card:
    engine = fsrs.Scheduler(rules.parameters, desired_retention=rules.desired_retention, enable_fuzzing=False)
    card = fsrs.Card(card_id=0)
    for rating, moment in history:
        card, _ = engine.review_card(card, fsrs.Rating(rating), moment)
    return card


def check(count: int, seed: int) -> None:
    for history, rules in histories(count, random.Random(seed)):
        memory = scheduling.replayed(history, rules)
        assert memory is not None
        card = by_fsrs(history, rules)
        assert (memory["state"], memory["step"]) == (card.state.value, card.step)
        assert memory["stability"] == pytest.approx(card.stability, rel=EXACT)
        assert memory["difficulty"] == pytest.approx(card.difficulty, rel=EXACT)
        assert scheduling.due_of(memory) == card.due
        assert scheduling.last_review_of(memory) == card.last_review


def test_states_are_those_of_fsrs() -> None:
    check(200, seed=1)


@pytest.mark.soak
def test_states_of_ten_thousand_histories_are_those_of_fsrs() -> None:
    check(10_000, seed=2)


def at_noon(chance: random.Random) -> History:
    """Reviews at a little later hour each time: FSRS's days of 24 hours and Anki's, which begin at four, then agree."""
    at = START + timedelta(days=chance.randrange(300))
    history = []
    for _ in range(chance.randrange(1, 15)):
        history.append((chance.choices((1, 2, 3, 4), (2, 2, 6, 1))[0], at))
        at += timedelta(days=chance.choice((0, 0, 1, 1, 2, 3, 5, 9, 20, 60)), minutes=chance.randrange(1, 10))
    return history


def test_states_are_those_of_ankis_own_backend(tmp_path: Path) -> None:
    collection = Collection(str(tmp_path / "collection.anki2"))
    try:
        collection.set_config("fsrs", True)
        config = collection.decks.get_config(1)
        config["fsrsParams6"] = list(scheduling.DEFAULT_PARAMETERS)
        collection.decks.update_config(config)
        model = collection.models.by_name("Basic")
        chance = random.Random(5)
        for number in range(200):
            note = collection.new_note(model)
            note["Front"] = f"Card {number}"
            collection.add_note(note, 1)
            [card_id] = note.card_ids()
            history = at_noon(chance)
            for place, (rating, moment) in enumerate(history):
                at = round(moment.timestamp() * 1000) + 20 * number + place  # a log has no two reviews of one moment
                row = (at, card_id, -1, rating, 1, 1, 2500, 1000, min(place, 1))
                collection.db.execute("insert into revlog values (?, ?, ?, ?, ?, ?, ?, ?, ?)", *row)
            told, memory = collection.compute_memory_state(card_id), scheduling.replayed(history, Rules())
            assert memory is not None
            assert told.stability == pytest.approx(memory["stability"], rel=OF_ANKI)
            assert told.difficulty == pytest.approx(memory["difficulty"], abs=OF_ANKI)
    finally:
        collection.close()


def known(rating: int = 4) -> Memory:
    return scheduling.review(None, rating, START)


def test_naive_moments_and_ratings_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        scheduling.review(None, 3, START.replace(tzinfo=None))
    with pytest.raises(ValueError, match="time zone"):
        scheduling.predicted_recall(known(), START.replace(tzinfo=None))
    for rating in (0, 5):
        with pytest.raises(ValueError, match="rating"):
            scheduling.review(None, rating, START)
    with pytest.raises(ValueError, match="no memory of sm2"):
        scheduling.review(known(), 3, START, scheduler="sm2")


def test_a_moment_is_the_same_in_every_zone() -> None:
    elsewhere = START.astimezone(timezone(timedelta(hours=9)))
    assert scheduling.review(None, 3, elsewhere) == scheduling.review(None, 3, START)


def test_recall_falls_from_certain_to_what_was_wished_for_on_the_day_it_is_due() -> None:
    memory = known()
    assert scheduling.predicted_recall(memory, START) == 1
    assert scheduling.predicted_recall(memory, scheduling.due_of(memory)) == pytest.approx(0.9, abs=0.01)
    assert scheduling.predicted_recall(None, START) is None
    assert scheduling.predicted_recall(scheduling.review(None, 3, START, scheduler="sm2"), START) is None


def test_a_memory_changes_schedulers_with_its_interval_where_its_reviews_are_not_known() -> None:
    memory = known()
    days = (scheduling.due_of(memory) - START).days
    translated = scheduling.translated(memory, Rules("sm2"))
    assert (translated["interval_days"], scheduling.due_of(translated)) == (days, scheduling.due_of(memory))
    back = scheduling.translated(translated, Rules())
    assert (back["stability"], back["state"]) == (days, 2)
    assert scheduling.review(back, 3, scheduling.due_of(back))["stability"] > days


def test_only_what_waits_for_days_is_learnt() -> None:
    assert not scheduling.is_learnt(None)
    assert not scheduling.is_learnt(known(rating=1))
    assert scheduling.is_learnt(known(rating=4))
    assert not scheduling.is_learnt(scheduling.review(known(rating=4), 1, START + timedelta(days=9)))
    assert not scheduling.is_learnt(scheduling.review(None, 2, START, scheduler="sm2"))
    assert scheduling.is_learnt(scheduling.review(None, 3, START, scheduler="sm2"))
