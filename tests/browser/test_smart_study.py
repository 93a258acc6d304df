"""Smart Study at a real browser: by keyboard, one request a card, nothing jumps, nothing runs again, and undo."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from studium.client import SESSION_COOKIE, Client
from studium.wire.cards import CardsChange, NewFlashcard
from tests.browser.served import Installation
from tests.browser.visitor import Visitor

WATCH = """() => {
  window.shifted = 0
  new PerformanceObserver(list => list.getEntries().forEach(one => { window.shifted += one.value }))
    .observe({ type: 'layout-shift' })
  window.runs = 0
  new MutationObserver(() => { window.runs += 1 }).observe(
    document.querySelector('[data-testid=stApp]'), { attributes: true, attributeFilter: ['data-test-script-state'] })
}"""
CARDS = 5
QUESTIONS = [f"Question {number}?" for number in range(CARDS)]


@pytest.fixture
def learner(installation: Installation, chromium: Browser) -> Iterator[tuple[Visitor, Client]]:
    """A student with a few cards of their own, at Smart Study."""
    with Visitor(chromium, installation.url) as visitor:
        visitor.sign_in(*installation.accounts["student"])
        cookie = next(c["value"] for c in visitor.context.cookies() if c["name"] == SESSION_COOKIE)
        with Client(installation.url, session=cookie) as client:
            course = client.me().courses[0].course_id
            others = [card.card_id for card in client.cards.list(limit=200).items]
            with_them = CardsChange(card_ids=others or [uuid4()], suspended=True)
            client.cards.change_all(with_them)
            for question in QUESTIONS:
                client.cards.add(NewFlashcard(front=question, back=f"The answer to {question}", course_id=course))
            visitor.open("smart_study")
            yield visitor, client
            made = [card.card_id for card in client.cards.list(limit=CARDS).items]
            client.cards.change_all(CardsChange(card_ids=made, deleted=True))
            client.cards.change_all(with_them.model_copy(update={"suspended": False}))


def test_cards_are_reviewed_by_keyboard_without_the_page_moving(learner: tuple[Visitor, Client]) -> None:
    visitor, client = learner
    page, sent = visitor.page, []
    expect(page.locator(".question")).to_have_text(QUESTIONS[0])
    page.evaluate(WATCH)
    page.on("request", lambda request: sent.append((request.method, re.sub("[0-9a-f-]{36}", "*", request.url))))
    before = client.cards.due(limit=1).reviewed_today
    for question in QUESTIONS[:-1]:
        expect(page.locator(".question")).to_have_text(question)
        page.keyboard.press("Space")
        expect(page.locator(".answer")).to_have_text(f"The answer to {question}")
        with page.expect_response("**/review") as kept:
            page.keyboard.press("4")
        assert kept.value.ok
    assert [method for method, url in sent if url.endswith("/flashcards/*/review")] == ["POST"] * (CARDS - 1)
    expect(page.locator(".question")).to_have_text(QUESTIONS[-1])
    assert client.cards.due(limit=1).reviewed_today == before + CARDS - 1
    with page.expect_response("**/undo") as undone:
        page.keyboard.press("u")
    assert undone.value.ok
    expect(page.locator(".question")).to_have_text(QUESTIONS[-2])
    assert client.cards.due(limit=1).reviewed_today == before + CARDS - 2
    assert page.evaluate("window.runs") == 0
    assert page.evaluate("window.shifted") < 0.01
    assert visitor.complaints == []
    assert visitor.foreign == []
