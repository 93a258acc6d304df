"""One's decks, and the topics of a course that cards and questions go by."""

from dataclasses import asdict
from uuid import UUID

from fastapi import APIRouter

from serving.dependencies import Db, MaybeCourseId, Member, Now, SignedIn, require_member
from studium.learning import decks, topics
from studium.wire.cards import Deck, DeckChange, NewDeck, Topic

router = APIRouter(tags=["flashcards"])


@router.get("/flashcards/decks")
def list_decks(who: SignedIn, connection: Db, course_id: MaybeCourseId = None) -> list[Deck]:
    """One's decks by name, of a course or all."""
    return decks.listed(connection, who.account_id, course_id)


@router.post("/flashcards/decks", status_code=201, responses={404: {}})
def create_deck(body: NewDeck, who: SignedIn, connection: Db, moment: Now) -> Deck:
    """Begin a deck; one that has this name already is it."""
    require_member(connection, body.course_id)
    deck_id = decks.open_deck(
        connection, who.account_id, body.name, moment, course_id=body.course_id, topic_id=body.topic_id
    )
    return decks.read(connection, who.account_id, deck_id)


@router.patch("/flashcards/decks/{deck_id}", responses={404: {}, 409: {}})
def rename_deck(deck_id: UUID, body: DeckChange, who: SignedIn, connection: Db) -> Deck:
    """Call a deck otherwise."""
    return decks.rename(connection, who.account_id, deck_id, body.name)


@router.delete("/flashcards/decks/{deck_id}", status_code=204, responses={404: {}, 409: {}})
def delete_deck(deck_id: UUID, who: SignedIn, connection: Db) -> None:
    """Remove an empty deck."""
    decks.remove(connection, who.account_id, deck_id)


@router.get("/courses/{course_id}/topics")
def list_topics(standing: Member, connection: Db) -> list[Topic]:
    """The course's sections, in its order, as far as one may see into them."""
    return [Topic(**asdict(topic)) for topic in topics.read_topics(connection, standing.course_id)]
