"""Weights of a BERT sentence encoder in, an ONNX model out: token ids to unit vectors, mean pooled."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

Weights = Mapping[str, NDArray[np.float32]]

HEADS = 12
"""Attention heads; the one number of the architecture that the shapes of the weights do not tell."""
LAYER_NORM_EPSILON = 1e-12
OPSET = 20
"""The first with Gelu as one operator."""
IR_VERSION = 10


def build(weights: Weights) -> tuple[bytes, dict[str, NDArray[np.float32]]]:
    """Write the encoder as an ONNX model whose large tensors stay outside of it.

    The model maps `ids` (int64, texts x tokens) and `mask` (float32, the same shape: 1 for a token, 0 for padding) to
    `vectors` (float32, texts x width) of length 1.

    Args:
        weights: by their names in Hugging Face's BertModel.

    Returns:
        The serialised model, a few KB, and the tensors that it names as external, to be handed to the session: so the
        weights are in memory once, not three times.

    Raises:
        KeyError: a tensor of the architecture is missing; names it.
    """
    from onnx import TensorProto, helper

    graph = _Graph()
    vectors = _encoder(graph, weights)
    graph.nodes.append(helper.make_node("Identity", [vectors], ["vectors"]))
    width = weights["embeddings.word_embeddings.weight"].shape[1]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "sentence-encoder",
            [
                helper.make_tensor_value_info("ids", TensorProto.INT64, ["texts", "tokens"]),
                helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["texts", "tokens"]),
            ],
            [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", width])],
            graph.constants + [_external(name, array) for name, array in graph.weights.items()],
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    return model.SerializeToString(), graph.weights


def _encoder(graph: "_Graph", weights: Weights) -> str:
    add, integers = graph.add, graph.integers

    def tensor(name: str) -> str:
        return graph.weight(name, weights[name])

    def normalised(x: str, name: str) -> str:
        scale, bias = tensor(f"{name}.weight"), tensor(f"{name}.bias")
        return add("LayerNormalization", x, scale, bias, axis=-1, epsilon=LAYER_NORM_EPSILON)

    def dense(x: str, *names: str) -> str:
        """One product for several linear layers with the same input; their outputs lie side by side."""
        weight = graph.weight("+".join(names) + ".weight", np.concatenate([weights[f"{n}.weight"] for n in names]))
        bias = graph.weight("+".join(names) + ".bias", np.concatenate([weights[f"{n}.bias"] for n in names]))
        return add("Gemm", x, weight, bias, transB=1)

    width = weights["embeddings.word_embeddings.weight"].shape[1]
    head_width = width // HEADS
    # All tokens of all texts are rows of one matrix; only attention needs to know which text they belong to.
    rows = integers(-1, width)
    shape = add("Shape", "ids")
    heads_shape = add("Concat", shape, integers(3, HEADS, head_width), axis=0)
    texts_shape = add("Concat", shape, integers(width), axis=0)
    # Large enough that the softmax of padding is exactly 0, so that a vector does not depend on how far it was padded.
    padding = add("Mul", add("Sub", graph.number(1.0), "mask"), graph.number(-1e9))
    padding = add("Unsqueeze", padding, integers(1, 2))

    # There is one segment only, so its embedding is part of the position's.
    positions = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    length = add("Gather", shape, integers(1), axis=0)
    position = add("Slice", graph.weight("positions", positions), integers(0), length, integers(0))
    x = add("Add", add("Gather", tensor("embeddings.word_embeddings.weight"), "ids"), position)
    x = add("Reshape", normalised(x, "embeddings.LayerNorm"), rows)

    for layer in range(_layers(weights)):
        name = f"encoder.layer.{layer}"
        projected = dense(x, *(f"{name}.attention.self.{part}" for part in ("query", "key", "value")))
        # texts, tokens, 3, heads, head width -> 3, texts, heads, tokens, head width
        heads = add("Transpose", add("Reshape", projected, heads_shape), perm=[2, 0, 3, 1, 4])
        query, key, value = (add("Gather", heads, graph.index(part), axis=0) for part in range(3))
        query = add("Mul", query, graph.number(head_width**-0.5))
        affinity = add("Add", add("MatMul", query, add("Transpose", key, perm=[0, 1, 3, 2])), padding)
        context = add("MatMul", add("Softmax", affinity, axis=-1), value)
        context = add("Reshape", add("Transpose", context, perm=[0, 2, 1, 3]), rows)
        attended = dense(context, f"{name}.attention.output.dense")
        x = normalised(add("Add", x, attended), f"{name}.attention.output.LayerNorm")
        inner = add("Gelu", dense(x, f"{name}.intermediate.dense"))
        x = normalised(add("Add", x, dense(inner, f"{name}.output.dense")), f"{name}.output.LayerNorm")

    masked = add("Mul", add("Reshape", x, texts_shape), add("Unsqueeze", "mask", integers(2)))
    total = add("ReduceSum", masked, integers(1), keepdims=0)
    mean = add("Div", total, add("ReduceSum", "mask", integers(1), keepdims=1))
    return add("LpNormalization", mean, axis=-1, p=2)


def _layers(weights: Weights) -> int:
    return 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))


def _external(name: str, array: NDArray[np.float32]) -> "TensorProto":
    from onnx import TensorProto

    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=array.shape)
    tensor.data_location = TensorProto.EXTERNAL
    # The format wants a file; none is opened, because the session is given the tensor itself.
    tensor.external_data.add(key="location", value="in-memory")
    return tensor


class _Graph:
    """Nodes and tensors of a graph being written; every method returns the name of what it added."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self.weights: dict[str, NDArray[np.float32]] = {}

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        output = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def weight(self, name: str, array: NDArray[np.float32]) -> str:
        self.weights[name] = np.ascontiguousarray(array, dtype=np.float32)
        return name

    def integers(self, *values: int) -> str:
        return self._constant(np.array(values, dtype=np.int64))

    def index(self, value: int) -> str:
        return self._constant(np.array(value, dtype=np.int64))

    def number(self, value: float) -> str:
        return self._constant(np.array(value, dtype=np.float32))

    def _constant(self, array: NDArray[np.int64] | NDArray[np.float32]) -> str:
        from onnx import numpy_helper

        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name
