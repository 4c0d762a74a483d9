"""The one check for every optimizer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from nnctl import random
from nnctl.kernels.compiler.progress import CompileWatch
from nnctl.kernels.device import CPU
from nnctl.optimizers.optimizer import Optimizer, Shape
from tests.support.kind_check import KindCheck, Settings
from tests.support.threads import threads

Float64 = NDArray[np.float64]


class OptimizerCheck(KindCheck, ABC):
    """The formula, the bits, and that it converges.

    Cases hold the `learning_rate` beside the optimizer's own settings.
    """

    defaults: ClassVar[Settings]
    """What PyTorch's defaults are, or the paper's."""
    rate: ClassVar[float]
    """A learning rate with which 800 steps find the minimum of a quadratic."""

    @staticmethod
    @abstractmethod
    def reference(
        optimizer: Any, parameters: Float64, gradients: Float64, slots: Float64, rate: float, step: int
    ) -> tuple[Float64, Float64]:
        """Parameters and slots after a step, as the papers and PyTorch's documentation have it, in float64 NumPy."""

    @staticmethod
    def shapes(size: int) -> list[Shape]:
        """Of the arrays that so many parameters are."""
        return [(size,)]

    def optimizer(self, settings: Settings) -> Optimizer:
        made: Optimizer = self.make({key: value for key, value in settings.items() if key != "learning_rate"})
        return made

    def steps(
        self, optimizer: Optimizer, start: NDArray[Any], gradients: NDArray[Any], rate: float
    ) -> list[NDArray[Any]]:
        """The parameters after each step, and at the end the slots; all in the dtype of the start."""
        parameters, shapes = start.copy(), self.shapes(start.size)
        slots = np.zeros((len(optimizer.slots), start.size), start.dtype)
        trace = []
        for step, gradient in enumerate(gradients.astype(start.dtype), 1):
            optimizer.update(parameters, gradient, slots, shapes, rate, step, CPU())
            trace.append(parameters.copy())
        return [*trace, slots]

    def test_parameters_and_slots_follow_the_formula(self, case: Settings) -> None:
        optimizer, rate = self.optimizer(case), case["learning_rate"]
        generator = random.generator(3, "optimizer test")
        expected, gradients = generator.normal(size=1001), generator.normal(size=(5, 1001))
        *trace, slots = self.steps(optimizer, expected, gradients, rate)
        expected_slots = np.zeros_like(slots)
        for step, gradient in enumerate(gradients, 1):
            expected, expected_slots = self.reference(optimizer, expected, gradient, expected_slots, rate, step)
            np.testing.assert_allclose(trace[step - 1], expected, rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(slots, expected_slots, rtol=1e-11, atol=1e-12)

    def test_same_bits_on_any_number_of_threads(self, case: Settings) -> None:
        optimizer = self.optimizer(case)
        generator = random.generator(4, "optimizer test")
        start, gradients = generator.normal(size=1003).astype(np.float32), generator.normal(size=(3, 1003))
        found = set()
        for number in (1, 2, 2):
            with threads(number):
                found.add(b"".join(part.tobytes() for part in self.steps(optimizer, start, gradients, 0.01)))
        assert len(found) == 1

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_same_bits_wherever_an_element_lies(self, case: Settings, dtype: type[np.floating]) -> None:
        """Among those that a loop takes by vectors, or among the last ones, which it takes one by one."""
        optimizer = self.optimizer(case)
        generator = random.generator(5, "optimizer test")
        start, gradients = generator.normal(size=140).astype(dtype), generator.normal(size=(3, 140))
        whole = self.steps(optimizer, start, gradients, 0.01)
        for length in range(1, 71):
            here = slice(70 - length, 70)
            part = self.steps(optimizer, start[here], gradients[:, here], 0.01)
            for own, expected in zip(part, whole, strict=True):
                np.testing.assert_array_equal(own, expected[..., here])

    def test_converges_on_a_quadratic(self) -> None:
        """(p - goal)^T diag(curvature) (p - goal) / 2, in float32."""
        optimizer = self.make({"weight_decay": 0.0})
        goal = np.array([3.0, -2.0, 0.5, 0.0], np.float32)
        curvature = np.array([1.0, 0.3, 2.0, 4.0], np.float32)
        parameters, slots = np.ones(4, np.float32), np.zeros((len(optimizer.slots), 4), np.float32)
        for step in range(1, 801):
            optimizer.update(parameters, curvature * (parameters - goal), slots, self.shapes(4), self.rate, step, CPU())
        np.testing.assert_allclose(parameters, goal, atol=0.02)

    def test_later_steps_compile_nothing(self, case: Settings) -> None:
        optimizer = self.optimizer(case)
        parameters, slots = np.ones(8, np.float32), np.zeros((len(optimizer.slots), 8), np.float32)
        optimizer.update(parameters, parameters * 0.5, slots, self.shapes(8), 0.1, 1, CPU())
        with CompileWatch() as watch:
            optimizer.update(parameters, parameters * 0.5, slots, self.shapes(8), 0.07, 2, CPU())
        assert watch.seconds == 0.0

    def test_the_gradients_are_left_alone(self) -> None:
        optimizer = self.make({"weight_decay": 0.1})
        parameters, gradients = np.ones(8, np.float32), np.arange(8, dtype=np.float32)
        slots = np.zeros((len(optimizer.slots), 8), np.float32)
        optimizer.update(parameters, gradients, slots, self.shapes(8), 0.1, 1, CPU())
        np.testing.assert_array_equal(gradients, np.arange(8))

    def test_the_defaults(self) -> None:
        assert self.make({}).model_dump(exclude={"type", "exclude_from_weight_decay"}) == self.defaults


class PyTorchOptimizerCheck(OptimizerCheck):
    """What every optimizer must do, with PyTorch's numbers. The other tests run with the `golden` settings, too."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.cases = cls.golden

    @staticmethod
    @abstractmethod
    def pytorch(parameters: Sequence[Any], **settings: Any) -> Any:
        """PyTorch's optimizer of these parameters; for golden/make_optimizers.py."""

    @pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
    def test_twenty_steps_are_pytorchs(self, stored: Settings, dtype: type[np.floating], tolerance: float) -> None:
        golden = self.golden_arrays(stored)
        rate, expected = stored["learning_rate"], golden["trace"]
        *trace, slots = self.steps(self.optimizer(stored), golden["start"].astype(dtype), golden["gradients"], rate)
        assert len(trace) == 20
        assert trace[-1].dtype == slots.dtype == dtype
        scale = np.maximum(np.abs(expected), 0.1)  # of parameters that were drawn from N(0, 1)
        assert (np.abs(trace - expected) / scale).max() < tolerance
