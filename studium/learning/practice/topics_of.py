"""Which topic of its course a question is about: the section whose pages come nearest to it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pgvector import HalfVector
from psycopg import Connection

from studium.learning.practice.judging import right_answer
from studium.learning.practice.texts import plain
from studium.learning.questions.records import QuestionRecord
from studium.moodle.keys import CourseKey

if TYPE_CHECKING:
    from studium.content.embed import Embedder

SECTIONS = """
select lower(s.name), s.site_id || ':' || s.section_id from raw.sections as s
where s.site_id = %s and s.course_id = %s and s.is_visible and s.name is not null
"""
# of what everybody in the course may find; hidden sections are no topics, their names would be told, nor is the first,
# where a course keeps its glossaries
NEAREST = """
with space as (
    select s.space_id from content.spaces as s
    where s.status = 'active' and (s.model, s.dimension, s.version) = (%(model)s, %(dimension)s, %(version)s)
),

nearest as (
    select v.document_id, -(v.embedding operator(public.<#>) %(vector)s::public.halfvec) as similarity
    from content.vectors as v
    inner join space on v.space_id = space.space_id
    inner join content.documents as d on v.document_id = d.document_id
    where d.course_id = %(course)s and d.source <> 'upload' and d.group_id is null
    order by similarity desc
    limit 8
)

select s.site_id || ':' || s.section_id as topic_id
from nearest as n
inner join content.documents as d on n.document_id = d.document_id
left join raw.modules as m
    on m.site_id = split_part(d.module_id, ':', 1) and m.cmid = split_part(d.module_id, ':', 2)::bigint
inner join raw.sections as s
    on s.site_id = split_part(d.course_id, ':', 1)
    and s.section_id = coalesce(split_part(d.section_id, ':', 2)::bigint, m.section_id)
where s.is_visible and s.number > 0 and n.similarity > 0.3
group by s.site_id, s.section_id
order by sum(n.similarity ^ 4) desc, s.section_id
limit 1
"""
"""The fourth power lets one passage that says it outweigh several that are merely near."""


def topics_of(
    connection: Connection,
    embedder: "Embedder",
    course: CourseKey,
    records: Sequence[QuestionRecord],
    otherwise: Sequence[str | None],
) -> list[str | None]:
    """The topic of each: the section its category is named after, the one that says it, or the one it is asked in."""
    named: dict[str, str] = dict(connection.execute(SECTIONS, course).fetchall())
    vectors = embedder.embed_documents([f"{plain(one.text)} {right_answer(one)}" for one in records]) if records else []
    return [
        _by_category(named, record) or _by_pages(connection, embedder, course, vector) or asked_in
        for record, vector, asked_in in zip(records, vectors, otherwise, strict=True)
    ]


def _by_category(named: Mapping[str, str], record: QuestionRecord) -> str | None:
    return named.get((record.category or "").rpartition("/")[2].strip().lower())


def _by_pages(connection: Connection, embedder: "Embedder", course: CourseKey, vector: list[float]) -> str | None:
    space = embedder.space
    facts = {"model": space.model, "dimension": space.dimension, "version": space.version, "course": str(course)}
    row = connection.execute(NEAREST, {**facts, "vector": HalfVector(vector).to_text()}).fetchone()
    return row[0] if row else None
