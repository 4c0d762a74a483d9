"""The logarithm of the hyperbolic cosine."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.losses.log_cosh import LogCosh
from tests.support.loss_check import Array, LossCheck


class TestLogCosh(LossCheck):
    kind = LogCosh
    golden = ({"spread": 1.0}, {"spread": 30.0})

    @staticmethod
    def reference(loss: LogCosh, outputs: Array, targets: Array) -> NDArray[np.float64]:
        return np.log(np.cosh(outputs - targets)).mean(axis=1)

    @staticmethod
    def pytorch(outputs: Any, targets: Any) -> Any:
        return (outputs - targets).cosh().log().mean(1)
