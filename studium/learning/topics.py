"""Topics of a course: its own sections, in its own order, as far as the one who asks may see into them."""

from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import class_row

# a section's place is its first module's: subsections stand where Moodle shows them
TOPICS = """
select m.section_id as topic_id, m.course_id, min(m.section_name) as name,
    row_number() over (order by min(m.position)) as position
from marts.dim_modules as m
where m.course_id = %s
group by m.section_id, m.course_id
order by position
"""


@dataclass(frozen=True)
class Topic:
    """A section of a course."""

    topic_id: str
    course_id: str
    name: str
    position: int


def read_topics(connection: Connection, course_id: str) -> list[Topic]:
    """The sections with anything in them that the transaction's account, or the pipeline, may see."""
    with connection.cursor(row_factory=class_row(Topic)) as cursor:
        return cursor.execute(TOPICS, [course_id]).fetchall()
