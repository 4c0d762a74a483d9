"""Sequences moved along their steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pytest

from nnctl.kernels.device import CPU
from nnctl.layers.operation import ShapeError, StepContext
from nnctl.layers.random_shift import RandomShift
from tests.support.layer_check import Float64, LayerCheck, check_layer
from tests.support.sequence_augmentation import LENGTHS, STEPS, augmented, check_lengths
from tests.support.splitmix import integer_below


def shifted(sample: Float64, by: int) -> Float64:
    """One step after the other."""
    outputs = np.zeros_like(sample)
    for t in range(len(sample)):
        if 0 <= t - by < len(sample):
            outputs[t] = sample[t - by]
    return outputs


def drawn(key: int, n: int, steps: int, length: int) -> int:
    farthest = max(min(steps, length - 1), 0)
    return integer_below(key, n, 2 * farthest + 1) - farthest


class TestRandomShift(LayerCheck):
    kind = RandomShift
    cases = ({"inputs": [5, 3], "steps": 2}, {"inputs": [2, 1], "steps": 1})
    refused = ({}, {"steps": 0}, {"steps": 1.5})
    without_pytorch = "it has no such layer"

    @staticmethod
    def reference(layer: RandomShift, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        if not step.training:
            return inputs.copy()
        key = int(step.key("random_shift"))
        return np.array([shifted(row, drawn(key, n, layer.steps, len(row))) for n, row in enumerate(inputs)])

    def test_evaluation_changes_nothing(self) -> None:
        check_layer(RandomShift(steps=2), (5, 3), self.reference, training=False)


def shift_of(sample: Float64, outputs: Float64) -> int:
    """By how many steps a sample was moved, by what came out."""
    return next(by for by in range(1 - len(sample), len(sample)) if np.array_equal(outputs, shifted(sample, by)))


def test_nothing_of_the_padding_shows() -> None:
    check_lengths(RandomShift(steps=3))


def test_a_sequence_moves_within_its_length_and_back() -> None:
    """The gradient moves the other way; a length of one step or none leaves nothing to move."""
    for step in range(20):
        inputs, outputs, d_outputs, d_inputs = augmented(RandomShift(steps=3), step=step)
        for n, length in enumerate(LENGTHS):
            if length == 0:
                continue
            by = shift_of(inputs[n, :length], outputs[n, :length])
            assert abs(by) <= min(3, length - 1)
            np.testing.assert_array_equal(d_inputs[n, :length], shifted(d_outputs[n, :length], -by))


def test_all_shifts_are_equally_likely() -> None:
    counts: Counter[int] = Counter()
    for step in range(100):
        inputs, outputs, _, _ = augmented(RandomShift(steps=2), None, step=step)
        counts.update(shift_of(row, out) for row, out in zip(inputs, outputs, strict=True))
    assert sorted(counts) == [-2, -1, 0, 1, 2]
    expected = counts.total() / 5
    assert sum((count - expected) ** 2 / expected for count in counts.values()) < 18.5  # chi squared, 4: 1 in 1000


@pytest.mark.parametrize("counter", ["seed", "epoch", "step", "path"])
def test_each_counter_makes_other_shifts(counter: str) -> None:
    outputs = [
        augmented(RandomShift(steps=4), None, **{counter: (k,) if counter == "path" else k})[1] for k in range(3)
    ]
    assert len({array.tobytes() for array in outputs}) == 3


def test_more_steps_than_a_sequence_has_are_refused() -> None:
    with pytest.raises(ShapeError, match="nothing of it would be left") as refusal:
        RandomShift(steps=STEPS).plan((STEPS, 3), CPU())
    assert refusal.value.help == "give `steps: 8` or less"
    RandomShift(steps=8).plan((STEPS, 3), CPU())
    with pytest.raises(ShapeError, match="two axes a sample") as refusal:
        RandomShift(steps=1).plan((4, 4, 2), CPU())
    assert refusal.value.help == "use random_crop with `padding` for images"
