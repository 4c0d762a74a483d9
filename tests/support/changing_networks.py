"""Networks to change: drawn at random, filled, and what they compute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnctl import random
from nnctl.dynamics.structure import Structure, by_name
from nnctl.layers.operation import Shape
from nnctl.model.network import Network
from nnctl.model.plan import plan_network
from tests.support.specs import layers_of

ACTIVATIONS = (None, "relu", "tanh", {"type": "prelu", "per_channel": True}, "prelu")
BETWEEN = ("batch_norm", "dropout", "sigmoid", "gelu")


def filled(layers: list[Any], inputs: Shape, seed: int = 1, precision: str = "float64") -> Structure:
    """A structure with random numbers in each of its arrays, positive ones in those of variances; connections as a run
    begins with them.
    """
    made = layers_of(layers)
    network = Network(plan_network(made, inputs), 1, precision)
    network.initialize(seed)
    generator = random.generator(seed, "numbers of a network")
    kept = network.kept()
    places = {name: array.copy() for name, array in kept.items() if np.issubdtype(array.dtype, np.integer)}
    arrays = {name: generator.normal(0.0, 0.5, array.shape) for name, array in kept.items() if name not in places}
    for name, array in arrays.items():
        if name.endswith("running_var"):
            arrays[name] = 0.5 + np.abs(array)
    numbers = {name: array.astype(precision) for name, array in arrays.items()}
    return Structure(tuple(made), inputs, {**numbers, **places})


def network_of(structure: Structure, samples: int) -> Network:
    """In memory, with the precision of its arrays."""
    precision = next(iter(structure.arrays.values())).dtype.name
    made = Network(structure.plan, samples, precision)
    made.load(dict(structure.arrays))
    return made


def outputs_of(structure: Structure, inputs: NDArray[Any]) -> NDArray[Any]:
    """Of the network in evaluation. inputs: (N, …)."""
    made, n = network_of(structure, len(inputs)), len(inputs)
    made.inputs(n)[...] = inputs
    made.forward(n)
    return made.outputs(n).copy()


def gradients_of(structure: Structure, inputs: NDArray[Any], d_outputs: NDArray[Any]) -> Mapping[str, NDArray[Any]]:
    """By name of each parameter, in evaluation."""
    made, n = network_of(structure, len(inputs)), len(inputs)
    made.inputs(n)[...] = inputs
    made.forward(n)
    made.d_outputs(n)[...] = d_outputs
    made.backward(n)
    return by_name(structure.plan, made.gradients.copy())


def samples_of(inputs: Shape, seed: int = 2, samples: int = 3) -> NDArray[np.float64]:
    return random.generator(seed, "samples").normal(size=(samples, *inputs))


@st.composite
def networks(draw: st.DrawFn) -> Structure:
    """Of linear layers and convolutions with what lies between them, and a residual block here and there."""
    kind = draw(st.sampled_from(["row", "steps", "image"]))
    inputs: Shape = {"row": (3,), "steps": (5, 3), "image": (4, 5, 2)}[kind]
    layers: list[Any] = []
    for _ in range(draw(st.integers(1, 2))):
        layers += _maker(draw, kind) + _between(draw, kind)
        if draw(st.booleans()):
            inner = _maker(draw, kind) + _between(draw, kind, pools=False) + _maker(draw, kind)
            layers += [{"type": "residual", "layers": inner, "activation": draw(st.sampled_from((None, "relu")))}]
            layers += _maker(draw, kind)
    if kind != "row":
        layers += [draw(st.sampled_from(["flatten", {"image": "global_avg_pool", "steps": "mean_over_steps"}[kind]]))]
        layers += [*draw(st.sampled_from([[], ["batch_norm"]])), {"type": "linear", "out_features": 3}]
    return filled([*layers, {"type": "linear", "out_features": 2}], inputs, draw(st.integers(0, 99)))


def _maker(draw: st.DrawFn, kind: str) -> list[Any]:
    count, activation = draw(st.integers(1, 4)), draw(st.sampled_from(ACTIVATIONS))
    if kind == "row" or (kind == "steps" and draw(st.booleans())):
        bias = draw(st.sampled_from([False, 0]))
        return [{"type": "linear", "out_features": count, "activation": activation, "bias": bias}]
    name = {"steps": "conv1d", "image": "conv2d"}[kind]
    size = draw(st.sampled_from([1, 3]))
    return [{"type": name, "out_channels": count, "kernel_size": size, "padding": "same", "activation": activation}]


def _between(draw: st.DrawFn, kind: str, *, pools: bool = True) -> list[Any]:
    found: list[Any] = draw(st.lists(st.sampled_from(BETWEEN), max_size=2))
    if kind == "image" and draw(st.booleans()):
        found.append({"type": "depthwise_conv2d", "kernel_size": 3, "padding": "same"})
    if kind == "image" and pools and draw(st.booleans()):
        found.append({"type": draw(st.sampled_from(["max_pool2d", "avg_pool2d"])), "kernel_size": 2, "padding": "same"})
    return found
