"""Mean squared error."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.losses.mse import MSE
from tests.support.loss_check import Array, LossCheck


class TestMSE(LossCheck):
    kind = MSE
    refused = ({"delta": 1.0},)
    golden = ({"spread": 1.0},)

    @staticmethod
    def reference(loss: MSE, outputs: Array, targets: Array) -> NDArray[np.float64]:
        return ((outputs - targets) ** 2).mean(axis=1)

    @staticmethod
    def pytorch(outputs: Any, targets: Any) -> Any:
        from torch.nn import functional

        return functional.mse_loss(outputs, targets, reduction="none").mean(1)
