"""Which chunking and which prompt are in force: what questions are answered with until an evaluation lets others in.

The first version of a part is in force at once. Which embedding space answers is `spaces`' to say.
"""

from typing import Literal
from uuid import UUID

from psycopg import Connection

from studium.content.chunk import RULE, Chunking
from studium.settings import Settings

Part = Literal["chunking", "prompt"]


def version(connection: Connection, part: Part, otherwise: str) -> str:
    """The version in force; where there is none yet, `otherwise`."""
    row = connection.execute("select version from content.in_force where part = %s", [part]).fetchone()
    return str(row[0]) if row else otherwise


def first(connection: Connection, part: Part, wanted: str) -> str:
    """The version in force, which is `wanted` from now on if there was none."""
    connection.execute(
        "insert into content.in_force (part, version) values (%s, %s) on conflict do nothing", [part, wanted]
    )
    return version(connection, part, wanted)


def let_in(connection: Connection, part: Part, wanted: str) -> None:
    """Put a version in force."""
    connection.execute(
        "insert into content.in_force (part, version) values (%s, %s) on conflict (part) "
        "do update set version = excluded.version, since = now() where in_force.version <> excluded.version",
        [part, wanted],
    )


def wanted_chunking(settings: Settings) -> Chunking:
    """The one the settings ask for."""
    return Chunking(settings.chunk_tokens, settings.passage_tokens)


def chunking(connection: Connection, settings: Settings) -> Chunking:
    """How documents are cut now; by an older rule nothing can be cut any more, what was stays."""
    wanted = wanted_chunking(settings)
    found = Chunking.parse(first(connection, "chunking", wanted.version))
    return found if found.rule == RULE else wanted


def cut_otherwise(connection: Connection) -> list[UUID]:
    """Documents that were read before the chunking in force was."""
    rows = connection.execute(
        "select document_id from content.documents where status = 'ready' and chunking is distinct from "
        "(select version from content.in_force where part = 'chunking') order by course_id, document_id"
    )
    return [row[0] for row in rows]
