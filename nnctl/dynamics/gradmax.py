"""New units that do nothing yet, and whose gradients are as large as they can be.

Source: Evci, van Merriënboer, Unterthiner, Pedregosa and Vladymyrov 2022, "GradMax: Growing neural networks using
gradient information", section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from nnctl.dynamics.channels import Channels
from nnctl.dynamics.new_channels import put, with_new_channels
from nnctl.dynamics.singular_vectors import right_singular_vectors
from nnctl.dynamics.structure import Structure
from nnctl.layers.layer import Layer
from nnctl.layers.linear import Linear
from nnctl.layers.operation import Array
from nnctl.model.network import Network
from nnctl.model.plan import NetworkPlan, plan_network

LEAST_SLOPE = 0.1  # of what lies between, at 0: with less, units that begin there hardly learn


def why_not(plan: NetworkPlan, channels: Channels) -> str:
    """What keeps the channels of a layer from being added by their gradients; empty where nothing does."""
    reader = channels.reader.rpartition(".")[0]
    planned = {layer.name: layer for layer in plan.layers}
    for name in (channels.layer, reader):
        if not isinstance(planned[name].layer, Linear):
            return f"{name} is a {planned[name].kind} layer, and the gradients of new outputs are known of linear ones"
    if planned[channels.layer].is_frozen:
        return f"{channels.layer} is frozen, so that outputs of weights of 0 would not learn"
    names = list(planned)
    between = [planned[name] for name in names[names.index(channels.layer) + 1 : names.index(reader)]]
    for other in between:
        if other.operation.outputs != planned[channels.layer].operation.outputs or other.parameters or other.buffers:
            return f"{other.name} ({other.kind}) lies between {channels.layer} and {reader}, and only activations may"
    value, slope = _at_zero([other.layer for other in between])
    names_between = " and ".join(other.kind for other in between)
    if value:
        return f"the {names_between} of 0 is {value:.3g}, so that outputs of weights of 0 would not be 0"
    if abs(slope) < LEAST_SLOPE:
        return f"the derivative of {names_between} at 0 is {slope:.3g}, so that outputs of weights of 0 would not learn"
    return ""


def with_largest_gradients(
    structure: Structure,
    layer: str,
    more: int,
    gradients: Callable[[Structure], Mapping[str, Array]],
    generator: np.random.Generator,
) -> Structure:
    """The structure with `more` new channels behind those of a layer, for which `why_not` has no reason.

    What makes them is 0, so that the network computes what it did. What reads them are the directions in which the
    gradient of what makes them is largest, at most one for each output of the reader, as long as those that read the
    others are in the mean. gradients: of the parameters of a structure.
    """
    channels = structure.channels[layer]
    count, outputs = channels.count, structure.arrays[channels.reader].shape[-1]
    probe = _read_by(_silent(structure, layer, outputs, generator), layer, count, np.eye(outputs))
    by_output = gradients(probe)[channels.weight][..., count:]
    start = generator.normal(size=(more, outputs))
    directions = right_singular_vectors(by_output.reshape(-1, outputs), more, start)
    lengths = np.sqrt(np.square(structure.arrays[channels.reader].astype(np.float64)).sum(axis=1))
    return _read_by(_silent(structure, layer, more, generator), layer, count, directions * lengths.mean())


def _silent(structure: Structure, layer: str, more: int, generator: np.random.Generator) -> Structure:
    """With new channels that weights of 0 make."""
    wider = with_new_channels(structure, layer, more, generator)
    channels, before = wider.channels[layer], structure.channels[layer].count
    arrays = {name: put(wider.arrays[name], 0.0, before, channels.count) for name in channels.arrays}
    return replace(wider, arrays={**wider.arrays, **arrays})


def _read_by(structure: Structure, layer: str, first: int, rows: Array) -> Structure:
    """With these weights, (M, out), reading the channels of a layer from `first` on."""
    reader = structure.channels[layer].reader
    weight = structure.arrays[reader].copy()
    weight[first:] = rows
    return replace(structure, arrays={**structure.arrays, reader: weight})


def _at_zero(layers: list[Layer]) -> tuple[float, float]:
    """What layers make of an input of 0, and the derivative there."""
    if not layers:
        return 0.0, 1.0
    network = Network(plan_network(layers, (1,)), 1, "float64")
    network.inputs(1)[...] = 0.0
    network.forward(1)
    value, slope = float(network.outputs(1).item()), np.zeros((1, 1))
    network.d_outputs(1)[...] = 1.0
    network.backward(1, d_inputs=slope)
    return value, slope.item()
