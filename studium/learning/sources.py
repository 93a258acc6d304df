"""Where cards come from: the place in the course as it is now, as far as the bound account may see it.

A card rests on what it quotes. As long as that stands in its document, the card's page has not changed for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from studium.content.catalogue import open_url
from studium.wire.cards import Source

PASSAGE = """
select c.chunk_id, c.document_id, c.content_sha256, c.text, d.course_id,
    coalesce(d.section_id, m.section_id) as topic_id
from content.chunks as c
inner join content.documents as d on c.document_id = d.document_id
left join marts.dim_modules as m on d.module_id = m.module_id
where case
    when %(chunk)s::uuid is not null then c.chunk_id = %(chunk)s
    else c.document_id = %(document)s and strpos(c.text, %(quote)s) > 0
end
order by c.position limit 1
"""
# chunks of a document that was read anew have new ids: the passage is known by what it says
SOURCES = """
select w.card_id, d.document_id, d.title, d.media_type, c.page, c.page_kind, c.text,
    coalesce(w.sha256 is null or c.content_sha256 = w.sha256 or c.holds_quote, false) as is_unchanged
from unnest(%(cards)s::uuid[], %(documents)s::uuid[], %(chunks)s::uuid[], %(hashes)s::text[], %(quotes)s::text[])
    as w (card_id, document_id, chunk_id, sha256, quote)
inner join content.documents as d on w.document_id = d.document_id
left join lateral (
    select k.page, k.page_kind, k.text, k.content_sha256, coalesce(strpos(k.text, w.quote) > 0, false) as holds_quote
    from content.chunks as k
    where k.document_id = w.document_id
        and (k.chunk_id = w.chunk_id or k.content_sha256 = w.sha256 or strpos(k.text, w.quote) > 0)
    order by k.content_sha256 = w.sha256 desc nulls last, strpos(k.text, w.quote) > 0 desc nulls last, k.position
    limit 1
) as c on true
"""


class NoSuchPassageError(LookupError):
    """There is no such passage for the account."""


@dataclass(frozen=True, slots=True)
class PassageOf:
    """A passage that a card is made of."""

    chunk_id: UUID
    document_id: UUID
    content_sha256: str
    text: str
    course_id: str | None
    topic_id: str | None


def passage(
    connection: Connection, chunk_id: UUID | None, document_id: UUID | None = None, quote: str | None = None
) -> PassageOf:
    """A passage the bound account may see, by its name or by what is quoted from its document."""
    row = connection.execute(PASSAGE, {"chunk": chunk_id, "document": document_id, "quote": quote}).fetchone()
    if row is None:
        raise NoSuchPassageError("There is no such passage for you.")
    return PassageOf(*row)


def sources_of(connection: Connection, cards: Sequence[dict[str, Any]]) -> dict[UUID, Source]:
    """The sources of those cards that have one."""
    wanted = [card for card in cards if card["document_id"]]
    if not wanted:
        return {}
    columns = {"cards": "card_id", "documents": "document_id", "chunks": "chunk_id", "hashes": "source_sha256"}
    facts = {name: [card[column] for card in wanted] for name, column in columns.items()}
    facts["quotes"] = [card["quote"] or None for card in wanted]
    with connection.cursor(row_factory=dict_row) as cursor:
        found = {row["card_id"]: row for row in cursor.execute(SOURCES, facts).fetchall()}
    return {card["card_id"]: _source(card["quote"], found.get(card["card_id"])) for card in wanted}


def _source(quote: str | None, row: dict[str, Any] | None) -> Source:
    if row is None:
        nothing = dict.fromkeys(("document_id", "title", "page", "page_kind", "open_url", "text"))
        return Source(status="gone", quote=quote, **nothing)
    return Source(
        status="unchanged" if row["is_unchanged"] else "changed",
        quote=quote,
        document_id=row["document_id"],
        title=row["title"],
        page=row["page"],
        page_kind=row["page_kind"],
        open_url=open_url(row["document_id"], row["media_type"], row["page"]),
        text=row["text"],
    )
