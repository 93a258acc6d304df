"""The typed client's calls for proposed cards."""

from collections.abc import Sequence
from uuid import UUID

from studium.clients.calling import Calls
from studium.wire.cards import Changed, Flashcard, Flashcards
from studium.wire.proposals import Acceptance, CardsWanted, EditedProposal, MadeCards, Proposals, Refusal

CARDS = "/flashcards"
PROPOSALS = f"{CARDS}/proposals"


class CardProposals(Calls):
    """Cards one could learn."""

    def list(
        self,
        course_id: str,
        *,
        topic_id: str | None = None,
        document_id: UUID | None = None,
        refused: bool = False,
        after: str | None = None,
        limit: int = 50,
    ) -> Proposals:
        """Those of a course, that seem worth most first."""
        return self._get(
            Proposals, PROPOSALS,
            course_id=course_id, topic_id=topic_id, document_id=document_id, refused=refused, after=after, limit=limit,
        )  # fmt: skip

    def make(self, wanted: CardsWanted) -> MadeCards:
        """Have cards made of a note, a file, passages, or a part of a course."""
        return self._send(MadeCards, "POST", f"{CARDS}/generate", wanted)

    def accept(self, proposal_ids: Sequence[UUID], deck: str | None = None) -> Sequence[Flashcard]:
        """Learn them as they are."""
        wanted = Acceptance(proposal_ids=[*proposal_ids], deck=deck)
        return self._send(Flashcards, "POST", f"{PROPOSALS}/accept", wanted).cards

    def edit(self, proposal_id: UUID, wanted: EditedProposal) -> Sequence[Flashcard]:
        """Learn one in other words."""
        return self._send(Flashcards, "POST", f"{PROPOSALS}/{proposal_id}/edit", wanted).cards

    def refuse(self, proposal_ids: Sequence[UUID]) -> int:
        """Have them shown no more."""
        return self._send(Changed, "POST", f"{PROPOSALS}/refuse", Refusal(proposal_ids=[*proposal_ids])).cards

    def restore(self, proposal_id: UUID) -> None:
        """Have a refused one proposed again."""
        self._client.send("POST", f"{PROPOSALS}/{proposal_id}/restore")
