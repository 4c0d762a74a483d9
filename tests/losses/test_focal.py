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
    cases = (
        *({}, {"gamma": 0.5}, {"gamma": 0.0}),
        *({"label_smoothing": 0.2}, {"gamma": 0.5, "label_smoothing": 0.5}),
    )
    refused = ({"gamma": -1.0}, {"label_smoothing": 1.0}, {"label_smoothing": -0.1})
    golden = ({"spread": 2.0}, {"spread": 8.0, "gamma": 0.5}, {"spread": 8.0, "gamma": 1.5, "label_smoothing": 0.3})

    @staticmethod
    def reference(loss: Focal, outputs: Array, targets: Array) -> NDArray[np.float64]:
        exponentials = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        rows, total = np.arange(len(outputs)), exponentials.sum(axis=1)
        found = np.zeros(len(outputs))
        for k in range(outputs.shape[1]):
            share = loss.label_smoothing / outputs.shape[1] + (1 - loss.label_smoothing) * (targets == k)
            others = np.delete(exponentials, k, axis=1).sum(axis=1)
            found -= share * (others / total) ** loss.gamma * np.log(exponentials[rows, k] / total)
        return found

    @staticmethod
    def pytorch(outputs: Any, targets: Any, gamma: float = 2.0, label_smoothing: float = 0.0) -> Any:
        """With smoothing as Keras's CategoricalFocalCrossentropy, without its alpha."""
        from torch.nn import functional

        logarithms = outputs.log_softmax(1)
        each = -((1 - logarithms.exp()) ** gamma) * logarithms
        wanted = (1 - label_smoothing) * functional.one_hot(targets, outputs.shape[1]).to(outputs.dtype)
        return ((wanted + label_smoothing / outputs.shape[1]) * each).sum(1)

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
