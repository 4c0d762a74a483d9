"""Lion."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnctl.optimizers.lion import Lion
from tests.support.kind_check import Settings
from tests.support.optimizer_check import Float64, OptimizerCheck


class TestLion(OptimizerCheck):
    kind = Lion
    defaults: ClassVar[Settings] = {"betas": [0.9, 0.99], "weight_decay": 0.0}
    rate = 0.01
    cases = (
        {"learning_rate": 0.001},
        {"learning_rate": 0.01, "weight_decay": 0.5, "betas": [0.5, 0.8]},
        {"learning_rate": 0.01, "betas": [0.0, 0.0]},
    )
    refused = ({"betas": [0.9]}, {"betas": [0.9, 1.0]}, {"eps": 1e-8})

    @staticmethod
    def reference(o: Lion, p: Float64, g: Float64, slots: Float64, rate: float, step: int) -> tuple[Float64, Float64]:
        (m,) = slots
        beta1, beta2 = o.betas
        return (
            p - rate * (np.sign(beta1 * m + (1 - beta1) * g) + o.weight_decay * p),
            np.array([beta2 * m + (1 - beta2) * g]),
        )

    def test_where_there_was_never_a_gradient_a_parameter_stays(self) -> None:
        gradients = np.zeros((3, 5))
        gradients[:, 1] = 1.0
        *_, last, _ = self.steps(self.make({}), np.ones(5), gradients, 0.125)
        np.testing.assert_array_equal(last, [1.0, 1.0 - 3 * 0.125, 1.0, 1.0, 1.0])
