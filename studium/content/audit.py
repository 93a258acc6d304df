"""What must hold of documents at all times, as counts: asset checks and people read them, nothing is mended here."""

from dataclasses import dataclass

from psycopg import Connection

SEARCHABLE = """
select
    (select count(*) from content.chunks as c join d using (document_id)),
    (select count(*) from content.passages as p join d using (document_id)),
    (
        select count(*) from content.chunks as c join d using (document_id)
        where not exists (select from content.passages as p where p.chunk_id = c.chunk_id)
    ),
    (
        select count(*) from content.passages as p join d using (document_id)
        where not exists (
            select from content.vectors as v
            where v.passage_id = p.passage_id and v.content_sha256 = p.content_sha256
                and v.space_id = (select s.space_id from content.spaces as s where s.status = 'active')
        )
    ),
    (
        select count(*) from d
        where d.status = 'ready' and not exists (select from content.chunks as c where c.document_id = d.document_id)
    )
"""
OF_COURSES = "with d as (select * from content.documents where source <> 'upload')"
OF_UPLOADS = "with d as (select * from content.documents where source = 'upload')"
# A document younger than this may be on its way in a run that has just begun.
LEFT_BEHIND = """
select count(*), coalesce(array_agg(d.title order by d.updated_at) filter (where d.place <= 5), '{}')
from (
    select d.title, d.updated_at, row_number() over (order by d.updated_at) as place from d
    where d.status = 'processing' and d.updated_at < now() - interval '10 minutes'
        and not exists (
            select from app.work_requests as w
            where w.status in ('queued', 'running') and w.payload ->> 'document_id' = d.document_id::text
        )
) as d
"""


@dataclass(frozen=True)
class Searchable:
    """How much there is to search, and how much of it could not be found."""

    chunks: int
    passages: int
    chunks_without_passage: int
    passages_without_vector: int
    ready_without_text: int

    @property
    def is_whole(self) -> bool:
        """Whether everything there is can be found."""
        return not (self.chunks_without_passage or self.passages_without_vector or self.ready_without_text)


def searchable(connection: Connection, scope: str) -> Searchable:
    """Of the documents of a scope."""
    [counts] = connection.execute(f"{scope} {SEARCHABLE}".encode()).fetchall()
    return Searchable(*counts)


def left_behind(connection: Connection, scope: str) -> tuple[int, list[str]]:
    """Documents of a scope nobody is going to read: how many, and the titles of the oldest."""
    [(count, oldest)] = connection.execute(f"{scope} {LEFT_BEHIND}".encode()).fetchall()
    return count, oldest
