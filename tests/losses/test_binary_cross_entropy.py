"""Binary cross-entropy of logits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.losses.binary_cross_entropy import BinaryCrossEntropy
from tests.support.loss_check import Array, LossCheck


class TestBinaryCrossEntropy(LossCheck):
    kind = BinaryCrossEntropy
    golden = ({"spread": 2.0}, {"spread": 300.0})
    threshold = 0.0

    @staticmethod
    def reference(loss: BinaryCrossEntropy, outputs: Array, targets: Array) -> NDArray[np.float64]:
        probabilities = 1 / (1 + np.exp(-outputs))
        return -np.where(targets == 1, np.log(probabilities), np.log(1 - probabilities)).mean(axis=1)

    @staticmethod
    def pytorch(outputs: Any, targets: Any) -> Any:
        from torch.nn import functional

        return functional.binary_cross_entropy_with_logits(outputs, targets, reduction="none").mean(1)
