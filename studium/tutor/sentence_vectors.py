"""Vectors of sentences, kept in memory: people of a course ask near the same pages. Nothing but numbers is shared."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studium.content.chunk import sha256

if TYPE_CHECKING:
    from studium.content.embed import Embedder, Space

Matrix = NDArray[np.float32]
MOST_KEPT = 20_000
"""30 MB of MiniLM's."""
_kept: "OrderedDict[tuple[Space, str], Matrix]" = OrderedDict()
_lock = Lock()


def vectors_of(embedder: "Embedder", texts: Sequence[str]) -> Matrix:
    """One row a text, of length 1; those that are not known are made together."""
    names = {sha256(text): text for text in texts}
    with _lock:
        rows = {name: _kept[embedder.space, name] for name in names if (embedder.space, name) in _kept}
    if missing := [name for name in names if name not in rows]:
        made = embedder.embed_matrix([names[name] for name in missing])
        lengths = np.linalg.norm(made, axis=1, keepdims=True)
        made /= np.where(lengths == 0, 1, lengths)
        # a row as it is would keep all that were made with it
        rows |= {name: row.copy() for name, row in zip(missing, made, strict=True)}
    with _lock:
        for name, row in rows.items():
            _kept[embedder.space, name] = row
            _kept.move_to_end((embedder.space, name))
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return np.array([rows[sha256(text)] for text in texts], np.float32)
