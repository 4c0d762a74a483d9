"""The losses of a batch whose samples are mixed with others of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnctl.kernels.device import Array, Device
from nnctl.layers.operation import Mixing


class Partners:
    """Buffers for the others' targets and weights, and for the losses and gradients that they give; planned once."""

    def __init__(self, targets: Array, weights: Array, d_outputs: Array, device: Device) -> None:
        """targets: those of a batch; weights: of its rows, (R,), or (0,) for none; d_outputs: a row each, (R, K)."""
        self._device = device
        self._targets = device.zeros(targets.shape, targets.dtype)
        self._weights = device.zeros(weights.shape, weights.dtype)
        self._losses = device.zeros(len(targets), np.float64)
        self._d_outputs = device.zeros(d_outputs.shape, d_outputs.dtype)

    def blend(
        self,
        mixing: Mixing,
        n: int,
        evaluate: Callable[[Array, Array, Array, Array], None],
        targets: Array,
        weights: Array,
        losses: Array,
        d_outputs: Array,
    ) -> None:
        """Make losses and d_outputs, as `evaluate` has left them for the targets, share times themselves plus 1 - share
        times those that it gives for the others' targets. n: samples of the batch.
        """
        rows, mixup = len(targets), self._device.kernels.mixup
        others = self._targets[:rows], self._weights[:rows], self._losses[:rows], self._d_outputs[:rows]
        for own, other in ((targets, others[0]), (weights, others[1])):
            if own.size:
                mixup.partners(own.reshape(n, -1), other.reshape(n, -1), mixing.offset)
        evaluate(*others)
        for own, other in ((losses, others[2]), (d_outputs, others[3])):
            mixup.blend(own.ravel(), other.ravel(), mixing.share)
