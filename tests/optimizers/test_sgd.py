"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from nnctl.optimizers.sgd import SGD
from tests.support.kind_check import Settings
from tests.support.optimizer_check import Float64, PyTorchOptimizerCheck


class TestSGD(PyTorchOptimizerCheck):
    kind = SGD
    defaults: ClassVar[Settings] = {"momentum": 0.0, "nesterov": False, "weight_decay": 0.0}
    rate = 0.2
    golden = (
        {"learning_rate": 0.1},
        {"learning_rate": 0.1, "weight_decay": 0.2},
        {"learning_rate": 0.05, "momentum": 0.9},
        {"learning_rate": 0.05, "momentum": 0.9, "weight_decay": 0.1},
        {"learning_rate": 0.05, "momentum": 0.8, "nesterov": True},
        {"learning_rate": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1},
    )
    refused = (
        {"momentum": 1.0},
        {"nesterov": True},
        {"weight_decay": -0.1},
    )

    @staticmethod
    def reference(o: SGD, p: Float64, g: Float64, slots: Float64, rate: float, step: int) -> tuple[Float64, Float64]:
        g = g + o.weight_decay * p
        if o.momentum == 0:
            return p - rate * g, slots
        velocity = o.momentum * slots[0] + g
        direction = g + o.momentum * velocity if o.nesterov else velocity
        return p - rate * direction, np.array([velocity])

    @staticmethod
    def pytorch(parameters: Sequence[Any], **settings: Any) -> Any:
        from torch.optim import SGD

        return SGD(parameters, **settings)
