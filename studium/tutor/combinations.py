"""What the tutor answers with: an embedding space, a chunking and a prompt. The one in force, and the one wanted.

That a wanted one is let in when it is no worse, is `trial`'s.
"""

from dataclasses import dataclass, replace

from psycopg import Connection

from studium.content import in_force, spaces
from studium.content.chunk import Chunking
from studium.settings import Settings
from studium.tutor import prompts

ACTIVE = "select space_id, model, dimension, version from content.spaces where status = 'active'"
TRIED = """
select from content.evaluations
where is_wanted and (space, chunking, prompt) = (%s, %s, %s) and evaluated_at > now() - interval '1 day' limit 1
"""


@dataclass(frozen=True, slots=True)
class Combination:
    """Space, chunking and prompt, by their names."""

    space_id: int
    space: str
    chunking: Chunking
    prompt: str


def standing(connection: Connection, settings: Settings) -> Combination | None:
    """What is in force; None before anything was embedded."""
    row = connection.execute(ACTIVE).fetchone()
    if row is None:
        return None
    chunking = in_force.first(connection, "chunking", in_force.wanted_chunking(settings).version)
    prompt = in_force.first(connection, "prompt", prompts.ANSWER)
    return Combination(row[0], " ".join(map(str, row[1:])), Chunking.parse(chunking), prompt)


def wanted(connection: Connection, settings: Settings) -> Combination | None:
    """What the settings and the code ask for, as far as it could answer now; None when that is in force.

    A space is ready when every passage has its vector there. Without a chat model no prompt is asked for.
    """
    old = standing(connection, settings)
    if old is None:
        return None
    new = replace(old, chunking=in_force.wanted_chunking(settings))
    if settings.chat_model:
        new = replace(new, prompt=prompts.ANSWER)
    space = spaces.open_spaces(connection, settings)[0]
    if spaces.is_whole(connection, space.space_id):
        named = space.embedder.space
        new = replace(new, space_id=space.space_id, space=f"{named.model} {named.dimension} {named.version}")
    return None if new == old else new


def is_new(connection: Connection, combination: Combination) -> bool:
    """Whether nobody tried it today: golden questions change, and so may what was held back."""
    tried = [combination.space, combination.chunking.version, combination.prompt]
    return connection.execute(TRIED, tried).fetchone() is None


def let_in(connection: Connection, combination: Combination) -> bool:
    """Put it in force; False when a document of this moment has no vector in its space yet."""
    if not spaces.take_over(connection, combination.space_id):
        return False
    in_force.let_in(connection, "chunking", combination.chunking.version)
    in_force.let_in(connection, "prompt", combination.prompt)
    return True
