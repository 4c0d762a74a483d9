"""Half the sum of squared errors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.losses.squared_error import SquaredError
from tests.support.loss_check import Array, LossCheck


class TestSquaredError(LossCheck):
    kind = SquaredError
    golden = ({"spread": 1.0},)

    @staticmethod
    def reference(loss: SquaredError, outputs: Array, targets: Array) -> NDArray[np.float64]:
        return 0.5 * ((outputs - targets) ** 2).sum(axis=1)

    @staticmethod
    def pytorch(outputs: Any, targets: Any) -> Any:
        from torch.nn import functional

        return 0.5 * functional.mse_loss(outputs, targets, reduction="none").sum(1)
