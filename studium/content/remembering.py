"""Vectors that were made lately, kept: many people ask about the same pages, and each sentence costs some 7 ms.

What a text's vector is stays the embedder's to say; nothing is kept beyond the process.
"""

from collections import OrderedDict
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from studium.content.embed import Embedder, Matrix

MOST = 16_384
"""Some 25 MB of vectors of 384 dimensions."""


class Remembering(Embedder):
    """An embedder that makes a text's vector once while it is asked for again and again; safe in many threads."""

    def __init__(self, embedder: Embedder, most: int = MOST) -> None:
        self.space = embedder.space
        self._embedder = embedder
        self._most = most
        self._known: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._lock = Lock()

    def embed_matrix(self, texts: list[str]) -> Matrix:
        """One row a text."""
        found = self._found(texts)
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            made = dict(zip(missing, self._embedder.embed_matrix(missing), strict=True))
            found |= made
            self._keep(made)
        return np.array([found[text] for text in texts], np.float32).reshape(len(texts), self.space.dimension)

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question; questions seldom come twice."""
        return self._embedder.embed_query(text)

    def _found(self, texts: list[str]) -> dict[str, NDArray[np.float32]]:
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
            for text in found:
                self._known.move_to_end(text)
        return found

    def _keep(self, made: dict[str, NDArray[np.float32]]) -> None:
        with self._lock:
            # a row of a matrix would hold all of it in memory
            self._known |= {text: vector.copy() for text, vector in made.items()}
            while len(self._known) > self._most:
                self._known.popitem(last=False)
