"""Adagrad."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from nnctl.optimizers.adagrad import Adagrad
from tests.support.kind_check import Settings
from tests.support.optimizer_check import Float64, PyTorchOptimizerCheck


class TestAdagrad(PyTorchOptimizerCheck):
    kind = Adagrad
    defaults: ClassVar[Settings] = {"eps": 1e-10, "weight_decay": 0.0}
    rate = 0.5
    golden = (
        {"learning_rate": 0.01},
        {"learning_rate": 0.1, "eps": 1e-3, "weight_decay": 0.2},
    )
    refused = ({"momentum": 0.9},)

    @staticmethod
    def reference(
        o: Adagrad, p: Float64, g: Float64, slots: Float64, rate: float, step: int
    ) -> tuple[Float64, Float64]:
        g = g + o.weight_decay * p
        square = slots[0] + g**2
        return p - rate * g / (np.sqrt(square) + o.eps), np.array([square])

    @staticmethod
    def pytorch(parameters: Sequence[Any], **settings: Any) -> Any:
        from torch.optim import Adagrad

        return Adagrad(parameters, **settings)
