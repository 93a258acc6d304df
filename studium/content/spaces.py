"""Embedding spaces: the one that answers, the one that is being built beside it, and the step from one to the other."""

import logging
from dataclasses import dataclass

from psycopg import Connection

from studium.content.embed import Embedder, Space, open_embedder, open_named
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
    """The installation's space, made if it is new, then the one that answers until the new one is let in.

    When the old model cannot be opened any more, what is written meanwhile is found by its words until the new space
    takes over.
    """
    embedder = open_embedder(settings)
    space_id = _id_of(connection, embedder.space)
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


def _id_of(connection: Connection, space: Space) -> int:
    facts = [space.model, space.dimension, space.version]
    known = connection.execute(
        "select space_id from content.spaces where (model, dimension, version) = (%s, %s, %s)", facts
    ).fetchone()
    # to make one locks the vectors against those who write them
    row = known or connection.execute("select content.create_space(%s, %s, %s)", facts).fetchone()
    assert row is not None  # noqa: S101 - a function always returns
    return int(row[0])


def activate(connection: Connection, space: LiveSpace) -> bool:
    """Let the first space of an installation answer once it is whole; whether it does now.

    One that is to take another's place is let in by its evaluation (`studium.tutor.trial`).
    """
    if space.is_active:
        return True
    if connection.execute("select from content.spaces where status = 'active'").fetchone() is not None:
        return False
    return take_over(connection, space.space_id)


def take_over(connection: Connection, space_id: int) -> bool:
    """Let a space answer, if every passage has its vector there; whether it does now."""
    row = connection.execute("select content.activate_space(%s)", [space_id]).fetchone()
    return bool(row and row[0])


def is_whole(connection: Connection, space_id: int) -> bool:
    """Whether every passage has its vector in a space."""
    lacking = connection.execute(
        "select from content.passages as p where not exists (select from content.vectors as v "
        "where v.space_id = %s and v.passage_id = p.passage_id) limit 1",
        [space_id],
    ).fetchone()
    return lacking is None
