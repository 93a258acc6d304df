"""What a learner makes of proposed cards: learns them as they are or in other words, or never sees them again.

A decision is kept by what the card says, so that it holds when the page is read anew. Whether the proposal may be seen,
the database says each time.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from psycopg import Connection
from psycopg.rows import dict_row

from studium.analytics import keyset
from studium.learning.cards import NewCard, NoSuchCardError, add_cards
from studium.learning.faces import faces, numbers
from studium.learning.own_cards import NO_GAP, BadCardError
from studium.learning.sources import sources_of
from studium.wire.proposals import EditedProposal, Proposal, Proposals

SITTING = "You have an attempt at \u201c{quiz}\u201d open in Moodle. Until you hand it in, no cards are proposed here."
SITS = "select z.name from app.open_quizzes() as z where z.course_id = %s limit 1"
LOOKED = "select made_at from app.card_makings where course_id = %s"
FACTS = """
p.proposal_id, p.account_id, p.course_id, p.topic_id, p.document_id, p.chunk_id, p.fingerprint, p.kind, p.front, p.back,
p.origin, p.rule, p.made_by, p.quote, p.source_sha256, p.score
"""
# the same card may be proposed from several places: once is enough
LIST = f"""
with seen as (
    select distinct on (p.fingerprint) {FACTS}
    from app.card_proposals as p
    left join app.card_decisions as n on p.fingerprint = n.fingerprint and n.account_id = %(account)s
    where (%(course)s::text is null or p.course_id = %(course)s)
        and (%(topic)s::text is null or p.topic_id = %(topic)s)
        and (%(document)s::uuid is null or p.document_id = %(document)s)
        and (%(prints)s::text[] is null or p.fingerprint = any(%(prints)s))
        and case when %(refused)s then n.status = 'refused' else n.status is null end
    order by p.fingerprint, p.account_id nulls last, p.proposal_id
)

