"""The penalties on weights and the limit of their norms, as a part of a training step."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.device import Array
from nnctl.layers.regularization import Regularization, WeightedLayer
from nnctl.model.network import Network


class Regularizer:
    """What each layer's regularization does to its weights: its arrays of two axes and more."""

    def __init__(self, network: Network) -> None:
        self._device = network.device
        layers = {planned.name: planned.layer for planned in network.plan.layers}
        self._own: dict[str, tuple[Regularization, list[tuple[Array, Array]]]] = {}
        for name, span in network.spans().items():
            layer = layers[name]
            if isinstance(layer, WeightedLayer) and layer.regularization is not None:
                parts = network.parameters[span.part], network.gradients[span.part]
                views = zip(*(_weights(flat, span.shapes) for flat in parts), strict=True)
                self._own[name] = layer.regularization, list(views)
        widths = [weight.shape[1] for _, weights in self._own.values() for weight, _ in weights]
        self._scales = self._device.zeros(max(widths, default=0), network.dtype)

    def penalize(self, layer: str) -> None:
        """Record what the penalties add to a layer's gradients."""
        for own, weight, gradient in self._weights(layer):
            if own.has_penalty:
                self._device.kernels.penalty.add_weights(weight.ravel(), gradient.ravel(), own.l1, own.l2)

    def limit(self, layer: str) -> None:
        """Record the limit of a layer's weights, after their update."""
        for own, weight, _ in self._weights(layer):
            if own.max_norm is not None:
                scales = self._scales[: weight.shape[1]]
                self._device.kernels.penalty.limit_norms(weight, scales, own.max_norm)

    def _weights(self, layer: str) -> list[tuple[Regularization, Array, Array]]:
        own, weights = self._own.get(layer, (Regularization(), []))
        return [(own, *pair) for pair in weights]


def _weights(flat: Array, shapes: tuple[tuple[int, ...], ...]) -> list[Array]:
    """Views of the weights in a layer's part of a flat vector, (in, out)."""
    starts = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes)])
    return [
        flat[start:end].reshape(-1, shape[-1])
        for shape, start, end in zip(shapes, starts, starts[1:], strict=False)
        if len(shape) > 1
    ]
