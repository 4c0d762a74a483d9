"""The norm of the gradient of all parameters, and clipping to it."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from nnctl.kernels.device import Array
from nnctl.model.network import Network
from nnctl.model.objective import Objective
from nnctl.model.preparation import Prepared
from nnctl.training.probes.probe import Probe


class GradientNorm(Probe):
    """`grad_norm`, the mean over the steps, before clipping. norm: (1,) float64, of the last step.

    state: the steps, and the sum of their norms.
    """

    name: ClassVar[str] = "gradient_norm"
    group: ClassVar[Literal["metrics", "diagnoses"]] = "metrics"

    def __init__(self, objective: Objective, prepared: Prepared) -> None:
        super().__init__(objective, prepared)
        network = self.network
        self._kernels = network.device.kernels.gradient_norm
        self._spans = network.spans()
        self._chunks = {layer: self._kernels.chunk(span.shapes) for layer, span in self._spans.items()}
        sizes = [-(-_size(span.part) // self._chunks[layer]) for layer, span in self._spans.items()]
        ends = np.cumsum([0, *sizes]).tolist()
        self._sums = network.device.zeros(ends[-1], np.float64)
        self._own_sums: dict[str, Array] = {
            layer: self._sums[start:end] for layer, start, end in zip(self._spans, ends, ends[1:], strict=False)
        }
        self.norm = network.device.zeros(1, np.float64)
        self.state = network.device.zeros(2, np.float64)

    def gradients_ready(self, layer: str) -> None:
        gradients = self.network.gradients[self._spans[layer].part]
        self._kernels.square_sums(gradients, self._own_sums[layer], self._chunks[layer])

    def record(self, network: Network, n: int) -> None:
        self._kernels.norm(self._sums, self.norm, self.state)

    def clip(self, limit: float) -> None:
        """While a step is recorded: scale the gradients so that their norm is at most this."""
        self._kernels.clip(self.network.gradients, self.norm, limit)

    def values(self) -> dict[str, float]:
        steps, total = self.network.device.to_host(self.state)
        return {"grad_norm": float(total / steps) if steps else float("nan")}


def _size(part: slice) -> int:
    return int(part.stop - part.start)
