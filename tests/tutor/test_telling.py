"""Whoever comes back with what they know ends up with what was answered, however often they and the answerers die."""

from datetime import UTC, datetime
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studium.tutor.telling import Position, Standing, bounded, read_position, tell
from studium.wire.chat import Asked, ChatTurn, Cost, Done, Streaming, TurnStatus

NAMESPACE = UUID(int=7)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
texts = st.text(alphabet="ab\n", max_size=12)


def standing(number: int, text: str = "", attempt: int = 1, status: TurnStatus = "running") -> Standing:
    turn = ChatTurn(
        turn_id=uuid5(NAMESPACE, str(number)),
        number=number,
        client_message_id=uuid5(NAMESPACE, f"m{number}"),
        content=f"Question {number}?",
        status=status,
        text=text,
        answer=None,
        cost=Cost(tokens_in=0, tokens_out=0, amount=0, currency=None),
        error=None,
        created_at=NOW,
        finished_at=None,
    )
    return Standing(turn, attempt)


class Tab:
    """A reader that does what docs/chat.md says."""

    def __init__(self) -> None:
        self.position = "0"
        self.texts: dict[UUID, str] = {}
        self.asked: list[UUID] = []
        self.done: list[UUID] = []

    def take(self, frame: Asked | Streaming | Done) -> None:
        self.position = frame.position
        if isinstance(frame, Asked):
            self.asked.append(frame.turn_id)
        elif isinstance(frame, Streaming):
            self.texts[frame.turn_id] = self.texts.get(frame.turn_id, "")[: frame.offset] + frame.chunk
        else:
            self.done.append(frame.turn_id)


@st.composite
def histories(draw: st.DrawFn) -> list[list[Standing]]:
    """What a reader may find at each look: turns answered in order, each in one attempt or several that died."""
    looks: list[list[Standing]] = [[]]
    over: list[Standing] = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        looks.append([*over, standing(number, attempt=0, status="queued")])
        for attempt in range(1, draw(st.integers(1, 3)) + 1):
            text = ""
            for piece in draw(st.lists(texts, max_size=3)):
                text += piece
                looks.append([*over, standing(number, text, attempt)])
        over = [*over, standing(number, text, attempt, draw(st.sampled_from(["done", "failed", "stopped"])))]
        looks.append(over)
    return looks


@given(histories(), st.data())
def test_nothing_is_lost_and_nothing_stands_twice(looks: list[list[Standing]], data: st.DataObject) -> None:
    tab = Tab()
    for look in looks:
        if data.draw(st.booleans()) and look is not looks[-1]:
            continue  # away
        position = read_position(tab.position)
        found = [one for one in look if one.turn.number >= position.first_wanted]
        frames = [frame for _, frame in tell(position, found)]
        lost = data.draw(st.integers(0, len(frames))) if look is not looks[-1] else 0
        for frame in frames[: len(frames) - lost]:  # the connection breaks before the rest
            tab.take(frame)
    ended = looks[-1]
    assert tab.asked == tab.done == [one.turn.turn_id for one in ended]
    assert {turn_id: text for turn_id, text in tab.texts.items() if text} == {
        one.turn.turn_id: one.turn.text for one in ended if one.turn.text
    }
    assert tab.position == str(len(ended))
    assert list(tell(read_position(tab.position), [])) == []


@given(st.builds(Position, st.integers(0, 999_999_999), st.none() | st.integers(0, 9), st.just(0)))
def test_a_position_is_read_as_it_was_written(position: Position) -> None:
    assert read_position(str(position)) == position


@pytest.mark.parametrize("text", ["", "a", "-1", "1.", "1.2", "1.2.3.4", "1.2.x", "\u0663", "1" * 10, " 1", "1\n"])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no position"):
        read_position(text)


def test_a_position_of_another_time_is_the_end() -> None:
    assert bounded(Position(9, 2, 5), 3) == Position(3)
    assert bounded(Position(3, 2, 5), 3) == Position(3, 2, 5)


def test_paragraphs_come_one_by_one() -> None:
    frames = [frame for _, frame in tell(Position(), [standing(1, "One.\n\nTwo.\n\nThree.")])]
    assert [(frame.offset, frame.chunk) for frame in frames[1:]] == [(0, "One.\n\n"), (6, "Two.\n\n"), (12, "Three.")]


def test_a_shorter_second_attempt_takes_back_what_was_said() -> None:
    frames = [frame for _, frame in tell(Position(1, 1, 40), [standing(1, "", 2, "failed")])]
    assert [type(frame) for frame in frames] == [Streaming, Done]
    assert (frames[0].offset, frames[0].chunk) == (0, "")
