"""Another provider of embeddings, as LangChain would find it: none of the real ones is installed, or reachable.

`init_embeddings` keeps the class it has found once, so that every test needs this same one.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding

from studium.content.embed import open_named

NAME = "ollama:other"


class OllamaEmbeddings(DeterministicFakeEmbedding):
    """The same vector for the same text; `other-16` has 16 dimensions."""

    def __init__(self, model: str) -> None:
        super().__init__(size=int(model.rpartition("-")[2]))


@contextmanager
def provided(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The provider's name, to which `-<dimension>` is added."""
    package = ModuleType("langchain_ollama")
    package.OllamaEmbeddings = OllamaEmbeddings  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, package.__name__, package)
    monkeypatch.setattr("importlib.util.find_spec", lambda *names: package)
    open_named.cache_clear()
    yield NAME
    open_named.cache_clear()
