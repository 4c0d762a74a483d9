"""Cross-entropy of logits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.losses.cross_entropy import CrossEntropy
from tests.support.loss_check import Array, LossCheck, evaluate


class TestCrossEntropy(LossCheck):
    kind = CrossEntropy
    cases = ({}, {"label_smoothing": 0.2})
    refused = ({"label_smoothing": 1.0}, {"label_smoothing": -0.1})
    golden = (
        {"spread": 2.0},
        {"spread": 2.0, "label_smoothing": 0.1},
        {"spread": 300.0, "label_smoothing": 0.7},
    )

    @staticmethod
    def reference(loss: CrossEntropy, outputs: Array, targets: Array) -> NDArray[np.float64]:
        classes = outputs.shape[1]
        exponentials = np.exp(outputs)
        probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
        wanted = (1 - loss.label_smoothing) * np.eye(classes)[targets] + loss.label_smoothing / classes
        return -(wanted * np.log(probabilities)).sum(axis=1)

    @staticmethod
    def pytorch(outputs: Any, targets: Any, **settings: float) -> Any:
        from torch.nn import functional

        return functional.cross_entropy(outputs, targets, reduction="none", **settings)


def test_equal_logits_cost_the_logarithm_of_the_classes() -> None:
    losses, d_outputs = evaluate(CrossEntropy(), np.full((2, 4), 7.0), np.array([0, 3]))
    np.testing.assert_allclose(losses, math.log(4), rtol=1e-15)
    np.testing.assert_allclose(d_outputs, (0.25 - np.eye(4)[[0, 3]]) / 2, rtol=1e-15)


def test_a_class_that_is_ruled_out_costs_nothing_unless_it_is_meant() -> None:
    outputs = np.array([[-np.inf, 0.0, 0.0], [-np.inf, 0.0, 0.0]])
    losses, d_outputs = evaluate(CrossEntropy(), outputs, np.array([1, 0]))
    np.testing.assert_allclose(losses, [math.log(2), np.inf])
    assert d_outputs[0, 0] == 0.0


def test_a_large_logit_does_not_swallow_the_others() -> None:
    """log(1 + exp(-50)) is kept in float64 for the right class, and the gap itself for a wrong one."""
    outputs = np.array([[50.0, 0.0], [50.0, 0.0]])
    losses, _ = evaluate(CrossEntropy(), outputs, np.array([0, 1]))
    np.testing.assert_allclose(losses, [0.0, 50.0], atol=1e-15)
