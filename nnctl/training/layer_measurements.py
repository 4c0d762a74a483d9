"""What the arrays of a network say of a training step, layer by layer, once the step is done.

Nothing is added to a step: its activations and gradients stay in the network's buffers until the next one, where NumPy
reads them on the host.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.layers.chain import Link
from nnctl.layers.operation import Array, Arrays
from nnctl.layers.regularization import WeightedLayer
from nnctl.model.network import Network, ParameterSpan

SAMPLES = 32  # of a batch, that are looked at
MOST = 1 << 16  # numbers of an array that are read for its size
CLOSE = 0.01  # of the range of an activation: what is closer to an end counts as there
MOST_STEPS = 32  # of a sequence, that are told

Measured = dict[str, dict[str, Any]]
"""By layer: `outputs`, `d_outputs`, `gradient`, `weight` (root mean squares), `update` (the size of the step's change
of the parameters, relative to them), `stuck` (share of units at a limit of their activation for every sample),
`saturated` (share of outputs near the ends of their range), `by_step` (gradients of a recurrent layer, by step)."""


def measure(network: Network, n: int, before: NDArray[Any], clipped: float = 1.0) -> Measured:
    """After a training step on a batch of n samples. before: the parameters before it, (P,), on the host.

    clipped: what the gradients of the parameters were multiplied by. Numbers have four digits that count.
    """
    after = network.device.to_host(network.parameters)
    spans = network.spans()
    found: Measured = {}
    for name, link, arrays in network.walk(n):
        if link.operation.chains:  # it is what is inside
            continue
        own: dict[str, Any] = dict(_activations(network, link, arrays))
        if name in spans:
            own |= _parameters(network, link, arrays, spans[name], before, after, clipped)
        if (steps := link.operation.gradients_by_step(arrays)) is not None:
            own["by_step"] = _by_step(network.device.to_host(steps))
        found[name] = own
    return found


def _activations(network: Network, link: Link, arrays: Arrays) -> Iterator[tuple[str, float]]:
    """Sizes of the outputs and of their gradient, and how many are at a limit; of the first samples."""
    host, lengths = network.device.to_host, link.operation.lengths_of_outputs(arrays)
    real = None if lengths is None else host(lengths[:SAMPLES])
    outputs = _rows(host(arrays.outputs[:SAMPLES]), real)
    yield "outputs", size(outputs)
    if arrays.d_inputs is not None or arrays.gradients:  # else the backward pass does not get here
        yield "d_outputs", size(_rows(host(arrays.d_outputs[:SAMPLES]), real))
    limits = link.layer.limits
    if limits:
        slack = CLOSE * (max(limits) - min(limits))
        near = [np.abs(outputs - limit) <= slack for limit in limits]
        yield "stuck", digits(np.any([each.all(axis=0) for each in near], axis=0).mean())
        if len(limits) > 1:
            yield "saturated", digits(np.any(near, axis=0).mean())


def _rows(array: NDArray[Any], lengths: NDArray[Any] | None) -> NDArray[Any]:
    """(..., C) as (rows, C), without steps beyond a length."""
    if lengths is not None:
        array = array[np.arange(array.shape[1]) < lengths[:, np.newaxis]]
    return array.reshape(-1, array.shape[-1])


def _parameters(
    network: Network,
    link: Link,
    arrays: Arrays,
    span: ParameterSpan,
    before: NDArray[Any],
    after: NDArray[Any],
    clipped: float,
) -> dict[str, float]:
    """Sizes of the weights, of the loss's gradient with respect to them, and of their change.

    What penalties add to the gradients, before they are clipped, is taken off again. Of the gradient only what is not 0
    counts: an embedding has one for the rows of the batch alone.
    """
    old, new = before[span.part], after[span.part]
    weight = size(old)
    moved = size(new.astype(np.float64) - old)
    gradients = [network.device.to_host(gradient) / clipped for gradient in arrays.gradients.values()]
    penalty = link.layer.regularization if isinstance(link.layer, WeightedLayer) else None
    if penalty is not None and penalty.has_penalty:
        starts = np.cumsum([0, *(gradient.size for gradient in gradients)])
        for number, gradient in enumerate(gradients):
            if gradient.ndim > 1:
                own = old[starts[number] : starts[number + 1]].reshape(gradient.shape)
                gradients[number] = gradient - penalty.l1 * np.sign(own) - 2 * penalty.l2 * own
    weights = [gradient for gradient in gradients if gradient.ndim > 1] or gradients
    own = np.concatenate([_some(gradient) for gradient in weights])
    return {
        "gradient": size(own[own != 0]),
        "weight": weight,
        "update": digits(moved / weight) if weight else 0.0,
    }


def _by_step(gradients: Array) -> list[float]:
    """The size of each step's, of some steps where there are many: the first and the last one among them."""
    steps = np.unique(np.linspace(0, len(gradients) - 1, MOST_STEPS).astype(np.int64))
    return [size(gradients[step]) for step in steps]


def size(array: NDArray[Any]) -> float:
    """The root of the mean of the squares, 0 where there are none. Of large arrays, that of evenly spaced numbers.

    No product of matrices has a part in it, so that the digits do not depend on the number of threads.
    """
    some = _some(array)
    with np.errstate(over="ignore", invalid="ignore"):
        return digits(np.sqrt(np.square(some, dtype=np.float64).mean())) if some.size else 0.0


def _some(array: NDArray[Any]) -> NDArray[Any]:
    """Evenly spaced numbers: an odd number apart, so that they are of all columns."""
    apart = array.size // MOST
    return array.reshape(-1)[:: apart | 1] if apart > 1 else array.reshape(-1)


def digits(value: Any) -> float:
    """Four digits that count."""
    return float(f"{value:.4g}")
