"""RMSprop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from nnctl.optimizers.rmsprop import RMSprop
from tests.support.kind_check import Settings
from tests.support.optimizer_check import Float64, PyTorchOptimizerCheck


class TestRMSprop(PyTorchOptimizerCheck):
    kind = RMSprop
    defaults: ClassVar[Settings] = {"alpha": 0.99, "eps": 1e-8, "momentum": 0.0, "weight_decay": 0.0}
    rate = 0.01
    golden = (
        {"learning_rate": 0.01},
        {"learning_rate": 0.02, "alpha": 0.9, "eps": 1e-4, "weight_decay": 0.2},
        {"learning_rate": 0.01, "momentum": 0.9},
        {"learning_rate": 0.01, "momentum": 0.5, "alpha": 0.95, "weight_decay": 0.1},
    )
    refused = ({"alpha": 1.0},)

    @staticmethod
    def reference(
        o: RMSprop, p: Float64, g: Float64, slots: Float64, rate: float, step: int
    ) -> tuple[Float64, Float64]:
        g = g + o.weight_decay * p
        square = o.alpha * slots[0] + (1 - o.alpha) * g**2
        direction = g / (np.sqrt(square) + o.eps)
        if o.momentum == 0:
            return p - rate * direction, np.array([square])
        velocity = o.momentum * slots[1] + direction
        return p - rate * velocity, np.array([square, velocity])

    @staticmethod
    def pytorch(parameters: Sequence[Any], **settings: Any) -> Any:
        from torch.optim import RMSprop

        return RMSprop(parameters, **settings)
