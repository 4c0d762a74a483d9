"""The focal loss of classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.losses.cross_entropy import CrossEntropy
from nnctl.losses.focal import Focal
from tests.support.loss_check import Array, LossCheck, evaluate, sample


class TestFocal(LossCheck):
    kind = Focal
    cases = ({}, {"gamma": 0.5}, {"gamma": 0.0})
    refused = ({"gamma": -1.0},)
    golden = ({"spread": 2.0}, {"spread": 8.0, "gamma": 0.5})

    @staticmethod
    def reference(loss: Focal, outputs: Array, targets: Array) -> NDArray[np.float64]:
        exponentials = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        rows = np.arange(len(outputs))
        own, total = exponentials[rows, targets], exponentials.sum(axis=1)
        exponentials[rows, targets] = 0.0
        return -((exponentials.sum(axis=1) / total) ** loss.gamma) * np.log(own / total)

    @staticmethod
    def pytorch(outputs: Any, targets: Any, gamma: float = 2.0) -> Any:
        logarithms = outputs.log_softmax(1).gather(1, targets[:, None]).squeeze(1)
        return -((1 - logarithms.exp()) ** gamma) * logarithms

    def test_gamma_0_is_cross_entropy(self) -> None:
        outputs, targets = sample(Focal(), (9, 4), np.float64)
        for own, other in zip(
            evaluate(Focal(gamma=0.0), outputs, targets), evaluate(CrossEntropy(), outputs, targets), strict=True
        ):
            np.testing.assert_allclose(own, other, rtol=1e-12, atol=1e-15)

    def test_a_sure_sample_keeps_its_digits(self) -> None:
        """1 - p is exp(-40), and near 1 there is no such number."""
        losses, d_outputs = evaluate(Focal(gamma=1.0), np.array([[40.0, 0.0]]), np.array([0]))
        tiny = np.exp(-40.0)
        np.testing.assert_allclose(losses, tiny**2, rtol=1e-12)
        np.testing.assert_allclose(d_outputs, [[-2 * tiny**2, 2 * tiny**2]], rtol=1e-12)
