"""Adam with decoupled weight decay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from nnctl.optimizers.adamw import AdamW
from tests.support.kind_check import Settings
from tests.support.naive_moments import moments
from tests.support.optimizer_check import Float64, PyTorchOptimizerCheck


class TestAdamW(PyTorchOptimizerCheck):
    kind = AdamW
    defaults: ClassVar[Settings] = {"betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01}
    rate = 0.05
    golden = (
        {"learning_rate": 0.01},
        {"learning_rate": 0.01, "weight_decay": 0.5, "betas": [0.8, 0.99], "eps": 1e-6},
    )
    refused = ({"eps": -1e-8},)

    @staticmethod
    def reference(o: AdamW, p: Float64, g: Float64, slots: Float64, rate: float, step: int) -> tuple[Float64, Float64]:
        return moments(o, p - rate * o.weight_decay * p, g, slots, rate, step)

    @staticmethod
    def pytorch(parameters: Sequence[Any], **settings: Any) -> Any:
        from torch.optim import AdamW

        return AdamW(parameters, **settings)
