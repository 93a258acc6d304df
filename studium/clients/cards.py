"""The typed client's calls for one's own cards."""

from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import quote
from uuid import UUID, uuid4

from pydantic import BaseModel

from studium.clients.calling import Calls
from studium.wire.base import Page
from studium.wire.cards import (
    CardChange,
    CardsChange,
    Changed,
    Deck,
    DeckChange,
    DueCards,
    Flashcard,
    Flashcards,
    NewDeck,
    NewFlashcard,
    PastReview,
    Review,
    ReviewGiven,
    SettingsChange,
    Show,
    StudySettings,
    TagCount,
    Topic,
)

Model = TypeVar("Model", bound=BaseModel)
CARDS = "/flashcards"


class Cards(Calls):
    """One's own cards, as `Client.cards`."""

    def list(
        self,
        *,
        course_id: str | None = None,
        topic_id: str | None = None,
        deck_id: UUID | None = None,
        tag: str | None = None,
        query: str | None = None,
        show: Show | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Flashcard]:
        """One's cards, the newest first; `query`: words that all stand on the card or in its tags."""
        return self._get(
            Page[Flashcard], CARDS,
            course_id=course_id, topic_id=topic_id, deck_id=deck_id, tag=tag, q=query, show=show, after=after,
            limit=limit,
        )  # fmt: skip

    def read(self, card_id: UUID) -> Flashcard:
        """One card."""
        return self._get(Flashcard, f"{CARDS}/{card_id}")

    def add(self, new: NewFlashcard, *, key: str | None = None) -> Sequence[Flashcard]:
        """Make a card, of a cloze one for each number of its gaps; under the same key no second time."""
        return self._keyed(Flashcards, CARDS, new, key or str(uuid4())).cards

    def change(self, card_id: UUID, change: CardChange) -> Flashcard:
        """Change a card; what is not named stays."""
        return self._partly(Flashcard, f"{CARDS}/{card_id}", change)

    def change_all(self, change: CardsChange) -> int:
        """Make one change to many cards; how many it met."""
        return self._send(Changed, "POST", f"{CARDS}/changes", change).cards

    def delete(self, card_id: UUID) -> None:
        """Delete a card; its reviews stay on record."""
        self._client.send("DELETE", f"{CARDS}/{card_id}")

    def due(
        self,
        *,
        course_id: str | None = None,
        topic_id: str | None = None,
        deck_id: UUID | None = None,
        early: bool = False,
        limit: int = 20,
    ) -> DueCards:
        """What is to be asked now, in this order, with what each rating would do."""
        asked = {"course_id": course_id, "topic_id": topic_id, "deck_id": deck_id, "early": early, "limit": limit}
        return self._get(DueCards, f"{CARDS}/due", **asked)

    def review(self, card_id: UUID, rating: int, *, duration_ms: int | None = None, key: str | None = None) -> Review:
        """Say how one knew a card; under the same key it is the same review, however often it is sent."""
        given = ReviewGiven(rating=rating, duration_ms=duration_ms)
        return self._keyed(Review, f"{CARDS}/{card_id}/review", given, key or str(uuid4()))

    def undo(self, review_id: UUID) -> Review:
        """Take a card's last review back."""
        return self._send(Review, "POST", f"{CARDS}/reviews/{review_id}/undo")

    def reviews(self, card_id: UUID, *, after: str | None = None, limit: int = 50) -> Page[PastReview]:
        """A card's reviews, the latest first."""
        return self._get(Page[PastReview], f"{CARDS}/{card_id}/reviews", after=after, limit=limit)

    def decks(self, course_id: str | None = None) -> Sequence[Deck]:
        """One's decks by name."""
        return self._several(Deck, f"{CARDS}/decks", course_id=course_id)

    def add_deck(self, new: NewDeck) -> Deck:
        """Begin a deck; one that has this name already is it."""
        return self._send(Deck, "POST", f"{CARDS}/decks", new)

    def rename_deck(self, deck_id: UUID, name: str) -> Deck:
        """Call a deck otherwise."""
        return self._send(Deck, "PATCH", f"{CARDS}/decks/{deck_id}", DeckChange(name=name))

    def delete_deck(self, deck_id: UUID) -> None:
        """Remove an empty deck."""
        self._client.send("DELETE", f"{CARDS}/decks/{deck_id}")

    def tags(self, course_id: str | None = None) -> Sequence[TagCount]:
        """One's tags, and how many cards carry each."""
        return self._several(TagCount, f"{CARDS}/tags", course_id=course_id)

    def topics(self, course_id: str) -> Sequence[Topic]:
        """A course's sections, in its order."""
        return self._several(Topic, f"/courses/{quote(course_id, safe=':')}/topics")

    def settings(self, course_id: str | None = None) -> StudySettings:
        """How one studies a course, or cards of no course."""
        return self._get(StudySettings, f"{CARDS}/settings", course_id=course_id)

    def change_settings(self, change: SettingsChange, course_id: str | None = None) -> StudySettings:
        """Choose how; what is not named stays."""
        return self._partly(StudySettings, f"{CARDS}/settings", change, course_id=course_id)

    def _several(self, model: type[Model], path: str, **params: object) -> Sequence[Model]:
        return [model.model_validate(one) for one in self._client.send("GET", path, params=params).json()]

    def _keyed(self, model: type[Model], path: str, body: BaseModel, key: str) -> Model:
        headers = {"Idempotency-Key": key}
        told = self._client.send("POST", path, json=body.model_dump(mode="json"), headers=headers)
        return model.model_validate_json(told.content)

    def _partly(self, model: type[Model], path: str, change: BaseModel, **params: object) -> Model:
        body = change.model_dump(mode="json", exclude_unset=True)
        return model.model_validate_json(self._client.send("PATCH", path, json=body, params=params).content)
