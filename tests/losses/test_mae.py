"""Mean absolute error."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.losses.mae import MAE
from tests.support.loss_check import Array, LossCheck


class TestMAE(LossCheck):
    kind = MAE
    golden = ({"spread": 1.0},)

    @staticmethod
    def reference(loss: MAE, outputs: Array, targets: Array) -> NDArray[np.float64]:
        return np.abs(outputs - targets).mean(axis=1)

    @staticmethod
    def pytorch(outputs: Any, targets: Any) -> Any:
        from torch.nn import functional

        return functional.l1_loss(outputs, targets, reduction="none").mean(1)
