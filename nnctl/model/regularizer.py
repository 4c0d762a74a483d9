"""The penalties on weights and the limit of their norms, as a part of a training step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nnctl.kernels.device import Array
from nnctl.layers.operation import size_of
from nnctl.layers.regularization import Regularization, WeightedLayer
from nnctl.model.network import Network, ParameterSpan


@dataclass(frozen=True)
class _Weight:
    """A weight and its gradient, (in, out). starts: of one that is a list, (1, K), where each output's part begins."""

    own: Regularization
    weight: Array
    gradient: Array
    starts: Array | None


class Regularizer:
    """What each layer's regularization does to its weights: not to biases and scales."""

    def __init__(self, network: Network) -> None:
        self._device = network.device
        self._weights = {name: list(_weights(network, name, span)) for name, span in network.spans().items()}
        widths = [each.weight.shape[1] for own in self._weights.values() for each in own if each.starts is None]
        self._scales = self._device.zeros(max(widths, default=0), network.dtype)

    def penalize(self, layer: str) -> None:
        """Record what the penalties add to a layer's gradients."""
        for each in self._weights.get(layer, ()):
            own = each.own
            if own.has_penalty:
                self._device.kernels.penalty.add_weights(each.weight.ravel(), each.gradient.ravel(), own.l1, own.l2)

    def limit(self, layer: str) -> None:
        """Record the limit of a layer's weights, after their update."""
        for each in self._weights.get(layer, ()):
            weight, most = each.weight, each.own.max_norm
            if most is None:
                continue
            if each.starts is None:
                self._device.kernels.penalty.limit_norms(weight, self._scales[: weight.shape[1]], most)
            else:
                self._device.kernels.penalty.limit_norms_of_lists(weight.ravel(), each.starts, most)


def _weights(network: Network, name: str, span: ParameterSpan) -> Iterator[_Weight]:
    """Those of a layer with a regularization."""
    layer, specs = span.layer.layer, {spec.name: spec for spec in span.layer.operation.arrays}
    if not isinstance(layer, WeightedLayer) or layer.regularization is None:
        return
    start = span.part.start
    for own, shape in zip(span.names, span.shapes, strict=True):
        part = slice(start, start + size_of(shape))
        start = part.stop
        if len(shape) > 1:
            weight, gradient = (flat[part].reshape(-1, shape[-1]) for flat in (network.parameters, network.gradients))
            starts = network.buffers[f"{name}.{specs[own].starts}"] if specs[own].starts else None
            yield _Weight(layer.regularization, weight, gradient, starts)
