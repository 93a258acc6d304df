from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from studium.analytics.keyset import CursorError, pack, page, unpack


def test_a_key_comes_back_as_it_was() -> None:
    at, number = datetime(2026, 11, 22, 12, 0, 0, 1, tzinfo=UTC), uuid4()
    assert unpack(pack(at, number), datetime.fromisoformat, UUID) == (at, number)
    assert unpack(pack('Zoë, "the first"', "site:7"), str, str) == ('Zoë, "the first"', "site:7")
    assert unpack(None, str) is None


@pytest.mark.parametrize("word", ["", "!", "bm9pc2U", pack("one"), pack("no number", "x"), pack(), "ÿ", "W10" * 50])
def test_a_foreign_word_is_refused(word: str) -> None:
    with pytest.raises(CursorError):
        unpack(word, int, str)


def test_a_page_says_where_it_ended() -> None:
    assert page([1, 2, 3], 2, lambda number: (number,)).model_dump() == {"items": [1, 2], "next": pack(2)}
    assert page([1, 2], 2, lambda number: (number,)).next is None
    assert page([], 2, lambda number: (number,)).items == []
