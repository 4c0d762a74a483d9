"""The one check for every activation: what a layer must do, and large inputs, NaN, and the initializer it asks for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import DTypeLike

from nnctl.initializers.initializer import Initializer
from nnctl.layers.operation import StepContext
from nnctl.spec import kinds
from tests.support.layer_check import Array, Float64, LayerCheck, a_step, build

LARGE = [-1e4, -800.0, -100.0, -30.0, 0.0, 30.0, 100.0, 800.0, 1e4]


class ActivationCheck(LayerCheck, ABC):
    """Of an activation with its defaults, beside the cases of every layer."""

    cases = ({"inputs": [3, 4, 2]},)
    golden = ({"inputs": [6, 5, 3]},)

    @staticmethod
    @abstractmethod
    def limits(x: Float64) -> Array:
        """What the outputs tend to, at LARGE."""

    def at(self, inputs: list[float], dtype: DTypeLike = np.float64) -> tuple[Array, Array]:
        """outputs and d_inputs of one sample, d_outputs all 1."""
        built = build(self.make({}), (len(inputs),), samples=1, dtype=dtype)
        arrays = built.arrays
        arrays.inputs[0] = inputs
        arrays.d_outputs[...] = 1
        built.both_ways(a_step())
        assert arrays.d_inputs is not None
        return arrays.outputs[0], arrays.d_inputs[0]

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_large_inputs_stay_finite(self, dtype: DTypeLike) -> None:
        outputs, d_inputs = self.at(LARGE, dtype)
        np.testing.assert_allclose(outputs, self.limits(np.array(LARGE)), rtol=1e-6, atol=1e-11)
        assert np.isfinite(d_inputs).all()

    def test_a_nan_is_not_hidden(self) -> None:
        outputs, _ = self.at([1.0, np.nan, -1.0])
        assert np.isnan(outputs[1])

    def test_the_initializer_exists(self) -> None:
        assert self.kind.initializer in kinds(Initializer)


class ElementwiseCheck(ActivationCheck, ABC):
    """Of an activation that works element by element."""

    @staticmethod
    @abstractmethod
    def formula(layer: Any, x: float) -> float:
        """The output of one input, by the textbook."""

    @classmethod
    def reference(cls, layer: Any, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        return np.array([cls.formula(layer, float(x)) for x in inputs.ravel()]).reshape(inputs.shape)
