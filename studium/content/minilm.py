"""The embedding model that comes with Studium: all-MiniLM-L6-v2, its published weights turned into int8 ONNX once.

`python -m studium.content.minilm` builds it (`make install` does); a missing or damaged file is built at first use.
A build whose vectors stray from the published model's is refused. Embedding with it belongs to `embed`.
"""

import hashlib
import json
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studium.content import built_models
from studium.content.built_models import ModelError
from studium.content.tokens import MODEL_TOKENS, load_tokenizer

DIMENSION = 384
REFERENCE = Path(__file__).with_name("minilm_reference.json")
SMALLEST_COSINE = 0.97
"""int8 stays above 0.98 on these texts; a wrong layer, pooling or tokenizer falls below 0.9."""


class MiniLMModel:
    """A checked session; `embed` is safe to call from many threads at once."""

    def __init__(self, path: Path) -> None:
        self.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        self._session = built_models.open_session(path)
        self.tokenizer = load_tokenizer()
        self.tokenizer.enable_truncation(MODEL_TOKENS)

    def embed(self, token_ids: list[int]) -> NDArray[np.float32]:
        """The vector of one text.

        One text a run: int8 activations are scaled over the whole batch, so in company a text's vector would depend
        on its neighbours. Two such runs side by side are also as fast as any batch (145 texts/s against 72-140 here).
        """
        ids = np.array([token_ids], np.int64)
        output = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        vector: NDArray[np.float32] = np.asarray(output[0], np.float32)[0]
        return vector


def model_path() -> Path:
    """Where the built model lies."""
    return built_models.FOLDER / "all-MiniLM-L6-v2-int8.onnx"


@cache
def load() -> MiniLMModel:
    """The process's model, built first when it is missing or damaged."""
    return built_models.load(model_path(), checked, _build)


def checked(path: Path) -> MiniLMModel:
    """Open the model at `path` and compare it with the published one's vectors; `ModelError` when it strays."""
    try:
        model = MiniLMModel(path)
    except Exception as error:  # onnxruntime raises a class of its own for every kind of damage
        raise ModelError(f"{path} cannot be read as a model ({error}); delete it and run `make install`") from error
    for known in json.loads(REFERENCE.read_text(encoding="utf-8")):
        vector = model.embed(model.tokenizer.encode(known["text"]).ids)
        expected = np.array(known["vector"], np.float32)
        cosine = float(vector @ expected / np.linalg.norm(vector) / np.linalg.norm(expected))
        if not cosine >= SMALLEST_COSINE:  # a NaN must fail too
            raise ModelError(f"{path} is not all-MiniLM-L6-v2: cosine {cosine:.3f} to the published vectors")
    return model


def install(path: Path) -> None:
    """Build the model at `path`; see `built_models.install`."""
    built_models.install(path, checked, _build)


def _build(target: Path) -> None:
    from studium.content import minilm_graph

    built_models.write_quantized(minilm_graph.build(built_models.published_weights()), target)


if __name__ == "__main__":
    print(f"{model_path()} {load().sha256}")  # noqa: T201 - what the person who installs wants to see
