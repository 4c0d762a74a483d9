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
    cases = (
        *({}, {"gamma": 0.5}, {"gamma": 0.0}),
        *({"label_smoothing": 0.2}, {"gamma": 0.5, "label_smoothing": 0.5}),
    )
    refused = ({"gamma": -1.0}, {"label_smoothing": 1.0}, {"label_smoothing": -0.1})
    golden = ({"spread": 2.0}, {"spread": 8.0, "gamma": 0.5}, {"spread": 8.0, "gamma": 1.5, "label_smoothing": 0.3})
    threshold = 0.0

    @staticmethod
    def reference(loss: BinaryFocal, outputs: Array, targets: Array) -> NDArray[np.float64]:
        margins = np.where(targets == 1, outputs, -outputs)
        own, other = (
            (1 / (1 + np.exp(margin))) ** loss.gamma * np.log1p(np.exp(-margin)) for margin in (margins, -margins)
        )
        return ((1 - loss.label_smoothing / 2) * own + loss.label_smoothing / 2 * other).mean(axis=1)

    @staticmethod
    def pytorch(outputs: Any, targets: Any, gamma: float = 2.0, label_smoothing: float = 0.0) -> Any:
        """As torchvision's sigmoid_focal_loss, without its alpha; with smoothing the mean of that of both targets."""
        from torch.nn import functional

        def focal(targets: Any) -> Any:
            probabilities = outputs.sigmoid()
            own = probabilities * targets + (1 - probabilities) * (1 - targets)
            entropy = functional.binary_cross_entropy_with_logits(outputs, targets, reduction="none")
            return (entropy * (1 - own) ** gamma).mean(1)

        rest = label_smoothing / 2
        return (1 - rest) * focal(targets) + rest * focal(1 - targets)

    def test_gamma_0_is_binary_cross_entropy(self) -> None:
        outputs, targets = sample(BinaryFocal(), (9, 4), np.float64)
        ours, plain = BinaryFocal(gamma=0.0), BinaryCrossEntropy()
        for own, other in zip(evaluate(ours, outputs, targets), evaluate(plain, outputs, targets), strict=True):
            np.testing.assert_allclose(own, other, rtol=1e-12, atol=1e-15)
