"""The losses of a batch whose samples are mixed with others of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnctl.kernels.device import Array, Device
from nnctl.layers.operation import Mixing


class Partners:
    """Buffers for the targets of the others, and for the losses and gradients that they give; planned once."""

    def __init__(self, targets: Array, d_outputs: Array, device: Device) -> None:
        """targets: those of a batch; d_outputs: a row each, (R, K)."""
        self._device = device
        self._targets = device.zeros(targets.shape, targets.dtype)
        self._losses = device.zeros(len(targets), np.float64)
        self._d_outputs = device.zeros(d_outputs.shape, d_outputs.dtype)

    def blend(
        self,
        mixing: Mixing,
        n: int,
        evaluate: Callable[[Array, Array, Array], None],
        targets: Array,
        losses: Array,
        d_outputs: Array,
    ) -> None:
        """Make losses and d_outputs, as `evaluate` has left them for the targets, share times themselves plus 1 - share
        times those that it gives for the others' targets. n: samples of the batch.
        """
        rows, mixup = len(targets), self._device.kernels.mixup
        others = self._targets[:rows], self._losses[:rows], self._d_outputs[:rows]
        mixup.partners(targets.reshape(n, -1), others[0].reshape(n, -1), mixing.offset)
        evaluate(*others)
        for own, other in ((losses, others[1]), (d_outputs, others[2])):
            mixup.blend(own.ravel(), other.ravel(), mixing.share)
