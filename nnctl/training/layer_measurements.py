"""What the arrays of a network say of a training step, layer by layer, once the step is done.

Nothing is added to a step: its activations and gradients stay in the network's buffers until the next one, where NumPy
reads them on the host.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.layers.chain import Link
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Array, Arrays
from nnctl.layers.regularization import Regularization, WeightedLayer
from nnctl.model.network import Network

SAMPLES = 32  # of a batch, that are looked at
MOST_ROWS = 512  # of their positions or steps, evenly spaced
MOST = 1 << 13  # numbers of an array that are read for its size: then it is within some percent
CLOSE = 0.01  # of the range of an activation: what is closer to an end counts as there
MOST_STEPS = 16  # of a sequence, that are told

Parameters = dict[str, NDArray[Any]]
"""By layer: its parameters, side by side; of large layers without penalties, evenly spaced ones."""

Measured = dict[str, dict[str, Any]]
"""By layer: `outputs`, `d_outputs`, `gradient`, `weight` (root mean squares), `update` (the size of the step's change
of the parameters, relative to them), `stuck` (share of units at a limit of their activation for every sample),
`saturated` (share of outputs near the ends of their range), `by_step` (gradients of a recurrent layer, by step)."""


class LayerMeasurements:
    """Of one network, whose arrays stay where they are."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._spans = network.spans()
        self._penalized = {layer.name for layer in network.plan.layers if _penalty(layer.layer) is not None}
        self._layers: dict[tuple[int, int], list[tuple[str, Link, Arrays]]] = {}  # by batch size and layers that train

    def parameters(self) -> Parameters:
        """A copy of those that are looked at: for `measure`, before the step."""
        now = self._network.device.to_host(self._network.parameters)
        parts = {name: now[span.part] for name, span in self._spans.items()}
        return {name: np.array(own if name in self._penalized else _some(own)) for name, own in parts.items()}

    def measure(self, n: int, epoch: int, before: Parameters, clipped: float = 1.0) -> Measured:
        """After a training step on a batch of n samples, in this epoch. before: the parameters before it.

        clipped: what the gradients of the parameters were multiplied by. Numbers have four digits that count.
        """
        key = n, sum(span.is_trained(epoch) for span in self._spans.values())
        if key not in self._layers:  # of layers that hold others, those inside
            self._layers[key] = [each for each in self._network.walk(n, epoch) if not each[1].operation.chains]
        after = self._network.device.to_host(self._network.parameters)
        with np.errstate(over="ignore", invalid="ignore"):
            return {name: self._one(name, link, its, before, after, clipped) for name, link, its in self._layers[key]}

    def _one(
        self, name: str, link: Link, arrays: Arrays, before: Parameters, after: NDArray[Any], clipped: float
    ) -> dict[str, Any]:
        host = self._network.device.to_host
        own = self._activations(link, arrays)
        if arrays.gradients:
            span = self._spans[name]
            gradients = zip(arrays.gradients.values(), span.shapes, strict=True)
            shaped = [host(gradient).reshape(shape) for gradient, shape in gradients]
            own |= _parameters(_penalty(link.layer), shaped, before[name], after[span.part], clipped)
        if (steps := link.operation.gradients_by_step(arrays)) is not None:
            own["by_step"] = _by_step(host(steps))
        return own

    def _activations(self, link: Link, arrays: Arrays) -> dict[str, Any]:
        """Sizes of the outputs and of their gradient, and how many are at a limit; of the first samples."""
        host, lengths = self._network.device.to_host, link.operation.lengths_of_outputs(arrays)
        real = None if lengths is None else host(lengths[:SAMPLES])
        outputs = _rows(host(arrays.outputs[:SAMPLES]), real)
        own = {"outputs": size(outputs)}
        if arrays.d_inputs is not None or arrays.gradients:  # else the backward pass does not get here
            own["d_outputs"] = size(_rows(host(arrays.d_outputs[:SAMPLES]), real))
        limits = link.layer.limits
        if len(limits) == 1:
            own["stuck"] = digits(1 - np.count_nonzero((outputs != limits[0]).any(axis=0)) / outputs.shape[1])
        elif limits:
            slack = CLOSE * (limits[1] - limits[0])
            low, high = outputs <= limits[0] + slack, outputs >= limits[1] - slack
            own["stuck"] = digits((low.all(axis=0) | high.all(axis=0)).mean())
            own["saturated"] = digits((low | high).mean())
        return own


def _penalty(layer: Layer) -> Regularization | None:
    """What it adds to the gradients of its weights, if anything."""
    own = layer.regularization if isinstance(layer, WeightedLayer) else None
    return own if own is not None and own.has_penalty else None


def _rows(array: NDArray[Any], lengths: NDArray[Any] | None) -> NDArray[Any]:
    """(..., C) as (rows, C), without steps beyond a length; evenly spaced ones where there are many."""
    if lengths is not None:
        array = array[np.arange(array.shape[1]) < lengths[:, np.newaxis]]
    rows = array.reshape(-1, array.shape[-1])
    return rows[:: max(1, len(rows) // MOST_ROWS)]


def _parameters(
    penalty: Regularization | None,
    gradients: list[NDArray[Any]],
    before: NDArray[Any],
    after: NDArray[Any],
    clipped: float,
) -> dict[str, float]:
    """Sizes of a layer's weights, of the loss's gradient with respect to them, and of their change.

    What penalties add to the gradients, before they are clipped, is taken off again. Of the gradient only what is not 0
    counts: an embedding has one for the rows of the batch alone.
    """
    found, start = [], 0
    for gradient in gradients:
        own = _some(gradient) / clipped
        if gradient.ndim > 1 and penalty is not None:
            weight = _some(before[start : start + gradient.size])
            own = own - penalty.l1 * np.sign(weight) - 2 * penalty.l2 * weight
        start += gradient.size
        found.append((gradient.ndim, own))
    weight_size = size(before)
    moved = size(_some(after).astype(np.float64) - _some(before))
    sizes = {"weight": weight_size, "update": digits(moved / weight_size) if weight_size else 0.0}
    weights = [own for axes, own in found if axes > 1]
    if not weights:  # a scale and a shift
        return sizes
    all_of_them = np.concatenate(weights) if len(weights) > 1 else weights[0]
    return {"gradient": size(all_of_them[all_of_them != 0]), **sizes}


def _by_step(gradients: Array) -> list[float]:
    """The size of each step's, of some steps where there are many: the first and the last one among them."""
    count = min(len(gradients), MOST_STEPS)
    steps = [round(number * (len(gradients) - 1) / max(1, count - 1)) for number in range(count)]
    return [size(gradients[step]) for step in steps]


def size(array: NDArray[Any]) -> float:
    """The root of the mean of the squares, 0 where there are none. Of large arrays, that of evenly spaced numbers.

    No product of matrices has a part in it, so that the digits do not depend on the number of threads.
    """
    some = _some(array)
    if not some.size:
        return 0.0
    squares = np.square(some, dtype=np.float64)
    return digits(math.sqrt(np.add.reduce(squares) / squares.size))


def _some(array: NDArray[Any]) -> NDArray[Any]:
    """Evenly spaced numbers: an odd number apart, so that they are of all columns."""
    apart = array.size // MOST
    return array.reshape(-1)[:: apart | 1] if apart > 1 else array.reshape(-1)


def digits(value: float) -> float:
    """Four digits that count."""
    return float(f"{value:.4g}")
