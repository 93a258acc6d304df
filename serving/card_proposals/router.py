"""Cards one could learn: proposed of a course's material, or made on asking; accepted, edited, refused."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query, Response

from serving.dependencies import After, Db, Held, Limit, Now, SignedIn, outside, require_member
from studium.learning import showing
from studium.learning.making import accepting, generating
from studium.learning.making.generating import SittingError
from studium.wire.base import COURSE_KEY
from studium.wire.cards import Changed, Flashcards
from studium.wire.proposals import Acceptance, CardsWanted, EditedProposal, MadeCards, Proposals, Refusal

router = APIRouter(prefix="/flashcards", tags=["flashcards"])
Course = Annotated[str, Query(pattern=COURSE_KEY)]
Topic = Annotated[str | None, Query(max_length=200, description="A section of the course.")]
Refused = Annotated[bool, Query(description="Those one refused, instead of those still proposed.")]


@router.post("/generate", responses={404: {}, 409: {}})
def generate_flashcards(body: CardsWanted, who: SignedIn, connection: Db, held: Held) -> MadeCards:
    """Make cards of a note, a file, passages, or a part of a course; they are proposals, and learnt once accepted.

    With a chat model its cards are held against the passages; without one, or with `by: rule`, they are made by rule.
    """
    require_member(connection, body.course_id)
    apart = partial(outside, connection, who)
    try:
        return generating.make(connection, who.account_id, body, held.models, apart)
    except SittingError as error:
        raise HTTPException(409, str(error)) from error


@router.get("/proposals")
def list_card_proposals(
    who: SignedIn, connection: Db, course_id: Course, topic_id: Topic = None, document_id: UUID | None = None,
    refused: Refused = False, after: After = None, limit: Limit = 50,
) -> Proposals:  # fmt: skip
    """Cards proposed of what one may see of a course, those that seem worth most first."""
    require_member(connection, course_id)
    return accepting.listed(
        connection, who.account_id, course_id,
        topic_id=topic_id, document_id=document_id, refused=refused, after=after, limit=limit,
    )  # fmt: skip


@router.post("/proposals/accept", responses={404: {}})
def accept_card_proposals(body: Acceptance, who: SignedIn, connection: Db, moment: Now) -> Flashcards:
    """Learn proposals as they are; sent again, they are the same cards."""
    added = accepting.accept(connection, who.account_id, body.proposal_ids, moment, deck=body.deck, tags=body.tags)
    return Flashcards(cards=showing.by_ids(connection, who.account_id, added, moment))


@router.post("/proposals/refuse", responses={404: {}})
def refuse_card_proposals(body: Refusal, who: SignedIn, connection: Db, moment: Now) -> Changed:
    """Have proposals shown no more."""
    return Changed(cards=accepting.refuse(connection, who.account_id, body.proposal_ids, moment))


@router.post("/proposals/{proposal_id}/edit", responses={404: {}})
def edit_card_proposal(
    proposal_id: UUID, body: EditedProposal, who: SignedIn, connection: Db, moment: Now
) -> Flashcards:
    """Learn a proposal in other words."""
    added = accepting.edit(connection, who.account_id, proposal_id, body, moment)
    return Flashcards(cards=showing.by_ids(connection, who.account_id, added, moment))


@router.post("/proposals/{proposal_id}/restore", status_code=204, responses={404: {}})
def restore_card_proposal(proposal_id: UUID, who: SignedIn, connection: Db) -> Response:
    """Have a refused proposal proposed again."""
    accepting.restore(connection, who.account_id, proposal_id)
    return Response(status_code=204)
