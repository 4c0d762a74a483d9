"""The one check for every loss."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nnctl import random
from nnctl.kernels import cpu
from nnctl.losses.loss import Loss
from tests.support.gradients import numerical_gradient, relative_error
from tests.support.naive_losses import Reference
from tests.support.threads import threads

Array = NDArray[Any]


def evaluate(loss: Loss, outputs: Array, targets: Array) -> tuple[NDArray[np.float64], Array]:
    """The losses per sample and the gradient, into buffers that held NaN."""
    losses, d_outputs = np.full(len(outputs), np.nan), np.full_like(outputs, np.nan)
    loss.evaluate(outputs, targets, losses, d_outputs, cpu)
    return losses, d_outputs


def sample(loss: Loss, shape: tuple[int, int], dtype: DTypeLike, seed: int = 1) -> tuple[Array, Array]:
    """Outputs, and targets of the loss's kind. float32 ones are the float64 ones rounded."""
    generator = random.generator(seed, "loss check")
    outputs = (2.0 * generator.normal(size=shape)).astype(np.float32)
    targets: Array = generator.normal(size=shape).astype(np.float32)
    if loss.targets == "classes":
        return outputs.astype(dtype), generator.integers(0, shape[1], shape[0])
    if loss.targets == "binary":
        targets = (targets > 0).astype(np.float32)
    return outputs.astype(dtype), targets.astype(dtype)


def check_loss(loss: Loss, outputs_shape: tuple[int, int], reference: Reference) -> None:
    """Values, gradient, what is written and what is not, float32, and the same bits on any number of threads."""
    outputs, targets = sample(loss, outputs_shape, np.float64)
    kept = outputs.copy(), targets.copy()
    losses, d_outputs = evaluate(loss, outputs, targets)
    np.testing.assert_array_equal(outputs, kept[0], err_msg="the outputs were written to")
    np.testing.assert_array_equal(targets, kept[1], err_msg="the targets were written to")
    np.testing.assert_allclose(losses, reference(loss, outputs, targets), rtol=1e-12, atol=1e-14)

    numerical = numerical_gradient(lambda: float(evaluate(loss, outputs, targets)[0].mean()), outputs)
    assert relative_error(d_outputs, numerical) < 1e-6

    narrow = sample(loss, outputs_shape, np.float32)
    losses32, d_outputs32 = evaluate(loss, *narrow)
    assert d_outputs32.dtype == np.float32
    np.testing.assert_allclose(losses32, losses, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(d_outputs32, d_outputs, rtol=1e-5, atol=1e-6)

    for number in (1, 2, 2):
        with threads(number):
            for arrays, expected in (((outputs, targets), (losses, d_outputs)), (narrow, (losses32, d_outputs32))):
                again = evaluate(loss, *arrays)
                assert [part.tobytes() for part in again] == [part.tobytes() for part in expected]
