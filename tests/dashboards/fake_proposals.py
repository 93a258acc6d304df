"""What the small API in memory knows of proposed cards."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from fastapi import FastAPI, Response

from studium.learning.faces import faces
from studium.wire import proposals as wire
from studium.wire.cards import Changed, Flashcards, Source
from tests.dashboards.examples import AS_OF

PREFIX = "/api/v1/flashcards"


@dataclass
class FakeProposals:
    """What is proposed, and what became of it."""

    waiting: list[wire.Proposal] = field(default_factory=list)
    refused: list[wire.Proposal] = field(default_factory=list)
    accepted: list[UUID] = field(default_factory=list)
    edited: list[wire.EditedProposal] = field(default_factory=list)
    wanted: list[wire.CardsWanted] = field(default_factory=list)
    made: list[wire.Proposal] = field(default_factory=list)
    notice: str | None = None

    def propose(self, front: str, back: str, **told: Any) -> wire.Proposal:
        """A proposal."""
        kind = told.get("kind", "basic")
        question, answer = faces(kind, 1 if kind == "cloze" else None, front, back, "markdown")
        place = Source(
            status="unchanged", quote="Preload is a <stretch>.", document_id=uuid4(), title="The heart & its valves",
            page=4, page_kind="page", open_url="/api/v1/documents/1/content#page=4",
        )  # fmt: skip
        facts: dict[str, Any] = {
            "proposal_id": uuid4(), "course_id": "physiology:2", "topic_id": None, "kind": kind, "front": front,
            "back": back, "question_html": question, "answer_html": answer, "rule": "definition", "made_by": "rule",
            "source": place,
        }  # fmt: skip
        return wire.Proposal.model_validate(facts | told)


def add_proposals(app: FastAPI, known: FakeProposals) -> None:
    """The endpoints."""

    @app.get(f"{PREFIX}/proposals")
    def listed(limit: int, refused: bool = False) -> wire.Proposals:
        items = known.refused if refused else known.waiting
        return wire.Proposals(items=items[:limit], notice=known.notice, looked_at=AS_OF)

    @app.post(f"{PREFIX}/proposals/accept")
    def accept(body: wire.Acceptance) -> Flashcards:
        known.accepted += body.proposal_ids
        known.waiting = [one for one in known.waiting if one.proposal_id not in body.proposal_ids]
        return Flashcards(cards=[])

    @app.post(f"{PREFIX}/proposals/refuse")
    def refuse(body: wire.Refusal) -> Changed:
        known.refused += [one for one in known.waiting if one.proposal_id in body.proposal_ids]
        known.waiting = [one for one in known.waiting if one.proposal_id not in body.proposal_ids]
        return Changed(cards=len(body.proposal_ids))

    @app.post(PREFIX + "/proposals/{proposal_id}/edit")
    def edit(proposal_id: UUID, body: wire.EditedProposal) -> Flashcards:
        known.edited.append(body)
        known.waiting = [one for one in known.waiting if one.proposal_id != proposal_id]
        return Flashcards(cards=[])

    @app.post(PREFIX + "/proposals/{proposal_id}/restore", status_code=204)
    def restore(proposal_id: UUID) -> Response:
        known.waiting += [one for one in known.refused if one.proposal_id == proposal_id]
        known.refused = [one for one in known.refused if one.proposal_id != proposal_id]
        return Response(status_code=204)

    @app.post(f"{PREFIX}/generate")
    def generate(body: wire.CardsWanted) -> wire.MadeCards:
        known.wanted.append(body)
        return wire.MadeCards(proposals=known.made, made_by="rule" if known.made else None, notice=known.notice)
