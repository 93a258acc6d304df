"""The course's passages as questions are made of them, as far as the bound account may see them."""

from psycopg import Connection

from studium.learning.making.material import Source

MATERIAL = """
select c.text, d.title, c.heading, c.chapter, coalesce(split_part(d.material_key, ':', 1), d.source) as kind,
    d.course_id, coalesce(d.section_id, m.section_id) as topic_id, d.document_id, c.chunk_id, c.content_sha256,
    c.page_kind = 'slide' as is_slide
from content.documents as d
inner join content.chunks as c on d.document_id = c.document_id
left join marts.dim_modules as m on d.module_id = m.module_id
where d.course_id = %(course)s and d.status = 'ready' and d.source <> 'upload'
order by (coalesce(d.section_id, m.section_id) = %(topic)s) desc nulls last, m.position nulls last, d.document_id,
    c.position
limit %(most)s
"""
MOST = 600
"""Passages. A topic's own come first; what is beyond lends no wrong answers."""


def material(connection: Connection, course_id: str, topic_id: str | None) -> list[Source]:
    """What questions about a topic are made of, and where their wrong answers come from."""
    rows = connection.execute(MATERIAL, {"course": course_id, "topic": topic_id, "most": MOST}).fetchall()
    return [
        Source(
            text=text, title=title, heading=heading, chapter=chapter, kind=kind or "file", course_id=course,
            topic_id=topic, document_id=document_id, chunk_id=chunk_id, sha256=sha256, is_slide=bool(is_slide),
        )
        for text, title, heading, chapter, kind, course, topic, document_id, chunk_id, sha256, is_slide in rows
    ]  # fmt: skip
