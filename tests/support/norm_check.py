"""What every layer must do that normalises each sample by itself, beside what every layer must."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pytest

from nnctl.layers.operation import StepContext
from tests.support.kind_check import Settings
from tests.support.layer_check import Built, Float64, a_step, build, check_layer
from tests.support.pytorch_layer_check import PyTorchLayerCheck
from tests.support.threads import threads

STEPS, CHANNELS = 5, 6
LENGTHS = np.array([5, 1, 3, 0, 2])


def normalized(values: Float64, eps: float) -> Float64:
    """Numbers that are normalised together, by the textbook."""
    numbers = [float(value) for value in values.ravel()]
    mean = math.fsum(numbers) / len(numbers)
    variance = math.fsum((number - mean) ** 2 for number in numbers) / len(numbers)
    return (values - mean) / math.sqrt(variance + eps)


class NormCheck(PyTorchLayerCheck, ABC):
    """A reference that normalises one sample after the other, and PyTorch's numbers."""

    form: ClassVar[Settings] = {}
    """Settings for sequences of CHANNELS channels."""

    @staticmethod
    @abstractmethod
    def of_sample(layer: Any, sample: Float64) -> Float64:
        """One sample normalised, all of whose steps are real, before weight and bias. sample: (P, C)."""

    @classmethod
    def reference(cls, layer: Any, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        flat = inputs.reshape(len(inputs), -1, inputs.shape[-1])
        found = np.array([cls.of_sample(layer, sample) for sample in flat])
        return (found * parameters["weight"] + parameters.get("bias", 0.0)).reshape(inputs.shape)

    def test_in_evaluation(self) -> None:
        check_layer(self.layer(self.form), (STEPS, CHANNELS), self.reference, training=False)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_what_lies_beyond_a_length_has_no_influence(self, dtype: type[np.floating]) -> None:
        results = [self._with_lengths(filling, dtype).both_ways(a_step()).results() for filling in (0.0, np.nan, 1e30)]
        for name, expected in results[0].items():
            assert not np.isnan(expected).any(), name
            assert all(result[name].tobytes() == expected.tobytes() for result in results), name

    def test_each_sample_has_its_own_length(self) -> None:
        built = self._with_lengths(np.nan, np.float64).both_ways(a_step())
        gradients = {name: np.zeros_like(array) for name, array in built.arrays.gradients.items()}
        d_inputs = built.arrays.d_inputs
        assert d_inputs is not None
        for number, length in enumerate(LENGTHS):
            assert not built.arrays.outputs[number, length:].any()
            assert not d_inputs[number, length:].any()
            if length == 0:
                continue
            alone = build(self.layer(self.form), (int(length), CHANNELS), samples=1)
            alone.arrays.inputs[...] = built.arrays.inputs[number, :length]
            alone.arrays.d_outputs[...] = built.arrays.d_outputs[number, :length]
            for name, parameter in built.arrays.parameters.items():
                alone.arrays.parameters[name][...] = parameter
            alone.both_ways(a_step())
            np.testing.assert_allclose(built.arrays.outputs[number, :length], alone.arrays.outputs[0], atol=1e-12)
            assert alone.arrays.d_inputs is not None
            np.testing.assert_allclose(d_inputs[number, :length], alone.arrays.d_inputs[0], atol=1e-12)
            for name, gradient in alone.arrays.gradients.items():
                gradients[name] += gradient
        for name, gradient in built.arrays.gradients.items():
            np.testing.assert_allclose(gradient, gradients[name], atol=1e-12)

    def _with_lengths(self, filling: float, dtype: type[np.floating]) -> Built:
        layer = self.layer(self.form)
        built = build(layer, (STEPS, CHANNELS), samples=len(LENGTHS), dtype=dtype, lengths=LENGTHS)
        for number, length in enumerate(LENGTHS):
            built.arrays.inputs[number, length:] = built.arrays.d_outputs[number, length:] = filling
        return built

    def test_full_lengths_are_the_same_as_none(self) -> None:
        layer = self.layer(self.form)
        without = build(layer, (STEPS, CHANNELS)).both_ways(a_step()).results()
        full = build(layer, (STEPS, CHANNELS), lengths=np.full(3, STEPS)).both_ways(a_step()).results()
        assert all(result.tobytes() == without[name].tobytes() for name, result in full.items())

    def test_images_have_no_lengths(self) -> None:
        layer, shape = self.layer(self.form), (2, 3, CHANNELS)
        without = build(layer, shape).both_ways(a_step()).results()
        given = build(layer, shape, lengths=np.array([0, 1, 2])).both_ways(a_step()).results()
        assert all(result.tobytes() == without[name].tobytes() for name, result in given.items())

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_the_bits_are_those_of_one_thread(self, dtype: type[np.floating]) -> None:
        expected: dict[str, bytes] = {}
        for number in (1, 2, 3, 8):
            with threads(number):
                results = build(self.layer(self.form), (40, 9, 12), 37, dtype).both_ways(a_step()).results()
            made = {name: result.tobytes() for name, result in results.items()}
            expected = expected or made
            assert made == expected, f"{number} threads"

    @pytest.mark.parametrize("mean", [100.0, -3000.0])
    def test_a_large_mean_costs_few_digits(self, mean: float) -> None:
        """No more than rounding the mean itself to the inputs' precision."""
        layer = self.layer(self.form)
        built = build(layer, (40, 9, CHANNELS), samples=2, dtype=np.float32)
        built.arrays.inputs[...] += np.float32(mean)
        outputs = built.forward(a_step()).arrays.outputs
        parameters = {name: array.astype(np.float64) for name, array in built.arrays.parameters.items()}
        exact = self.reference(layer, built.arrays.inputs.astype(np.float64), parameters, a_step())
        np.testing.assert_allclose(outputs, exact, atol=1e-5 + 3e-7 * abs(mean))

    def test_equal_numbers_have_no_variance(self) -> None:
        built = build(self.layer(self.form), (STEPS, CHANNELS))
        built.arrays.inputs[...] = 3.0
        arrays = built.both_ways(a_step()).arrays
        np.testing.assert_allclose(arrays.outputs, np.broadcast_to(arrays.parameters["bias"], arrays.outputs.shape))
        assert arrays.d_inputs is not None
        assert np.isfinite(arrays.d_inputs).all()

    def test_nan_is_not_hidden(self) -> None:
        built = build(self.layer(self.form), (STEPS, CHANNELS))
        built.arrays.inputs[1, 2, 3] = np.nan
        outputs = built.forward(a_step()).arrays.outputs
        assert np.isnan(outputs[1]).any()
        assert not np.isnan(outputs[[0, 2]]).any()
