"""The focal loss of 0/1 targets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.losses.binary_cross_entropy import BinaryCrossEntropy
from nnctl.losses.binary_focal import BinaryFocal
from tests.support.loss_check import Array, LossCheck, evaluate, sample


class TestBinaryFocal(LossCheck):
    kind = BinaryFocal
    cases = ({}, {"gamma": 0.5}, {"gamma": 0.0})
    refused = ({"gamma": -1.0},)
    golden = ({"spread": 2.0}, {"spread": 8.0, "gamma": 0.5})
    threshold = 0.0

    @staticmethod
    def reference(loss: BinaryFocal, outputs: Array, targets: Array) -> NDArray[np.float64]:
        margins = np.where(targets == 1, outputs, -outputs)
        return ((1 / (1 + np.exp(margins))) ** loss.gamma * np.log1p(np.exp(-margins))).mean(axis=1)

    @staticmethod
    def pytorch(outputs: Any, targets: Any, gamma: float = 2.0) -> Any:
        """As torchvision's sigmoid_focal_loss, without its alpha."""
        from torch.nn import functional

        probabilities = outputs.sigmoid()
        own = probabilities * targets + (1 - probabilities) * (1 - targets)
        entropy = functional.binary_cross_entropy_with_logits(outputs, targets, reduction="none")
        return (entropy * (1 - own) ** gamma).mean(1)

    def test_gamma_0_is_binary_cross_entropy(self) -> None:
        outputs, targets = sample(BinaryFocal(), (9, 4), np.float64)
        ours, plain = BinaryFocal(gamma=0.0), BinaryCrossEntropy()
        for own, other in zip(evaluate(ours, outputs, targets), evaluate(plain, outputs, targets), strict=True):
            np.testing.assert_allclose(own, other, rtol=1e-12, atol=1e-15)
