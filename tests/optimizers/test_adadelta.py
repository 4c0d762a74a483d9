"""Adadelta."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from nnctl.optimizers.adadelta import Adadelta
from tests.support.kind_check import Settings
from tests.support.optimizer_check import Float64, PyTorchOptimizerCheck


class TestAdadelta(PyTorchOptimizerCheck):
    kind = Adadelta
    defaults: ClassVar[Settings] = {"rho": 0.9, "eps": 1e-6, "weight_decay": 0.0}
    rate = 1.0
    golden = (
        {"learning_rate": 1.0},
        {"learning_rate": 0.5, "rho": 0.6, "eps": 1e-3, "weight_decay": 0.2},
        {"learning_rate": 1.0, "rho": 0.0},
    )
    refused = ({"rho": 1.0}, {"eps": 0.0})

    @staticmethod
    def reference(
        o: Adadelta, p: Float64, g: Float64, slots: Float64, rate: float, step: int
    ) -> tuple[Float64, Float64]:
        g = g + o.weight_decay * p
        square = o.rho * slots[0] + (1 - o.rho) * g**2
        delta = np.sqrt((slots[1] + o.eps) / (square + o.eps)) * g
        return p - rate * delta, np.array([square, o.rho * slots[1] + (1 - o.rho) * delta**2])

    @staticmethod
    def pytorch(parameters: Sequence[Any], **settings: Any) -> Any:
        from torch.optim import Adadelta

        return Adadelta(parameters, **settings)
