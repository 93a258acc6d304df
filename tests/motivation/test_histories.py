"""Whether days are closed by the clock or by the next act, and whatever is taken back: the events tell it all."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from motivation_help import history

from studium.events import Verb
from studium.motivation import rules
from studium.motivation.replay import Award, Kept, differences, fold
from studium.motivation.standing import Act, Before, Entry

TICK = timedelta(microseconds=1)


def live(random: Random, steps: int) -> tuple[Kept, list[Act]]:
    """What is kept of a history as it happens, with days closed by the clock at any time; and its acts."""
    zone, what = history(random, steps)
    kept, acts, settled = Kept(), [], None
    for number, step in enumerate(what):
        moment = step.moment if settled is None else max(step.moment, settled + TICK)
        zone = step.zone or zone
        if step.act is not None:
            act = Act(UUID(int=number), *step.act, zone, moment)
            _take(kept, act)
            acts.append(act)
            settled = moment
        elif step.zone is None and kept.standing is not None:
            kept.standing, closed = rules.at(kept.standing, moment)
            kept.closings |= {closing.day: closing for closing in closed}
            settled = moment
    return kept, acts


def _take(kept: Kept, act: Act) -> None:
    standing = kept.standing or rules.begin(act)
    told = rules.tell(standing, act, _before(kept, act, rules.day_of_act(standing, act)))
    kept.standing = told.standing
    kept.closings |= {closing.day: closing for closing in told.closings}
    if told.entry:
        kept.entries[act.event_id] = told.entry
    for badge in told.badges:
        kept.awards.setdefault(badge, Award(badge, act.event_id, told.standing.open_day, act.happened_at))


def _before(kept: Kept, act: Act, day: object) -> Before:
    """As the database is asked: of the entries about the object that are not taken back."""
    voided = {entry.voids for entry in kept.entries.values()}
    own: list[Entry] = [
        entry
        for entry in kept.entries.values()
        if (entry.kind, entry.object_id, entry.voids) == (act.kind, act.object_id, None)
        and entry.event_id not in voided
    ]
    return Before(own[-1] if own else None, any(entry.day == day and entry.xp > 0 for entry in own))


def assert_replays(seed: int, steps: int) -> None:
    kept, acts = live(Random(seed), steps)
    made = fold(acts, kept.standing.open_day if kept.standing else None)
    assert differences(made, kept) == [], seed
    entries = list(made.entries.values())
    if kept.standing:
        assert kept.standing.xp == sum(entry.xp for entry in entries), seed
        assert kept.standing.xp >= 0, seed
        assert kept.standing.best >= kept.standing.running_streak, seed
    assert [entry.day for entry in entries] == sorted(entry.day for entry in entries), "days never run backwards"
    days = {entry.day for entry in entries}
    if entries:
        spent = entries[-1].happened_at - entries[0].happened_at
        assert len(days) <= spent / timedelta(days=1) + 3, "nobody has more days than there were"
    for day in days:
        assert sum(max(entry.xp, 0) for entry in entries if entry.day == day) <= rules.DAY_XP + sum(
            -entry.xp for entry in entries if entry.day == day and entry.xp < 0
        )


@pytest.mark.parametrize("seed", range(300))
def test_a_history_replays(seed: int) -> None:
    assert_replays(seed, 60)


@pytest.mark.soak
def test_ten_thousand_histories_replay() -> None:
    for seed in range(1000, 11_000):
        assert_replays(seed, 60)


def test_what_was_changed_by_hand_is_named() -> None:
    kept, acts = live(Random(3), 60)
    until = kept.standing.open_day if kept.standing else None
    first = next(iter(kept.entries.values()))
    kept.entries[first.event_id] = replace(first, xp=first.xp + 1)
    kept.awards.clear()
    told = differences(fold(acts, until), kept)
    assert f"entry {first.event_id}: xp is {first.xp + 1}, the events say {first.xp}" in told
    assert any(line.startswith("badge ") and "is missing" in line for line in told)
    assert fold([act for act in acts if act.verb is Verb.SEARCHED]).standing is None
