"""Both sides of a card: a cloze with its gap, nothing that acts, and soon, whatever was typed."""

import time
from html.parser import HTMLParser

import pytest

from studium.learning.faces import faces, numbers


class Tags(HTMLParser):
    """The tags of a page, as a browser would find them, and what they tell."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.told: set[tuple[str, str | None]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.told.update(attrs)


TEXT = "The **{{c1::nucleus::organelle}}** holds {{c2::DNA}}, not {{c1::oil}}."


def test_a_cloze_asks_for_its_gap_and_shows_the_others() -> None:
    question, answer = faces("cloze", 1, TEXT, "See page 3.", "markdown")
    assert '<strong><mark class="gap asked">[organelle]</mark></strong> holds DNA' in question
    assert question.count('class="gap asked"') == 2
    assert "nucleus" not in question
    assert '<mark class="gap">nucleus</mark>' in answer
    assert "See page 3." in answer
    assert numbers(TEXT) == [1, 2]


def test_gaps_within_gaps_and_broken_ones_are_shown_as_far_as_they_go() -> None:
    question, answer = faces("cloze", 2, "A {{c1::b {{c2::d}} e}} }} {{c2::open", "", "html")
    assert question == 'A b <mark class="gap asked">[…]</mark> e }} open'
    assert answer == 'A b <mark class="gap">d</mark> e }} open'


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<iframe src=https://evil.test></iframe>",
        "<svg><script>alert(1)</script></svg>",
        "<p style='position:fixed'>x</p>",
        "<img src='https://evil.test/pixel.gif'>",
        "<audio src='//evil.test/x.mp3' autoplay></audio>",
        "<form action='https://evil.test'><input name=password></form>",
        "{{c1::<script>alert(1)</script>}}",
        "{{c1::x::<img src=x onerror=alert(1)>}}",
        "![x](https://evil.test/pixel.gif)",
        "[x](javascript:alert(1))",
        "<mark class='studium-card'>x</mark>",
    ],
)
def test_nothing_acts_or_comes_from_elsewhere(hostile: str) -> None:
    for markup in ("markdown", "html"):
        for shown in faces("cloze", 1, hostile, hostile, markup):  # type: ignore[arg-type]
            tags = Tags()
            tags.feed(shown)
            assert tags.found <= {"p", "a", "hr", "br", "img", "mark", "audio"}
            assert tags.told <= {("class", "gap"), ("class", "gap asked"), ("rel", "noopener noreferrer"), ("alt", "x")}


def test_own_pictures_are_shown() -> None:
    question, _ = faces("basic", None, '<img src="/api/v1/card-media/7" onload="x()">', "", "html")
    assert question == '<img src="/api/v1/card-media/7">'


@pytest.mark.parametrize(
    "piece", ["[", "*", "`", "<", "- ", "1. ", "[a](", "***a", "{{c1::", "}}", "| a |\n|---|\n", "![["]
)
def test_what_was_typed_without_sense_is_shown_soon(piece: str) -> None:
    begun = time.process_time()
    faces("cloze", 1, (piece * 10_000)[:10_000], "", "markdown")
    assert time.process_time() - begun < 3
