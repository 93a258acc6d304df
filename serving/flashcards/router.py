"""One's own cards: made, found, asked, rated, changed. Nobody else sees them, teachers neither."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from serving.dependencies import After, Db, Limit, MaybeCourseId, Now, SignedIn, require_member
from studium.learning import card_changes, due, own_cards, reviewing, scheduling, showing, study_settings
from studium.learning.cards import NoSuchCardError
from studium.learning.reviewing import Reviewed
from studium.wire.base import Page
from studium.wire.cards import (
    CardChange,
    CardsChange,
    Changed,
    DueCards,
    Flashcard,
    Flashcards,
    NewFlashcard,
    PastReview,
    Review,
    ReviewGiven,
    SettingsChange,
    Show,
    StudySettings,
    TagCount,
)

router = APIRouter(prefix="/flashcards", tags=["flashcards"])
ONCE = "Sent again with the same key, it is the same and changes nothing."
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200, description=ONCE)]
MaybeKey = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200, description=ONCE)]
MaybeTopic = Annotated[str | None, Query(max_length=200)]
Search = Annotated[str | None, Query(max_length=200, description="Words that all stand on the card or in its tags.")]
CARD = "/{card_id:uuid}"
"""Of no other kind: `/flashcards/due` and what other features hang below are no cards."""


@router.get("")
def list_flashcards(  # noqa: PLR0913 - each is a filter
    *,
    who: SignedIn,
    connection: Db,
    moment: Now,
    course_id: MaybeCourseId = None,
    topic_id: MaybeTopic = None,
    deck_id: UUID | None = None,
    tag: Annotated[str | None, Query(max_length=100)] = None,
    q: Search = None,
    show: Show | None = None,
    after: After = None,
    limit: Limit = 50,
) -> Page[Flashcard]:
    """One's cards, the newest first."""
    return showing.listed(
        connection, who.account_id, moment,
        course_id=course_id, topic_id=topic_id, deck_id=deck_id, tag=tag, query=q, show=show, after=after, limit=limit,
    )  # fmt: skip


@router.post("", status_code=201, responses={404: {}})
def create_flashcard(
    body: NewFlashcard, who: SignedIn, connection: Db, moment: Now, idempotency_key: MaybeKey = None
) -> Flashcards:
    """Make a card by hand or from a passage; a cloze becomes a card for each number of its gaps."""
    require_member(connection, body.course_id)
    made = own_cards.add(connection, who.account_id, body, idempotency_key, moment)
    return Flashcards(cards=showing.by_ids(connection, who.account_id, made, moment))


@router.get("/due")
def read_due(
    who: SignedIn,
    connection: Db,
    moment: Now,
    course_id: MaybeCourseId = None,
    topic_id: MaybeTopic = None,
    deck_id: UUID | None = None,
    early: bool = False,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> DueCards:
    """What is to be asked now, in this order, with what each rating would do; and how much there is today.

    With `early`, once nothing of a course is due, go on with what its plan looks at early before the exam.
    """
    return due.due(
        connection, who.account_id, moment,
        course_id=course_id, topic_id=topic_id, deck_id=deck_id, early=early, limit=limit,
    )  # fmt: skip


@router.post("/changes")
def change_flashcards(body: CardsChange, who: SignedIn, connection: Db, moment: Now) -> Changed:
    """Make one change to many cards: move, tag, suspend, bury, delete."""
    met = card_changes.change(
        connection, who.account_id, body.card_ids, moment, deck=body.deck, add_tags=body.add_tags,
        remove_tags=body.remove_tags, suspended=body.suspended, buried=body.buried, deleted=bool(body.deleted),
    )  # fmt: skip
    return Changed(cards=met)


@router.get("/tags")
def list_card_tags(who: SignedIn, connection: Db, course_id: MaybeCourseId = None) -> list[TagCount]:
    """One's tags, and how many cards carry each."""
    return showing.tags(connection, who.account_id, course_id)


@router.get("/settings")
def read_study_settings(who: SignedIn, connection: Db, course_id: MaybeCourseId = None) -> StudySettings:
    """How one studies a course, or cards of no course."""
    require_member(connection, course_id)
    return study_settings.read(connection, who.account_id, course_id)


@router.patch("/settings")
def change_study_settings(
    body: SettingsChange, who: SignedIn, connection: Db, moment: Now, course_id: MaybeCourseId = None
) -> StudySettings:
    """Choose scheduler, retention, new cards a day, easy days, exam date or minutes; what is not named stays."""
    require_member(connection, course_id)
    wanted = body.model_dump(exclude_unset=True)
    return study_settings.change(connection, who.account_id, course_id, wanted, moment)


@router.post("/reviews/{review_id}/undo", responses={404: {}, 409: {}})
def undo_review(review_id: UUID, who: SignedIn, connection: Db, moment: Now) -> Review:
    """Take a card's last review back: the card is as it was before. The review stays on record, as undone."""
    return _told(reviewing.undo(connection, who.account_id, review_id, moment))


@router.get(CARD, responses={404: {}})
def read_flashcard(card_id: UUID, who: SignedIn, connection: Db, moment: Now) -> Flashcard:
    """One card."""
    return showing.read(connection, who.account_id, card_id, moment)


@router.patch(CARD, responses={404: {}})
def change_flashcard(card_id: UUID, body: CardChange, who: SignedIn, connection: Db, moment: Now) -> Flashcard:
    """Change a card; what is not named stays."""
    own_cards.edit(connection, who.account_id, card_id, body, moment)
    return showing.read(connection, who.account_id, card_id, moment)


@router.delete(CARD, status_code=204, responses={404: {}})
def delete_flashcard(card_id: UUID, who: SignedIn, connection: Db, moment: Now) -> Response:
    """Delete a card; its reviews stay on record."""
    if not card_changes.change(connection, who.account_id, [card_id], moment, deleted=True):
        raise NoSuchCardError("You have no such card.")
    return Response(status_code=204)


@router.post(f"{CARD}/review", responses={404: {}, 409: {}})
def review_flashcard(
    card_id: UUID, body: ReviewGiven, who: SignedIn, connection: Db, moment: Now, idempotency_key: Key
) -> Review:
    """Say how one knew a card. However often it arrives under one key, it is one review."""
    done = reviewing.review_card(
        connection, who.account_id, card_id, body.rating,
        idempotency_key=idempotency_key, duration_ms=body.duration_ms, moment=moment,
    )  # fmt: skip
    return _told(done)


@router.get(f"{CARD}/reviews")
def list_card_reviews(
    card_id: UUID, who: SignedIn, connection: Db, after: After = None, limit: Limit = 50
) -> Page[PastReview]:
    """A card's reviews, the latest first, those that were undone included."""
    return showing.reviews(connection, who.account_id, card_id, after, limit)


def _told(done: Reviewed) -> Review:
    memory = done.memory_before if done.undone_at else done.memory_after
    return Review(
        review_id=done.review_id,
        card_id=done.card_id,
        rating=done.rating,
        reviewed_at=done.reviewed_at,
        is_repeated=done.is_repeated,
        undone_at=done.undone_at,
        elapsed_days=done.elapsed_days,
        predicted_recall=done.predicted_recall,
        due_at=scheduling.due_of(memory) if memory else None,
        state=showing.state_of(memory),
        stability_days=memory.get("stability") if memory else None,
        difficulty=memory.get("difficulty") if memory else None,
    )
