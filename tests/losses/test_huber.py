"""The Huber loss."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.losses.huber import Huber
from tests.support.loss_check import Array, LossCheck


class TestHuber(LossCheck):
    kind = Huber
    cases = ({}, {"delta": 0.25})
    refused = ({"delta": 0.0},)
    golden = ({"spread": 1.0}, {"spread": 1.0, "delta": 0.3})

    @staticmethod
    def reference(loss: Huber, outputs: Array, targets: Array) -> NDArray[np.float64]:
        distance = np.abs(outputs - targets)
        small, large = 0.5 * distance**2, loss.delta * (distance - 0.5 * loss.delta)
        return np.where(distance <= loss.delta, small, large).mean(axis=1)

    @staticmethod
    def pytorch(outputs: Any, targets: Any, delta: float = 1.0) -> Any:
        from torch.nn import functional

        return functional.huber_loss(outputs, targets, reduction="none", delta=delta).mean(1)
