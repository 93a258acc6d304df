"""Cards: found, changed, brought in and taken along; the calendar's address is shown once."""

from streamlit.testing.v1 import AppTest

from studium.wire.base import Problem
from tests.dashboards.conftest import OpenPage
from tests.dashboards.fake_api import COURSE, FakeStudium


def said(page: AppTest) -> str:
    return " ".join(block.body for block in page.get("html"))


def test_without_cards_the_page_says_where_they_come_from(open_page: OpenPage) -> None:
    page = open_page("cards")
    assert not page.exception
    assert "No cards yet" in said(page)


def test_cards_are_listed_with_what_is_known_of_them(known: FakeStudium, open_page: OpenPage) -> None:
    for number in range(25):
        known.cards.add(f"What is *{number}*?", "<script>x</script> This.", tags=["heart"], is_suspended=number == 3)
    page = open_page("cards")
    assert not page.exception
    assert "What is <em>0</em>?" in said(page)
    assert "<script>" not in said(page)
    assert "Heart · new · put aside · #heart" in said(page)
    assert sum("What is" in block.body for block in page.get("html")) == 20
    page.text_input(key="cards-query").input("nothing of the kind").run()
    assert not page.exception
    assert known.cards.asked[-1]["q"] == "nothing of the kind"


def test_a_card_is_changed_and_only_what_differs_is_sent(known: FakeStudium, open_page: OpenPage) -> None:
    card = known.cards.add("What is a cell?", "The unit of life.", tags=["a"])
    page = open_page("cards")
    page.button(key=f"change-{card.card_id}").click().run()
    page.text_area(key=f"change-front-{card.card_id}").input("What is a living cell?")
    next(button for button in page.button if button.label == "Save").click().run()
    assert not page.exception
    assert known.cards.changes == [(card.card_id, {"front": "What is a living cell?"})]


def test_a_card_is_deleted_by_who_is_sure(known: FakeStudium, open_page: OpenPage) -> None:
    card = known.cards.add("What is a cell?", "The unit of life.")
    page = open_page("cards")
    page.button(key=f"change-{card.card_id}").click().run()
    delete = next(button for button in page.button if button.label == "Delete it")
    assert delete.disabled
    page.checkbox(key="change-sure").check().run()
    next(button for button in page.button if button.label == "Delete it").click().run()
    assert known.cards.cards == []


def test_a_file_is_taken_in_once_and_what_it_brought_is_said(known: FakeStudium, open_page: OpenPage) -> None:
    page = open_page("cards")
    page.checkbox(key="card-files-course").check()
    page.text_input(key="card-files-deck").input("Mine").run()
    page.get("file_uploader")[0].upload("cards.apkg", b"PK", "application/zip").run()  # type: ignore[attr-defined]
    page.run()
    assert not page.exception
    assert known.card_files.taken == [("cards.apkg", COURSE, "Mine")]
    assert "3 cards added, 1 changed, 2 there already, 4 reviews, 1 picture or sound" in page.success[0].value
    assert "2 cards with nothing to ask" in page.warning[0].value


def test_a_file_that_is_none_is_refused_in_words(known: FakeStudium, open_page: OpenPage) -> None:
    known.card_files.problem = Problem(title="Unprocessable", status=422, detail="This is no Anki package.")
    page = open_page("cards")
    page.get("file_uploader")[0].upload("x.apkg", b"PK", "application/zip").run()  # type: ignore[attr-defined]
    assert "This is no Anki package" in page.error[0].value


def test_a_calendar_address_is_shown_once_and_ended(known: FakeStudium, open_page: OpenPage) -> None:
    page = open_page("cards")
    page.button(key="calendar-new").click().run()
    assert page.code[0].value == "https://x.test/feed.ics?key=secret"
    page.run()
    assert not page.code
    [feed] = known.card_files.feeds
    page.button(key=f"end-{feed.feed_id}").click().run()
    assert known.card_files.feeds == []
