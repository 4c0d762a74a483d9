"""The one check for every loss."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import pytest
from numpy.typing import DTypeLike, NDArray

from nnctl import random
from nnctl.kernels import cpu
from nnctl.losses.loss import Loss
from tests.support.gradients import numerical_gradient, relative_error
from tests.support.kind_check import KindCheck, Settings
from tests.support.threads import threads

Array = NDArray[Any]


def evaluate(loss: Loss, outputs: Array, targets: Array, count: int | None = None) -> tuple[NDArray[np.float64], Array]:
    """The losses per row and the gradient, into buffers that held NaN. count: of rows with a target; unset, all."""
    losses, d_outputs = np.full(len(outputs), np.nan), np.full_like(outputs, np.nan)
    real = np.array([len(outputs) if count is None else count])
    loss.evaluate(outputs, targets, real, losses, d_outputs, cpu)
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


class LossCheck(KindCheck, ABC):
    """Values, gradients, limits, PyTorch's numbers, and the same bits on any number of threads."""

    threshold: float | None = 0.5
    """What the loss's own must be; None where the nearer target need not have the smaller loss. Of classes it is 0."""

    @staticmethod
    @abstractmethod
    def reference(loss: Any, outputs: Array, targets: Array) -> NDArray[np.float64]:
        """The losses per sample by the textbook, in float64 NumPy: what the kernel is checked against."""

    @staticmethod
    @abstractmethod
    def pytorch(outputs: Any, targets: Any, **settings: Any) -> Any:
        """The losses per sample by PyTorch, of tensors; for golden/make_losses.py. `golden` adds to the settings a
        `spread`, which is the standard deviation of the outputs.
        """

    @pytest.mark.parametrize("shape", [(1, 1), (5, 3), (9, 17)], ids=str)
    def test_values_gradients_and_bits(self, case: Settings, shape: tuple[int, int]) -> None:
        """Also what is written and what is not, and float32."""
        loss = self.make(case)
        outputs, targets = sample(loss, shape, np.float64)
        kept = outputs.copy(), targets.copy()
        losses, d_outputs = evaluate(loss, outputs, targets)
        np.testing.assert_array_equal(outputs, kept[0], err_msg="the outputs were written to")
        np.testing.assert_array_equal(targets, kept[1], err_msg="the targets were written to")
        np.testing.assert_allclose(losses, self.reference(loss, outputs, targets), rtol=1e-12, atol=1e-14)

        numerical = numerical_gradient(lambda: float(evaluate(loss, outputs, targets)[0].mean()), outputs)
        assert relative_error(d_outputs, numerical) < 1e-6

        narrow = sample(loss, shape, np.float32)
        losses32, d_outputs32 = evaluate(loss, *narrow)
        assert d_outputs32.dtype == np.float32
        np.testing.assert_allclose(losses32, losses, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(d_outputs32, d_outputs, rtol=1e-5, atol=1e-6)

        for number in (1, 2, 2):
            with threads(number):
                for arrays, expected in (((outputs, targets), (losses, d_outputs)), (narrow, (losses32, d_outputs32))):
                    again = evaluate(loss, *arrays)
                    assert [part.tobytes() for part in again] == [part.tobytes() for part in expected]

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_same_bits_wherever_an_element_lies(self, case: Settings, dtype: type[np.floating]) -> None:
        """Among those that a loop takes by vectors, or among the last ones, which it takes one by one.

        In each row all outputs but the first are equal, and so are the targets.
        """
        loss = self.make(case)
        first, targets = sample(loss, (20, 1), dtype)
        others, _ = sample(loss, (20, 1), dtype, seed=2)
        for width in range(2, 71):
            outputs = np.concatenate([first, np.repeat(others, width - 1, axis=1)], axis=1)
            wanted = targets if loss.targets == "classes" else np.repeat(targets, width, axis=1)
            _, d_outputs = evaluate(loss, outputs, wanted)
            np.testing.assert_array_equal(d_outputs[:, 1:], np.repeat(d_outputs[:, 1:2], width - 1, axis=1))

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_rows_without_a_target_change_no_bit(self, case: Settings, dtype: type[np.floating]) -> None:
        """Whatever their outputs are; their own loss and gradient are 0."""
        loss = self.make(case)
        outputs, targets = sample(loss, (5, 3), dtype)
        expected = evaluate(loss, outputs, targets)
        real = np.array([0, 2, 3, 6, 8])
        padded, wanted = np.full((9, 3), np.nan, dtype), np.full((9, *targets.shape[1:]), -1, targets.dtype)
        if loss.targets != "classes":
            wanted[...] = np.nan
        padded[1] = 7.0
        padded[real], wanted[real] = outputs, targets
        found = evaluate(loss, padded, wanted, count=5)
        for own, alone in zip(found, expected, strict=True):
            assert own[real].tobytes() == alone.tobytes()
            assert not np.delete(own, real, axis=0).any()

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_extreme_outputs_stay_finite(self, case: Settings, dtype: type[np.floating]) -> None:
        loss = self.make(case)
        outputs, targets = sample(loss, (6, 4), dtype)
        outputs[:] = np.where(outputs > 0, 1e4, -1e4)
        losses, d_outputs = evaluate(loss, outputs, targets)
        assert np.isfinite(losses).all()
        assert np.isfinite(d_outputs).all()
        assert (losses >= 0).all()

    @pytest.mark.parametrize("place", [0, 1])
    def test_nan_is_seen(self, case: Settings, place: int) -> None:
        loss = self.make(case)
        outputs, targets = sample(loss, (3, 2), np.float32)
        outputs[1, place] = np.nan
        losses, d_outputs = evaluate(loss, outputs, targets)
        np.testing.assert_array_equal(np.isnan(losses), [False, True, False])
        assert np.isfinite(d_outputs[[0, 2]]).all()

    def test_the_threshold_parts_right_from_wrong(self, case: Settings) -> None:
        loss = self.make(case)
        if loss.targets == "classes":
            assert loss.threshold == 0.0
            return
        if self.threshold is None:
            return
        assert loss.threshold == self.threshold
        outputs = np.array([[loss.threshold - 0.1], [loss.threshold + 0.1]])
        to_zero, to_one = evaluate(loss, outputs, np.zeros((2, 1)))[0], evaluate(loss, outputs, np.ones((2, 1)))[0]
        assert to_zero[0] < to_one[0]
        assert to_zero[1] > to_one[1]

    @pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
    def test_values_and_gradients_are_pytorchs(
        self, stored: Settings, dtype: type[np.floating], tolerance: float
    ) -> None:
        loss = self.make({key: value for key, value in stored.items() if key != "spread"})
        golden = self.golden_arrays(stored)
        targets = golden["targets"] if loss.targets == "classes" else golden["targets"].astype(dtype)
        losses, d_outputs = evaluate(loss, golden["outputs"].astype(dtype), targets)
        np.testing.assert_allclose(losses, golden["losses"], rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(d_outputs, golden["d_outputs"], rtol=tolerance, atol=tolerance)
