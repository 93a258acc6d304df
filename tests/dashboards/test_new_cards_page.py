"""The page New cards: proposals taken, changed, refused; and cards made of a note."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from tests.dashboards.fake_api import FakeStudium
from tests.dashboards.test_pages import told

OpenPage = Callable[..., AppTest]


def test_nothing_proposed_says_what_to_do(open_page: OpenPage) -> None:
    page = open_page("new_cards")
    assert not page.exception
    assert "Nothing more is proposed here" in told(page)


def test_a_proposal_shows_its_words_and_is_taken(known: FakeStudium, open_page: OpenPage) -> None:
    one = known.proposals.propose("What is *preload* <b>?</b>", "A stretch.")
    known.proposals.waiting = [one]
    page = open_page("new_cards")
    text = told(page)
    assert "The heart &amp; its valves" in text
    assert "Preload is a &lt;stretch&gt;." in text
    assert "<b>?</b>" not in text
    page.button(key=f"take-{one.proposal_id}").click().run()
    assert known.proposals.accepted == [one.proposal_id]
    assert "Nothing more is proposed here" in told(page)


def test_a_proposal_is_taken_in_other_words(known: FakeStudium, open_page: OpenPage) -> None:
    one = known.proposals.propose("What is preload?", "A stretch.")
    known.proposals.waiting = [one]
    page = open_page("new_cards")
    page.button(key=f"edit-{one.proposal_id}").click().run()
    page.text_area(key=f"front-{one.proposal_id}").input("What is meant by preload?")
    next(button for button in page.button if button.label == "Take it like this").click().run()
    assert [done.front for done in known.proposals.edited] == ["What is meant by preload?"]


def test_what_is_refused_can_be_taken_back(known: FakeStudium, open_page: OpenPage) -> None:
    one = known.proposals.propose("Preload is a {{c1::stretch}}.", "", kind="cloze")
    known.proposals.waiting = [one]
    page = open_page("new_cards")
    page.button(key=f"refuse-{one.proposal_id}").click().run()
    assert known.proposals.refused == [one]
    page.toggle(key="proposals-refused").set_value(True).run()
    page.button(key=f"restore-{one.proposal_id}").click().run()
    assert known.proposals.waiting == [one]
    assert "You have refused none" in told(page)


def test_while_a_quiz_is_sat_it_says_why_there_are_none(known: FakeStudium, open_page: OpenPage) -> None:
    known.proposals.notice = "You have an attempt at a quiz open."
    assert "You have an attempt at a quiz open." in told(open_page("new_cards"))


def test_cards_are_made_of_a_note(known: FakeStudium, open_page: OpenPage) -> None:
    known.proposals.made = [known.proposals.propose("What is afterload?", "A wall stress.")]
    page = open_page("new_cards")
    page.text_area(key="make-text").input("Afterload is the wall stress against which the ventricle ejects.")
    next(button for button in page.button if button.label == "Make cards").click().run()
    assert [one.text for one in known.proposals.wanted] == [
        "Afterload is the wall stress against which the ventricle ejects."
    ]
    assert "1 card made by rule" in told(page)
    page.button(key=f"take-{known.proposals.made[0].proposal_id}").click().run()
    assert known.proposals.accepted == [known.proposals.made[0].proposal_id]
    assert not [button for button in page.button if (button.key or "").startswith("take-")]
