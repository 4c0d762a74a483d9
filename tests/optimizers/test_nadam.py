"""Adam with Nesterov momentum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pytest

from nnctl.kernels.device import CPU
from nnctl.optimizers.nadam import NAdam
from tests.support.kind_check import Settings
from tests.support.optimizer_check import Float64, PyTorchOptimizerCheck


class TestNAdam(PyTorchOptimizerCheck):
    kind = NAdam
    defaults: ClassVar[Settings] = {
        "betas": [0.9, 0.999],
        "eps": 1e-8,
        "momentum_decay": 0.004,
        "weight_decay": 0.0,
        "decoupled_weight_decay": False,
    }
    rate = 0.05
    golden = (
        {"learning_rate": 0.002},
        {"learning_rate": 0.01, "weight_decay": 0.3},
        {"learning_rate": 0.01, "weight_decay": 0.3, "decoupled_weight_decay": True},
        {"learning_rate": 0.02, "betas": [0.7, 0.95], "eps": 1e-3, "momentum_decay": 0.5},
        {"learning_rate": 0.02, "betas": [0.0, 0.9], "momentum_decay": 0.0},
    )
    refused = ({"momentum_decay": -0.1}, {"betas": [0.9, 1.0]})

    @staticmethod
    def reference(o: NAdam, p: Float64, g: Float64, slots: Float64, rate: float, step: int) -> tuple[Float64, Float64]:
        if o.decoupled_weight_decay:
            p = p * (1 - rate * o.weight_decay)
        else:
            g = g + o.weight_decay * p
        beta1, beta2 = o.betas
        shares = beta1 * (1 - 0.5 * 0.96 ** (o.momentum_decay * np.arange(1, step + 2)))
        m = beta1 * slots[0] + (1 - beta1) * g
        v = beta2 * slots[1] + (1 - beta2) * g**2
        divisor = np.sqrt(v / (1 - beta2**step)) + o.eps
        along_g = (1 - shares[-2]) / (1 - np.prod(shares[:-1])) * g
        along_m = shares[-1] / (1 - np.prod(shares)) * m
        return p - rate * (along_g + along_m) / divisor, np.array([m, v])

    @staticmethod
    def pytorch(parameters: Sequence[Any], **settings: Any) -> Any:
        from torch.optim import NAdam

        return NAdam(parameters, **settings)

    @pytest.mark.parametrize("step", [30, 60, 80, 1_000, 1_000_000])
    def test_a_late_step_has_the_whole_product(self, step: int) -> None:
        """Also where it is as good as 0."""
        optimizer, start, gradient = self.make({"momentum_decay": 0.05}), np.ones(3), np.array([1.0, -2.0, 0.0])
        expected, _ = self.reference(optimizer, start, gradient, np.zeros((2, 3)), 0.1, step)
        optimizer.update(start, gradient, np.zeros((2, 3)), [(3,)], 0.1, step, CPU())
        np.testing.assert_allclose(start, expected, rtol=1e-12)
