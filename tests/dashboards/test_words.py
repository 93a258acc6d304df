"""Numbers and moments as a person reads them."""

import re
from datetime import UTC, date, datetime

import pytest

from dashboards.components import words


def test_a_moment_is_told_in_the_persons_zone() -> None:
    late = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert words.day(late, words.zone("Europe/Zagreb")) == "22 November 2026"
    assert words.day(late, words.zone("UTC")) == "21 November 2026"
    assert words.clock(late, words.zone("Europe/Zagreb")) == "22 Nov, 00:30"


@pytest.mark.parametrize("name", [None, "", "Nowhere/Atall", "../../etc/passwd"])
def test_an_unknown_zone_is_utc(name: str | None) -> None:
    assert words.zone(name).key == "UTC"


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(None, "\u2013"), (0, "0 min"), (45.4, "45 min"), (60, "1 h"), (200, "3 h 20 min"), (72_000, "1,200 h")],
)
def test_durations(minutes: float | None, told: str) -> None:
    assert words.duration(minutes) == told


@pytest.mark.parametrize(("number", "told"), [(999, "999 B"), (12_400, "12 kB"), (3_450_000, "3.5 MB")])
def test_sizes(number: int, told: str) -> None:
    assert words.size(number) == told


@pytest.mark.parametrize(("days", "told"), [(None, "never seen"), (0, "today"), (1, "yesterday"), (12, "12 days ago")])
def test_how_long_ago(days: int | None, told: str) -> None:
    assert words.days_ago(days) == told


def test_weeks_name_a_month_once_when_they_can() -> None:
    assert words.week(date(2026, 11, 16)) == "16 to 22 Nov"
    assert words.week(date(2026, 11, 30)) == "30 Nov to 6 Dec"


def test_counts_and_grades() -> None:
    assert words.count(1, "file") == "1 file"
    assert words.count(1204, "file") == "1,204 files"
    assert words.count(2, "quiz", "quizzes") == "2 quizzes"
    assert words.grade(7.25, 10) == "7.2 of 10"
    assert words.grade(None, 10) == words.NOTHING
    assert words.percent(72.6) == "73 %"


def test_long_text_is_cut_after_a_word() -> None:
    assert words.shortened("one two three", 13) == "one two three"
    assert words.shortened("one two three", 12) == "one two\u2026"


@pytest.mark.parametrize(
    "text", ["![x](https://evil.test/a.png)", "[a](b) *c* `d` _e_ <b> :red[f] $g$ # h", "Ada", "1. x"]
)
def test_plain_text_is_no_markdown(text: str) -> None:
    told = words.plain(text).replace("\u2060", "")
    assert re.sub(r"\\(.)", r"\1", told) == text
    assert not re.search(r"(?<!\\)[\[\]*`_<>:$#!]", told)


@pytest.mark.parametrize("text", ["see https://evil.test/a", "www.evil.test", "a@evil.test"])
def test_an_address_is_no_link(text: str) -> None:
    told = words.plain(text)
    assert not re.search(r"https?\\?://[\w.-]|www\.|@\w", told)
    assert told.replace("\u2060", "").replace("\\", "") == text


def test_plain_text_begins_no_block() -> None:
    assert words.plain("a\n\n    b\n# c") == "a b \\# c"
