"""Adam."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from nnctl.optimizers.adam import Adam
from tests.support.kind_check import Settings
from tests.support.naive_moments import moments
from tests.support.optimizer_check import Float64, PyTorchOptimizerCheck


class TestAdam(PyTorchOptimizerCheck):
    kind = Adam
    defaults: ClassVar[Settings] = {"betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.0}
    rate = 0.05
    golden = (
        {"learning_rate": 0.001},
        {"learning_rate": 0.01, "weight_decay": 0.3},
        {"learning_rate": 0.02, "betas": [0.7, 0.95], "eps": 1e-3},
        {"learning_rate": 0.02, "betas": [0.0, 0.9]},
    )
    refused = (
        {"betas": [0.9]},
        {"betas": [0.9, 1.0]},
        {"betas": [0.9, 0.99, 0.999]},
    )

    @staticmethod
    def reference(o: Adam, p: Float64, g: Float64, slots: Float64, rate: float, step: int) -> tuple[Float64, Float64]:
        return moments(o, p, g + o.weight_decay * p, slots, rate, step)

    @staticmethod
    def pytorch(parameters: Sequence[Any], **settings: Any) -> Any:
        from torch.optim import Adam

        return Adam(parameters, **settings)
