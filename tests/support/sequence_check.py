"""What every layer over the steps of sequences must do beside what every layer must: each sample has its own length."""

from __future__ import annotations

from abc import ABC

import numpy as np

from nnctl.kernels.device import CPU
from tests.support.kind_check import Settings
from tests.support.layer_check import Built, LayerCheck, a_step, build

LENGTHS = (7, 1, 4, 5, 2)
STEPS, FEATURES = 7, 3


class SequenceCheck(LayerCheck, ABC):
    """Cases with two axes a sample are taken with lengths, too."""

    def least(self, case: Settings) -> int:
        """Steps of the shortest sample that the layer takes alone."""
        return 1

    def test_what_lies_beyond_a_length_has_no_influence(self, case: Settings) -> None:
        if len(case["inputs"]) != 2:
            return
        expected, *others = (self._with_lengths(case, filling).results() for filling in (0.0, np.nan, 1e30))
        for name, result in expected.items():
            assert not np.isnan(result).any(), name
            assert all(other[name].tobytes() == result.tobytes() for other in others), name

    def test_each_sample_gives_what_it_gives_alone(self, case: Settings) -> None:
        if len(case["inputs"]) != 2:
            return
        built = self._with_lengths(case, np.nan)
        arrays, operation = built.arrays, built.operation
        assert arrays.lengths is not None
        assert arrays.d_inputs is not None
        behind = operation.lengths_of_outputs(arrays)
        assert (behind is None) == (len(operation.outputs) < 2)
        if behind is not None:
            np.testing.assert_array_equal(operation.steps(arrays.lengths), behind)
        for n, length in enumerate(arrays.lengths):
            assert not arrays.d_inputs[n, length:].any()
            if length < self.least(case):
                continue
            alone = build(self.layer(case), (int(length), arrays.inputs.shape[2]), samples=1).arrays
            steps = len(alone.outputs[0]) if behind is not None else None
            if behind is not None:
                assert behind[n] == steps
            alone.inputs[...] = arrays.inputs[n, :length]
            alone.d_outputs[...] = arrays.d_outputs[n, :steps]
            for name, parameter in arrays.parameters.items():
                alone.parameters[name][...] = parameter
            Built(self.layer(case).plan(alone.inputs.shape[1:], CPU()), alone).both_ways(a_step())
            assert alone.d_inputs is not None
            np.testing.assert_allclose(arrays.outputs[n, :steps], alone.outputs[0], rtol=1e-11, atol=1e-12)
            np.testing.assert_allclose(arrays.d_inputs[n, :length], alone.d_inputs[0], rtol=1e-11, atol=1e-12)

    def _with_lengths(self, case: Settings, filling: float) -> Built:
        """Both ways through samples with lengths up to those of the case, with `filling` beyond."""
        steps, features = case["inputs"]
        lengths = np.minimum(np.array(LENGTHS), steps)
        built = build(self.layer(case), (steps, features), samples=len(lengths), lengths=lengths)
        behind = built.operation.steps(lengths)
        for n, length in enumerate(lengths):
            built.arrays.inputs[n, length:] = filling
            if built.arrays.d_outputs.ndim > 2:
                built.arrays.d_outputs[n, behind[n] :] = filling
        return built.both_ways(a_step())
