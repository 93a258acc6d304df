"""Vectors that are kept are those the embedder makes, and no more of them than told."""

import numpy as np

from studium.content.embed import Embedder, Matrix, Space
from studium.content.remembering import Remembering


class Counting(Embedder):
    space = Space("counting", 2, "1")

    def __init__(self) -> None:
        self.made: list[str] = []

    def embed_matrix(self, texts: list[str]) -> Matrix:
        self.made += texts
        return np.array([[len(text), ord(text[0])] for text in texts], np.float32).reshape(len(texts), 2)


def test_a_text_is_embedded_once_and_always_alike() -> None:
    counting = Counting()
    remembering, plain = Remembering(counting), Counting()
    for texts in (["a", "bb", "a"], ["bb", "ccc"], [], ["ccc", "a", "bb"]):
        assert remembering.embed_documents(texts) == plain.embed_documents(texts)
        assert remembering.embed_matrix(texts).shape == (len(texts), 2)
    assert counting.made == ["a", "bb", "ccc"]
    assert remembering.space == counting.space


def test_what_was_not_asked_for_longest_goes_first() -> None:
    counting = Counting()
    remembering = Remembering(counting, most=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        remembering.embed_documents([text])
    assert counting.made == ["a", "b", "c", "b"]
