"""A workload's network as an ONNX model, node by node: what exporters make of it, without their detours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from bench.peers.weights import Array, weights
from bench.workloads import Conv, Dense, Pool, Recurrent, Shape, Workload

OPSET, IR = 17, 8


class _Graph:
    """Nodes in a row, each of which reads what the one before put out."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.arrays: list[TensorProto] = []
        self.last = "inputs"

    def add(self, kind: str, *others: Array, unused: int = 0, **attributes: object) -> None:
        """others: inputs behind the first; empty ones are left out. unused: outputs in front of the one that counts."""
        names = []
        for array in others:
            names.append(f"array{len(self.arrays)}" if array.size else "")
            if array.size:
                self.arrays.append(numpy_helper.from_array(array, names[-1]))
        output = f"value{len(self.nodes)}"
        outputs = [*[""] * unused, output]
        self.nodes.append(helper.make_node(kind, [self.last, *names], outputs, **attributes))
        self.last = output


def model(workload: Workload, folder: Path) -> ModelProto:
    """`inputs` (n, *shape), images channels first, to `outputs` (n, classes)."""
    graph, own = _Graph(), iter(weights(workload, folder))
    for place in workload.placed():
        layer = place.layer
        arrays = next(own)[1] if place.parameters else {}
        if isinstance(layer, Dense):
            if len(place.inputs) > 1:
                graph.add("Flatten")
            graph.add("Gemm", arrays["weight"], arrays["bias"], transB=1)
        elif isinstance(layer, Conv):
            window = {"kernel_shape": [layer.kernel] * 2, "strides": [layer.stride] * 2, "pads": [layer.padding] * 4}
            graph.add("Conv", arrays["weight"], arrays["bias"], **window)
        elif isinstance(layer, Pool):
            graph.add("MaxPool", kernel_shape=[layer.size] * 2, strides=[layer.size] * 2)
        elif isinstance(layer, Recurrent) and layer.kind == "gru" and not layer.both:
            graph.add("Transpose", perm=[1, 0, 2])  # onnxruntime knows steps first alone
            graph.add("GRU", *_gru(arrays), unused=1, hidden_size=layer.units, linear_before_reset=1)
            graph.add("Squeeze", np.array([0], np.int64))
        else:
            raise ValueError(f"no node for {layer}")
        if getattr(layer, "activation", None) == "relu":
            graph.add("Relu")
    graph.nodes[-1].output[:] = ["outputs"]
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            workload.name,
            [_value("inputs", _channels_first(workload.inputs))],
            [_value("outputs", workload.placed()[-1].outputs)],
            graph.arrays,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR,
    )
    checker.check_model(made, full_check=True)
    return made


def _gru(arrays: dict[str, Array]) -> tuple[Array, ...]:
    """W, R and B: in PyTorch's order of gates reset is before update, in ONNX's behind it."""

    def ordered(array: Array) -> Array:
        reset, update, new = np.split(array, 3)
        return np.concatenate([update, reset, new])

    biases = np.concatenate([ordered(arrays[f"bias_{of}_l0"]) for of in ("ih", "hh")])
    return ordered(arrays["weight_ih_l0"])[None], ordered(arrays["weight_hh_l0"])[None], biases[None]


def _channels_first(shape: Shape) -> Shape:
    return (shape[-1], *shape[:-1]) if len(shape) == 3 else shape


def _value(name: str, shape: Shape) -> object:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape])
