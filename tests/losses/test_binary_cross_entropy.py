"""Binary cross-entropy of logits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.losses.binary_cross_entropy import BinaryCrossEntropy
from tests.support.loss_check import Array, LossCheck


class TestBinaryCrossEntropy(LossCheck):
    kind = BinaryCrossEntropy
    cases = ({}, {"label_smoothing": 0.2})
    refused = ({"label_smoothing": 1.0}, {"label_smoothing": -0.1})
    golden = ({"spread": 2.0}, {"spread": 300.0}, {"spread": 3.0, "label_smoothing": 0.3})
    threshold = 0.0

    @staticmethod
    def reference(loss: BinaryCrossEntropy, outputs: Array, targets: Array) -> NDArray[np.float64]:
        probabilities = 1 / (1 + np.exp(-outputs))
        wanted = (1 - loss.label_smoothing) * targets + loss.label_smoothing / 2
        return -(wanted * np.log(probabilities) + (1 - wanted) * np.log(1 - probabilities)).mean(axis=1)

    @staticmethod
    def pytorch(outputs: Any, targets: Any, label_smoothing: float = 0.0) -> Any:
        """PyTorch takes probabilities as targets."""
        from torch.nn import functional

        wanted = (1 - label_smoothing) * targets + label_smoothing / 2
        return functional.binary_cross_entropy_with_logits(outputs, wanted, reduction="none").mean(1)
