"""Tables of cards: what people's programs write is understood, and what we write comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studium.learning.card_file_errors import CardFileError
from studium.learning.tables import MOST_ROWS, TableCard, read_table, write_table
from studium.wire.cards import LONGEST_SIDE

WORDS = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="'{"), min_size=1, max_size=8)
TEXT = st.lists(WORDS, min_size=1, max_size=3).map("\n".join)
TAGS = st.lists(st.text("abc:", min_size=1, max_size=5), unique=True, max_size=3).map(tuple)
CARDS = st.lists(
    st.builds(TableCard, TEXT, TEXT, TAGS, WORDS),
    min_size=1, max_size=5,
)  # fmt: skip


@given(CARDS, st.sampled_from(["csv", "tsv"]))
def test_a_table_comes_back_as_it_went(cards: list[TableCard], kind: str) -> None:
    data = write_table(cards, kind).encode()  # type: ignore[arg-type]
    table = read_table(data)
    assert table.cards == cards
    assert table.left_out == []


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@x", "\uff1d1"])
def test_a_spreadsheet_runs_nothing_and_the_card_is_the_same(formula: str) -> None:
    card = TableCard(formula, formula, (formula,), formula)
    data = write_table([card], "csv")
    assert f"\n'{formula},'{formula},'{formula},'{formula}" in data
    assert read_table(data.encode()).cards == [card]


@pytest.mark.parametrize(
    ("data", "cards"),
    [
        (b"term\tdefinition\nb\tc\n", [("b", "c")]),
        (b"\xef\xbb\xbfFRONT;Back\r\n\xc3\xbc;\xc3\xb6\r\n", [("ü", "ö")]),
        ("wörter,x\nnaïve,y".encode("cp1252"), [("wörter", "x"), ("naïve", "y")]),
        ("a\tb".encode("utf-16"), [("a", "b")]),
        (b"a,b\rc,d\r", [("a", "b"), ("c", "d")]),
        (b'"x, y","line\nbreak"\n', [("x, y", "line\nbreak")]),
        (b"Definition,Term\nd,t\n", [("t", "d")]),
    ],
)
def test_tables_of_many_programs_are_read(data: bytes, cards: list[tuple[str, str]]) -> None:
    assert [(card.front, card.back) for card in read_table(data).cards] == cards


def test_ankis_plain_text_says_how_it_is_written() -> None:
    data = b"#separator:tab\n#html:true\n#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:6\n"
    table = read_table(data + b'g\tBasic\tBio::Cells\t<b>q</b>\t"a ""b"""\tx y\n')
    assert table.is_html
    assert table.cards == [TableCard("<b>q</b>", 'a "b"', ("x", "y"), "Bio::Cells")]


def test_rows_that_say_nothing_are_told() -> None:
    table = read_table(b"a\tb\n\tc\n\nd\n" + b"e\t" + b"x" * (LONGEST_SIDE + 1) + b"\n{{c1::gap}}\t\n")
    assert table.cards == [TableCard("a", "b"), TableCard("{{c1::gap}}", "")]
    assert table.left_out == [
        "Row 2 has no front.", "Row 4 has no back.", f"Row 5 is longer than {LONGEST_SIDE:,} characters.",
    ]  # fmt: skip


def test_a_cloze_is_pairs_where_nobody_knows_of_gaps() -> None:
    card = TableCard("{{c1::Cells}} have {{c2::walls::what}}.", "Not all.")
    assert write_table([card], "quizlet") == (
        "[\u2026] have walls.\tCells have walls. Not all.\nCells have [what].\tCells have walls. Not all.\n"
    )


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"), (b"  \n\n", "empty"), (b"one\ntwo\n", "No row"),
        (b"\x00\x01\xff\xfe\x9d" * 40, "no text file|No row"),
        (b"#separator:ab\na\tb", "kept apart"), (b"a\tb\n" * (MOST_ROWS + 2), "more than"),
        (b'a,"' + b"x" * 300_000, "cannot be read"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_words(data: bytes, why: str) -> None:
    with pytest.raises(CardFileError, match=why):
        read_table(data)
