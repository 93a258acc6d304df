"""all-MiniLM-L6-v2 as an ONNX graph: BERT encoder, masked mean, unit length, built from plain weight arrays.

Only the installation imports this (`studium.content.minilm`); onnx is not needed to run the model.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

LAYERS, HEADS, WIDTH = 6, 12, 384
HEAD_WIDTH = WIDTH // HEADS
OPSET = 20  # the first with LayerNormalization and Gelu as operators
LAYER_NORM_EPSILON = 1e-12

Weights = Mapping[str, NDArray[np.float32]]


class _Graph:
    """Nodes and constants in the order they are added; names are counted, so that a build repeats byte for byte."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        # ascontiguousarray would turn a scalar into a vector, which Slice and friends refuse
        self.constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def add(self, operator: str, *inputs: str, outputs: int = 1, **attributes: Any) -> str:
        name = f"{operator}_{len(self.nodes)}"
        names = [name] if outputs == 1 else [f"{name}_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, name=name, **attributes))
        return name

    def linear(self, x: str, name: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
        product = self.add("MatMul", x, self.constant(f"{name}.weight", weight.T))
        return self.add("Add", product, self.constant(f"{name}.bias", bias))

    def layer_norm(self, x: str, name: str, weights: Weights) -> str:
        scale = self.constant(f"{name}.weight", weights[f"{name}.weight"])
        bias = self.constant(f"{name}.bias", weights[f"{name}.bias"])
        return self.add("LayerNormalization", x, scale, bias, epsilon=LAYER_NORM_EPSILON, axis=-1)


def _attention(graph: _Graph, x: str, mask: str, prefix: str, weights: Weights) -> str:
    names = [f"{prefix}.self.{part}" for part in ("query", "key", "value")]
    fused_weight = np.concatenate([weights[f"{name}.weight"] for name in names])
    fused_bias = np.concatenate([weights[f"{name}.bias"] for name in names])
    fused = graph.linear(x, f"{prefix}.self", fused_weight, fused_bias)
    heads = graph.add("Transpose", graph.add("Reshape", fused, "by_head"), perm=[2, 0, 3, 1, 4])
    split = graph.add("Split", heads, outputs=3, axis=0, num_outputs=3)
    query, key, value = (graph.add("Squeeze", f"{split}_{index}", "axis_0") for index in range(3))
    scores = graph.add("MatMul", query, graph.add("Transpose", key, perm=[0, 1, 3, 2]))
    scaled = graph.add("Add", graph.add("Mul", scores, "attention_scale"), mask)
    mixed = graph.add("MatMul", graph.add("Softmax", scaled, axis=-1), value)
    joined = graph.add("Reshape", graph.add("Transpose", mixed, perm=[0, 2, 1, 3]), "by_token")
    dense = f"{prefix}.output.dense"
    projected = graph.linear(joined, dense, weights[f"{dense}.weight"], weights[f"{dense}.bias"])
    return graph.layer_norm(graph.add("Add", projected, x), f"{prefix}.output.LayerNorm", weights)


def _layer(graph: _Graph, x: str, mask: str, prefix: str, weights: Weights) -> str:
    x = _attention(graph, x, mask, f"{prefix}.attention", weights)
    wide, narrow = f"{prefix}.intermediate.dense", f"{prefix}.output.dense"
    hidden = graph.add("Gelu", graph.linear(x, wide, weights[f"{wide}.weight"], weights[f"{wide}.bias"]))
    out = graph.linear(hidden, narrow, weights[f"{narrow}.weight"], weights[f"{narrow}.bias"])
    return graph.layer_norm(graph.add("Add", out, x), f"{prefix}.output.LayerNorm", weights)


def _embeddings(graph: _Graph, weights: Weights) -> str:
    words = graph.constant("word_embeddings", weights["embeddings.word_embeddings.weight"])
    # every text is one segment: its type vector is folded into the positions
    places = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    length = graph.add("Shape", "input_ids", start=1, end=2)
    positions = graph.add("Slice", graph.constant("positions", places), "axis_0", length)
    found = graph.add("Gather", words, "input_ids", axis=0)
    return graph.layer_norm(graph.add("Add", found, positions), "embeddings.LayerNorm", weights)


def _pooled(graph: _Graph, x: str, mask: str) -> str:
    weight = graph.add("Unsqueeze", mask, "axis_last")
    total = graph.add("ReduceSum", graph.add("Mul", x, weight), "axis_1", keepdims=0)
    mean = graph.add("Div", total, graph.add("ReduceSum", mask, "axis_1", keepdims=1))
    norm = graph.add("ReduceL2", mean, "axis_last", keepdims=1)
    return graph.add("Div", mean, graph.add("Max", norm, "smallest_norm"))


def build(weights: Weights) -> onnx.ModelProto:
    """The fp32 graph: `input_ids` and `attention_mask` (int64, batch x tokens) in, `embedding` (unit length) out."""
    graph = _Graph()
    graph.constant("axis_0", np.array([0], np.int64))
    graph.constant("axis_1", np.array([1], np.int64))
    graph.constant("axis_last", np.array([-1], np.int64))
    graph.constant("heads_axes", np.array([1, 2], np.int64))
    graph.constant("by_head", np.array([0, 0, 3, HEADS, HEAD_WIDTH], np.int64))
    graph.constant("by_token", np.array([0, 0, WIDTH], np.int64))
    graph.constant("attention_scale", np.array(HEAD_WIDTH**-0.5, np.float32))
    graph.constant("one", np.array(1, np.float32))
    graph.constant("hidden_score", np.array(-10000, np.float32))
    graph.constant("smallest_norm", np.array(1e-12, np.float32))
    seen = graph.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    hidden = graph.add("Mul", graph.add("Sub", "one", seen), "hidden_score")
    mask = graph.add("Unsqueeze", hidden, "heads_axes")
    x = _embeddings(graph, weights)
    for index in range(LAYERS):
        x = _layer(graph, x, mask, f"encoder.layer.{index}", weights)
    graph.nodes.append(helper.make_node("Identity", [_pooled(graph, x, seen)], ["embedding"], name="embedding"))
    shape = ["batch", "tokens"]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in ("input_ids", "attention_mask")]
    output = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", WIDTH])
    body = helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", inputs, [output], graph.constants)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="studium")
    model.ir_version = 10  # what opset 20 needs; newer ones shut out older runtimes
    onnx.checker.check_model(model)
    return model
