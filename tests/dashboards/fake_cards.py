"""Cards of one learner, kept in memory, shown and scheduled by the real rules."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from fastapi import FastAPI, Request

from studium.learning import scheduling
from studium.learning.faces import faces
from studium.wire import cards as wire
from studium.wire.base import Page
from tests.dashboards.examples import AS_OF

DECK = uuid4()


@dataclass
class FakeCards:
    """What the API knows of somebody's cards."""

    cards: list[wire.Flashcard] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    changes: list[tuple[UUID, dict[str, Any]]] = field(default_factory=list)
    settings: wire.StudySettings = field(default_factory=lambda: wire.StudySettings(course_id="physiology:2"))

    def add(self, front: str, back: str, **more: Any) -> wire.Flashcard:
        """A new card, with what each rating would do."""
        question, answer = faces(more.get("kind", "basic"), more.get("cloze_number"), front, back, "markdown")
        choices = [
            wire.Choice(rating=rating, due_at=scheduling.due_of(scheduling.review(None, rating, AS_OF)))
            for rating in scheduling.RATINGS
        ]
        nothing: dict[str, Any] = dict.fromkeys(
            ("topic_id", "note_id", "cloze_number", "due_at", "last_reviewed_at", "stability_days", "difficulty",
             "recall", "buried_until", "source")
        )  # fmt: skip
        facts: dict[str, Any] = {
            **nothing, "card_id": uuid4(), "deck_id": DECK, "deck": "Heart", "course_id": "physiology:2",
            "kind": "basic", "front": front, "back": back, "markup": "markdown", "question_html": question,
            "answer_html": answer, "tags": [], "origin": "hand", "state": "new", "scheduler": "fsrs", "reps": 0,
            "lapses": 0, "is_suspended": False, "choices": choices, "created_at": AS_OF, "updated_at": AS_OF,
        }  # fmt: skip
        self.cards.append(wire.Flashcard(**{**facts, **more}))
        return self.cards[-1]


def add_cards(app: FastAPI, known: FakeCards) -> None:
    """The endpoints."""

    @app.get("/api/v1/flashcards")
    def listed(request: Request, limit: int) -> Page[wire.Flashcard]:
        known.asked.append(dict(request.query_params))
        return Page[wire.Flashcard](items=known.cards[:limit])

    @app.patch("/api/v1/flashcards/{card_id:uuid}")
    def change_card(card_id: UUID, body: wire.CardChange) -> wire.Flashcard:
        known.changes.append((card_id, body.model_dump(exclude_unset=True)))
        return next(card for card in known.cards if card.card_id == card_id)

    @app.delete("/api/v1/flashcards/{card_id:uuid}", status_code=204)
    def delete_card(card_id: UUID) -> None:
        known.cards = [card for card in known.cards if card.card_id != card_id]

    @app.post("/api/v1/flashcards", status_code=201)
    def create(body: wire.NewFlashcard) -> wire.Flashcards:
        return wire.Flashcards(cards=[known.add(body.front, body.back, tags=body.tags, topic_id=body.topic_id)])

    @app.get("/api/v1/flashcards/due")
    def due(course_id: str | None = None, deck_id: UUID | None = None) -> wire.DueCards:
        waiting = [card for card in known.cards if deck_id in (None, card.deck_id)]
        return wire.DueCards(
            cards=waiting, learning=0, review=0, new=len(waiting), new_left_today=20, reviewed_today=0, next_due_at=None
        )

    @app.get("/api/v1/flashcards/decks")
    def decks(course_id: str | None = None) -> list[wire.Deck]:
        count = len(known.cards)
        deck = wire.Deck(
            deck_id=DECK, course_id=course_id, topic_id=None, name="Heart *1*", cards=count, new_cards=count,
            created_at=AS_OF,
        )  # fmt: skip
        return [deck] if count else []

    @app.get("/api/v1/flashcards/settings")
    def settings(course_id: str) -> wire.StudySettings:
        return known.settings

    @app.patch("/api/v1/flashcards/settings")
    def change(course_id: str, body: wire.SettingsChange) -> wire.StudySettings:
        known.settings = known.settings.model_copy(update=body.model_dump(exclude_unset=True))
        return known.settings

    @app.get("/api/v1/courses/{course_id}/topics")
    def topics(course_id: str) -> list[wire.Topic]:
        return [wire.Topic(topic_id="physiology:21", course_id=course_id, name="The [heart](x)", position=1)]
