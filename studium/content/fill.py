"""A new embedding space, filled beside the old one, with the passages that are there already. Nothing is read anew."""

from pgvector.psycopg import register_vector

from studium.content import spaces
from studium.content.chunk import embedded_text
from studium.content.ingest import Connect, embed_named
from studium.content.store import known_vectors
from studium.settings import Settings

FILL_PASSAGES = 512

MISSING = """
select p.passage_id, p.document_id, p.content_sha256, p.text, c.heading
from content.passages as p
join content.chunks as c using (chunk_id)
join content.documents as d on d.document_id = p.document_id
where d.course_id is not distinct from %(course_id)s
    and not exists (select from content.vectors as v where v.space_id = %(space_id)s and v.passage_id = p.passage_id)
order by p.passage_id limit %(limit)s
"""
FILL = """
insert into content.vectors (space_id, passage_id, document_id, content_sha256, embedding)
select %s, p.passage_id, p.document_id, p.content_sha256, %s
from content.passages as p where p.passage_id = %s
on conflict do nothing
"""


def fill_space(connect: Connect, settings: Settings, course_id: str | None) -> int:
    """Give passages of a course (None: of no course) their vectors in the installation's space; how many lacked one.

    Documents that are searchable in the active space stay so meanwhile. A first space answers when none lacks any.
    """
    filled = 0
    with connect() as connection:
        space = spaces.open_spaces(connection, settings)[0]
    wanted = {"course_id": course_id, "space_id": space.space_id, "limit": FILL_PASSAGES}
    while True:
        with connect() as connection:
            rows = connection.execute(MISSING, wanted).fetchall()
            known = known_vectors(connection, space.space_id, [row[2] for row in rows])
        if not rows:
            break
        texts = {name: embedded_text(text, heading) for _, _, name, text, heading in rows if name not in known}
        vectors = known | embed_named(space.embedder, texts)
        with connect() as connection:
            register_vector(connection)  # before the cursor, which takes over what its connection can adapt
            with connection.cursor() as cursor:
                cursor.executemany(FILL, [(space.space_id, vectors[name], passage) for passage, _, name, _, _ in rows])
        filled += len(rows)
    with connect() as connection:
        spaces.activate(connection, space)
    return filled
