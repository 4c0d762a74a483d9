"""The loss of a quantile."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.losses.quantile import Quantile
from tests.support.loss_check import Array, LossCheck, evaluate


class TestQuantile(LossCheck):
    kind = Quantile
    cases = ({}, {"quantile": 0.9}, {"quantile": 0.05})
    refused = ({"quantile": 0.0}, {"quantile": 1.0})
    golden = ({"spread": 1.0}, {"spread": 1.0, "quantile": 0.9})
    threshold = None

    @staticmethod
    def reference(loss: Quantile, outputs: Array, targets: Array) -> NDArray[np.float64]:
        error = targets - outputs
        return np.maximum(loss.quantile * error, (loss.quantile - 1) * error).mean(axis=1)

    @staticmethod
    def pytorch(outputs: Any, targets: Any, quantile: float = 0.5) -> Any:
        import torch

        error = targets - outputs
        return torch.maximum(quantile * error, (quantile - 1) * error).mean(1)

    def test_the_best_constant_is_the_quantile(self) -> None:
        """0.9 of the numbers 1 … 10 is between 9 and 10: the slope changes its sign there."""
        loss, targets = Quantile(quantile=0.9), np.arange(1.0, 11.0).reshape(-1, 1)
        below, above = (evaluate(loss, np.full((10, 1), output), targets)[1].sum() for output in (8.5, 10.5))
        assert below < 0 < above
        assert abs(evaluate(loss, np.full((10, 1), 9.5), targets)[1].sum()) < 1e-12
