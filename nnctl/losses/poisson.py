"""The loss of counts: the negative log-likelihood of Poisson's distribution."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.losses.loss import Array, Inside, Loss
from nnctl.targets import Targets


class Poisson(Loss):
    """exp(outputs) - targets outputs, the mean over the outputs and over the batch: PyTorch's with log_input.

    The exponential is inside the loss: the network gives the logarithm of the rate, and predictions and metrics have
    the rate. The loss leaves out log(targets!), which no output changes, so it may be below 0. Targets are counts, or
    other amounts that are not negative.
    """

    type: Literal["poisson"] = "poisson"
    targets: ClassVar[Targets] = "values"
    inside: ClassVar[Inside] = "exp"

    def least(self, targets: Array) -> NDArray[np.float64]:
        """Of the output log(targets): targets - targets log(targets), the mean over the outputs."""
        counts = targets.astype(np.float64)
        return np.asarray((counts - counts * np.log(np.where(counts > 0, counts, 1.0))).mean(axis=1))

    def evaluate(
        self, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array, kernels: ModuleType
    ) -> None:
        kernels.poisson.evaluate(outputs, targets, count, losses, d_outputs)
