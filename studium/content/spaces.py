"""Embedding spaces: the one that answers, the one that is being built beside it, and the step from one to the other."""

import logging
from dataclasses import dataclass

from psycopg import Connection

from studium.content.embed import Embedder, open_embedder, open_named
from studium.content.minilm import ModelError
from studium.settings import Settings

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LiveSpace:
    """A space that passages written now must have their vectors in."""

    space_id: int
    is_active: bool
    embedder: Embedder


def open_spaces(connection: Connection, settings: Settings) -> list[LiveSpace]:
    """The installation's space, made if it is new, then the one that still answers if that is another.

    When the old model cannot be opened any more, what is written meanwhile is found by its words until the new space
    takes over.
    """
    embedder = open_embedder(settings)
    space = embedder.space
    [(space_id,)] = connection.execute(
        "select content.create_space(%s, %s, %s)", [space.model, space.dimension, space.version]
    ).fetchall()
    active = connection.execute(
        "select space_id, model, dimension, version from content.spaces where status = 'active'"
    ).fetchone()
    if active is None or active[0] == space_id:
        only = LiveSpace(space_id, active is not None, embedder)
        # the first space answers from the start: there is nothing yet that it lacks
        return [LiveSpace(space_id, activate(connection, only), embedder)]
    live = [LiveSpace(space_id, False, embedder)]
    try:
        answering = open_named(active[1])
    except (ImportError, ValueError, ModelError) as error:
        _log.warning("the active space's model %s cannot be opened: %s", active[1], error)
        return live
    if (answering.space.dimension, answering.space.version) == (active[2], active[3]):
        live.append(LiveSpace(active[0], True, answering))
    return live


def activate(connection: Connection, space: LiveSpace) -> bool:
    """Let a space answer once every passage has its vector there; whether it does now."""
    if space.is_active:
        return True
    row = connection.execute("select content.activate_space(%s)", [space.space_id]).fetchone()
    return bool(row and row[0])
