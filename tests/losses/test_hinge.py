"""The hinge loss."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.losses.hinge import Hinge
from tests.support.loss_check import Array, LossCheck


class TestHinge(LossCheck):
    kind = Hinge
    golden = ({"spread": 2.0},)
    threshold = 0.0

    @staticmethod
    def reference(loss: Hinge, outputs: Array, targets: Array) -> NDArray[np.float64]:
        return np.maximum(0, 1 - np.where(targets == 1, outputs, -outputs)).mean(axis=1)

    @staticmethod
    def pytorch(outputs: Any, targets: Any) -> Any:
        from torch.nn import functional

        return functional.relu(1 - (2 * targets - 1) * outputs).mean(1)
