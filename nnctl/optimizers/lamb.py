"""LAMB."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.optimizers.moments import Moments
from nnctl.optimizers.optimizer import Array, Shape


class LAMB(Moments):
    """p -= learning_rate (|p| / |u|) u, where u = m' / (sqrt(v') + eps) + weight_decay p is the update of adamw.

    |p| / |u|, the trust ratio, is that of each array of weights by itself, and 1 where one of the norms is 0. Arrays of
    one axis, which are biases and what normalizations have, take adamw's own step: a bias that begins at 0 would hardly
    leave it. So steps are relative to the weights, which lets large batches have a large learning rate.
    Source: You et al. 2020, "Large batch optimization for deep learning", algorithm 2.
    """

    type: Literal["lamb"] = "lamb"
    weight_decay: float = Field(default=0.01, ge=0.0)
    """Strength of the pull of every parameter towards zero, apart from the gradient."""
    eps: float = Field(default=1e-6, ge=0.0)
    """Added to the divisor."""
    decoupled: ClassVar[bool] = True

    def update(
        self,
        parameters: Array,
        gradients: Array,
        slots: Array,
        shapes: Sequence[Shape],
        learning_rate: float | StepArgument,
        step: int | StepArgument,
        device: Device,
    ) -> None:
        start = 0
        for shape in shapes:
            part = slice(start, start + prod(shape))
            arrays = parameters[part], gradients[part], slots[:, part]
            if len(shape) > 1:
                self._update_weights(*arrays, learning_rate, step, device)
            else:
                super().update(*arrays, [shape], learning_rate, step, device)
            start = part.stop

    def _update_weights(
        self,
        weights: Array,
        gradients: Array,
        slots: Array,
        learning_rate: float | StepArgument,
        step: int | StepArgument,
        device: Device,
    ) -> None:
        """The same of one array."""
        kernels, settings = device.kernels.lamb, (step, *self.betas, self.eps, self.weight_decay)
        sums = device.zeros((kernels.chunks(weights.size), 2), np.float64)
        ratio = device.zeros(1, np.float64)
        kernels.moments(weights, gradients, slots[0], slots[1], sums, *settings)
        kernels.trust_ratio(sums, ratio)
        kernels.step(weights, slots[0], slots[1], ratio, learning_rate, *settings)
