"""Embedders: the one that comes along, and any other by LangChain's name."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from other_embeddings import provided

from studium.content.embed import MINILM, Space, open_embedder, open_named
from studium.content.minilm import load
from studium.settings import Settings

TEXTS = [
    "Xylem carries water from the roots to the leaves.",
    "Beta blockers slow the heart.",
    "Phloem carries sugar. " * 60,
    "",
]


def test_embedder_that_comes_along() -> None:
    embedder = open_embedder(Settings(_env_file=None))
    assert embedder.space == Space(MINILM, 384, load().sha256[:16])
    vectors = np.array(embedder.embed_documents(TEXTS))
    assert vectors.shape == (4, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    question = np.array(embedder.embed_query("How does water move through a plant?"))
    assert question @ vectors[0] > question @ vectors[1] + 0.3


def test_vector_depends_on_its_text_alone() -> None:
    """Content-addressing and tests rely on it; int8 batches would not keep it."""
    embedder = open_named(MINILM)
    together = embedder.embed_matrix(TEXTS)
    alone = np.concatenate([embedder.embed_matrix([text]) for text in TEXTS])
    assert np.array_equal(together, alone)
    assert np.array_equal(np.array(embedder.embed_query(TEXTS[0]), np.float32), together[0])


def test_nothing_to_embed_is_no_vectors() -> None:
    assert open_named(MINILM).embed_documents([]) == []


def test_many_threads_ask_at_once() -> None:
    embedder = open_named(MINILM)
    expected = embedder.embed_matrix(TEXTS)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: embedder.embed_matrix(TEXTS), range(16)))
    assert all(np.array_equal(answer, expected) for answer in answers)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with provided(monkeypatch) as name:
        yield name


def test_any_embeddings_by_name(provider: str) -> None:
    embedder = open_embedder(Settings(embeddings=f"{provider}-16", _env_file=None))
    assert embedder.space == Space(f"{provider}-16", 16, "1")
    assert embedder.embed_matrix(TEXTS).shape == (4, 16)
    assert len(embedder.embed_query("why")) == 16


def test_vectors_too_long_to_search_are_refused(provider: str) -> None:
    with pytest.raises(ValueError, match="at most 4000"):
        open_named(f"{provider}-5000")


def test_missing_provider_says_what_to_install() -> None:
    with pytest.raises(ImportError, match="cohere"):
        open_named("cohere:embed-english-v3.0")


def test_model_is_part_of_the_installation_not_of_a_home() -> None:
    from studium.content.minilm import model_path

    assert model_path().is_relative_to(Path(sys.prefix))