select * from seen as s
where %(score)s::double precision is null or (-s.score, s.fingerprint) > (-%(score)s, %(after)s)
order by -s.score, s.fingerprint limit %(limit)s
"""  # noqa: S608 - columns alone
BY_IDS = f"select {FACTS} from app.card_proposals as p where p.proposal_id = any(%(ids)s)"  # noqa: S608 - columns alone
DECIDE = """
insert into app.card_decisions (account_id, fingerprint, course_id, status, card_id, decided_at)
values (%(account)s, %(fingerprint)s, %(course_id)s, %(status)s, %(card)s, %(moment)s)
on conflict (account_id, fingerprint) do update
set status = excluded.status, card_id = excluded.card_id, decided_at = excluded.decided_at
where card_decisions.status = 'refused'
"""
RESTORE = "delete from app.card_decisions where account_id = %s and fingerprint = %s and status = 'refused'"
Row = dict[str, Any]


class NoSuchProposalError(NoSuchCardError):
    """There is no such proposal for the account."""


def sitting(connection: Connection, course_id: str | None) -> str | None:
    """Why nothing is proposed of a course just now: a quiz of it is being sat."""
    row = connection.execute(SITS, [course_id]).fetchone() if course_id else None
    return SITTING.format(quiz=row[0]) if row else None


def listed(
    connection: Connection, account_id: UUID, course_id: str, *, topic_id: str | None = None,
    document_id: UUID | None = None, refused: bool = False, after: str | None = None, limit: int = 50,
) -> Proposals:  # fmt: skip
    """What is proposed of a course, or was refused, the best first."""
    looked = connection.execute(LOOKED, [course_id]).fetchone()
    looked_at = looked[0] if looked else None
    if held := sitting(connection, course_id):
        return Proposals(items=[], notice=held, looked_at=looked_at)
    seen = keyset.unpack(after, float, str) or (None, None)
    facts = {
        "account": account_id, "course": course_id, "topic": topic_id, "document": document_id, "prints": None,
        "refused": refused, "score": seen[0], "after": seen[1], "limit": limit + 1,
    }  # fmt: skip
    page = keyset.page(_rows(connection, LIST, facts), limit, lambda row: (row["score"], row["fingerprint"]))
    return Proposals(items=_shown(connection, page.items), next=page.next, looked_at=looked_at)


def undecided(connection: Connection, account_id: UUID, prints: Sequence[str]) -> list[Proposal]:
    """Of some cards, by what they say, those the learner has not decided about."""
    facts = {
        "account": account_id, "course": None, "topic": None, "document": None, "prints": list(prints),
        "refused": False, "score": None, "after": None, "limit": len(prints),
    }  # fmt: skip
    return _shown(connection, _rows(connection, LIST, facts))


def accept(
    connection: Connection, account_id: UUID, proposal_ids: Sequence[UUID], moment: datetime, *,
    deck: str | None = None, tags: Sequence[str] = (),
) -> list[UUID]:  # fmt: skip
    """Learn proposals as they are; accepted again, they are the same cards."""
    rows = _known(connection, proposal_ids)
    cards = [_card(row, account_id, row["front"], row["back"], deck, tags) for row in rows]
    added = add_cards(connection, account_id, [card for group in cards for card in group], moment)
    for row, group in zip(rows, cards, strict=True):
        _decide(connection, account_id, row, "accepted", group[0].card_id, moment)
    return added


def edit(
    connection: Connection, account_id: UUID, proposal_id: UUID, wanted: EditedProposal, moment: datetime
) -> list[UUID]:
    """Learn a proposal in other words."""
    [row] = _known(connection, [proposal_id])
    if row["kind"] == "cloze" and not numbers(wanted.front):
        raise BadCardError(NO_GAP)
    if row["kind"] == "basic" and not wanted.back.strip():
        raise BadCardError("A card needs a back, unless it is a cloze.")
    group = _card(row, account_id, wanted.front, wanted.back, wanted.deck, wanted.tags)
    added = add_cards(connection, account_id, group, moment)
    _decide(connection, account_id, row, "edited", group[0].card_id, moment)
    return added


def refuse(connection: Connection, account_id: UUID, proposal_ids: Sequence[UUID], moment: datetime) -> int:
    """Have proposals shown no more; how many."""
    rows = _known(connection, proposal_ids)
    for row in rows:
        _decide(connection, account_id, row, "refused", None, moment)
    return len(rows)


def restore(connection: Connection, account_id: UUID, proposal_id: UUID) -> None:
    """Have a refused one proposed again."""
    [row] = _known(connection, [proposal_id])
    connection.execute(RESTORE, [account_id, row["fingerprint"]])


def _known(connection: Connection, proposal_ids: Sequence[UUID]) -> list[Row]:
    wanted = list(dict.fromkeys(proposal_ids))
    rows = {row["proposal_id"]: row for row in _rows(connection, BY_IDS, {"ids": wanted})}
    courses = {row["course_id"] for row in rows.values()}
    if len(rows) < len(wanted) or any(sitting(connection, course) for course in courses):
        raise NoSuchProposalError("This is not proposed to you, or not just now. Look at the list anew.")
    return [rows[one] for one in wanted]


def _rows(connection: Connection, query: str, facts: Row) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), facts).fetchall()


def _card(
    row: Row, account_id: UUID, front: str, back: str, deck: str | None, tags: Sequence[str]
) -> list[NewCard]:  # fmt: skip
    """The card, or of a cloze with several gaps, one for each."""
    gaps: list[int | None] = [*numbers(front)] if row["kind"] == "cloze" else [None]
    note = uuid5(NAMESPACE_URL, f"studium:proposal:{account_id}:{row['fingerprint']}")
    return [
        NewCard(
            front, back, kind=row["kind"], cloze_number=gap, deck=deck, course_id=row["course_id"],
            topic_id=row["topic_id"], tags=tags, origin=row["origin"], document_id=row["document_id"],
            chunk_id=row["chunk_id"], source_sha256=row["source_sha256"], quote=row["quote"],
            note_id=note if len(gaps) > 1 else None, card_id=uuid5(note, str(gap)),
        )
        for gap in gaps
    ]  # fmt: skip


def _decide(
    connection: Connection, account_id: UUID, row: Row, status: str, card_id: UUID | None, moment: datetime
) -> None:
    facts = {"account": account_id, "status": status, "card": card_id, "moment": moment}
    connection.execute(DECIDE, {**facts, "fingerprint": row["fingerprint"], "course_id": row["course_id"]})


def _shown(connection: Connection, rows: Sequence[Row]) -> list[Proposal]:
    places = sources_of(connection, [{**row, "card_id": row["proposal_id"]} for row in rows])
    return [_proposal(row, places.get(row["proposal_id"])) for row in rows]


def _proposal(row: Row, source: Any) -> Proposal:
    question, answer = faces(row["kind"], 1 if row["kind"] == "cloze" else None, row["front"], row["back"], "markdown")
    return Proposal(
        **{name: row[name] for name in ("proposal_id", "course_id", "topic_id", "kind", "front", "back")},
        question_html=question, answer_html=answer, rule=row["rule"], made_by=row["made_by"], source=source,
    )  # fmt: skip
