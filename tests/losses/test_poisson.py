"""The loss of counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnctl.losses.poisson import Poisson
from tests.support.kind_check import Settings
from tests.support.loss_check import Array, LossCheck, evaluate


class TestPoisson(LossCheck):
    kind = Poisson
    golden = ({"spread": 1.0}, {"spread": 5.0})
    threshold = None

    @staticmethod
    def reference(loss: Poisson, outputs: Array, targets: Array) -> NDArray[np.float64]:
        return (np.exp(outputs) - targets * outputs).mean(axis=1)

    @staticmethod
    def pytorch(outputs: Any, targets: Any) -> Any:
        from torch.nn import functional

        return functional.poisson_nll_loss(outputs, targets, log_input=True, full=False, reduction="none").mean(1)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_extreme_outputs_stay_finite(self, case: Settings, dtype: type[np.floating]) -> None:
        """Of tiny rates; one too large for a number is infinite, and stops the training."""
        outputs = np.array([[-1e4], [-80.0], [80.0]], dtype)
        losses, d_outputs = evaluate(self.make(case), outputs, np.ones_like(outputs))
        np.testing.assert_allclose(losses, [1e4, 80, np.exp(80.0)], rtol=1e-5)
        np.testing.assert_allclose(d_outputs[:2], -1 / 3, rtol=1e-5)
        assert np.isposinf(evaluate(self.make(case), outputs + dtype(1e3), np.ones_like(outputs))[0][2])

    def test_the_best_constant_is_the_logarithm_of_the_mean(self) -> None:
        targets = np.array([[0.0], [1.0], [5.0]])
        assert abs(evaluate(Poisson(), np.full((3, 1), np.log(2.0)), targets)[1].sum()) < 1e-15

    def test_no_output_makes_less_than_the_least(self) -> None:
        targets = np.array([[0.0, 2.0], [1.0, 1.0], [250.0, 0.5]])
        least = Poisson().least(targets)
        best = evaluate(Poisson(), np.log(np.maximum(targets, 1e-300)), targets)[0]
        np.testing.assert_allclose(best, least, rtol=1e-12)
        outputs = np.random.default_rng(1).normal(size=targets.shape)
        assert (evaluate(Poisson(), outputs, targets)[0] > least).all()
