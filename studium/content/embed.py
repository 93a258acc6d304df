"""Texts to vectors: the model that comes with Studium, or any LangChain embeddings, each with the space it spans.

Where vectors are kept, and which space answers, belongs to `store` and `spaces`.
"""

import os
from abc import abstractmethod
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from studium.content import minilm
from studium.settings import Settings

Matrix = NDArray[np.float32]
MINILM = "minilm"
LARGEST_DIMENSION = 4000  # what an HNSW index over halfvec takes


@dataclass(frozen=True)
class Space:
    """What makes two vectors comparable: the model, its dimension, and the exact version of it."""

    model: str
    dimension: int
    version: str


class Embedder(Embeddings):
    """LangChain embeddings that know their space."""

    space: Space

    @abstractmethod
    def embed_matrix(self, texts: list[str]) -> Matrix:
        """One row a text."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Vectors of passages."""
        return [[float(x) for x in row] for row in self.embed_matrix(texts)]

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        return self.embed_documents([text])[0]


class MiniLM(Embedder):
    """all-MiniLM-L6-v2 on this machine; safe to use from many threads."""

    def __init__(self, model: minilm.MiniLMModel, workers: int) -> None:
        self._model = model
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="minilm")
        self.space = Space(MINILM, minilm.DIMENSION, model.sha256[:16])

    def embed_matrix(self, texts: list[str]) -> Matrix:
        """One row a text; the longest go first, so that no worker is left with one at the end."""
        matrix = np.empty((len(texts), minilm.DIMENSION), np.float32)
        encoded = [encoding.ids for encoding in self._model.tokenizer.encode_batch_fast(texts)]
        order = sorted(range(len(texts)), key=lambda index: -len(encoded[index]))
        for index, vector in zip(order, self._pool.map(self._model.embed, (encoded[i] for i in order)), strict=True):
            matrix[index] = vector
        return matrix

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question, in the caller's thread."""
        return [float(x) for x in self._model.embed(self._model.tokenizer.encode(text).ids)]


class Named(Embedder):
    """Embeddings of another provider, by LangChain's name for them."""

    def __init__(self, name: str, embeddings: Embeddings) -> None:
        self._embeddings = embeddings
        dimension = len(embeddings.embed_query("dimension"))
        if not 0 < dimension <= LARGEST_DIMENSION:
            raise ValueError(f"{name} has {dimension} dimensions; at most {LARGEST_DIMENSION} can be searched")
        self.space = Space(name, dimension, "1")

    def embed_matrix(self, texts: list[str]) -> Matrix:
        """One row a text; batching and retries are the provider's."""
        rows = self._embeddings.embed_documents(texts)
        return np.array(rows, np.float32).reshape(len(texts), self.space.dimension)

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question; some providers make it another way than a passage's."""
        return self._embeddings.embed_query(text)


def open_embedder(settings: Settings) -> Embedder:
    """The installation's embedder (`STUDIUM_EMBEDDINGS`), opened once a process."""
    return open_named(settings.embeddings)


@cache
def open_named(name: str) -> Embedder:
    """`minilm`, or the embeddings LangChain knows by this name; `ValueError` or `ImportError` says what is missing."""
    if name == MINILM:
        return MiniLM(minilm.load(), workers=usable_cores())
    from langchain.embeddings import init_embeddings

    return Named(name, init_embeddings(name))


def usable_cores(most: int = 8) -> int:
    """Cores this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, most)
