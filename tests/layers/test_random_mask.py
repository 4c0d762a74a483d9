"""Steps and features of sequences masked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from nnctl.kernels.device import CPU
from nnctl.layers.operation import ShapeError, StepContext
from nnctl.layers.random_mask import RandomMask
from tests.support.layer_check import Array, Float64, LayerCheck, check_layer
from tests.support.sequence_augmentation import FEATURES, LENGTHS, STEPS, augmented, check_lengths
from tests.support.splitmix import integer_below


class TestRandomMask(LayerCheck):
    kind = RandomMask
    cases = (
        {"inputs": [6, 3], "steps": 3},
        {"inputs": [3, 6], "steps": 0, "features": 3},
        {"inputs": [5, 4], "steps": 4, "features": 2},
    )
    refused = ({}, {"steps": 0, "features": 0}, {"steps": -1}, {"steps": 0, "features": 1.5})
    without_pytorch = "its masks are others"

    @staticmethod
    def reference(layer: RandomMask, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        outputs = inputs.copy()
        if not step.training:
            return outputs
        key = int(step.key("random_mask"))
        for n, sample in enumerate(outputs):
            steps, features = sample.shape
            masked = integer_below(key, 4 * n, layer.steps + 1)
            first = integer_below(key, 4 * n + 1, steps - masked + 1)
            sample[first : first + masked] = 0
            masked = integer_below(key, 4 * n + 2, layer.features + 1)
            first = integer_below(key, 4 * n + 3, features - masked + 1)
            sample[:, first : first + masked] = 0
        return outputs

    def test_evaluation_changes_nothing(self) -> None:
        check_layer(RandomMask(steps=2, features=1), (5, 3), self.reference, training=False)


def runs(zeros: Array) -> list[int]:
    """The lengths of the runs of true values in a row."""
    edges = np.diff(np.concatenate([[False], zeros, [False]]).astype(int))
    return list(np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1))


def test_nothing_of_the_padding_shows() -> None:
    check_lengths(RandomMask(steps=3, features=2))


def test_real_steps_in_a_row_are_masked_and_one_stays() -> None:
    found = set()
    for step in range(30):
        inputs, outputs, d_outputs, d_inputs = augmented(RandomMask(steps=5), step=step)
        for n, length in enumerate(LENGTHS):
            if length == 0:
                continue
            zeros = (outputs[n, :length] == 0).all(axis=1)
            masked = runs(zeros)
            assert len(masked) <= 1
            assert sum(masked) <= min(5, length - 1)
            np.testing.assert_array_equal(outputs[n, :length], np.where(zeros[:, None], 0, inputs[n, :length]))
            np.testing.assert_array_equal(d_inputs[n, :length], np.where(zeros[:, None], 0, d_outputs[n, :length]))
            found.add((int(length), sum(masked)))
    for length in LENGTHS[LENGTHS > 0]:
        assert {most for own, most in found if own == length} == set(range(min(5, length - 1) + 1))


def test_features_in_a_row_are_masked_at_all_steps() -> None:
    found, places = set(), set()
    for step in range(30):
        _, outputs, _, _ = augmented(RandomMask(steps=0, features=3), None, step=step)
        zeros = outputs == 0
        assert (zeros.all(axis=1) == zeros.any(axis=1)).all()
        for sample in zeros.all(axis=1):
            found.add(tuple(runs(sample)))
            places.update(np.flatnonzero(sample).tolist())
    assert found == {(), (1,), (2,), (3,)}
    assert places == set(range(FEATURES))


@pytest.mark.parametrize("counter", ["seed", "epoch", "step", "path"])
def test_each_counter_makes_other_masks(counter: str) -> None:
    layer = RandomMask(steps=5, features=2)
    outputs = [augmented(layer, None, **{counter: (k,) if counter == "path" else k})[1] for k in range(3)]
    assert len({array.tobytes() for array in outputs}) == 3


@pytest.mark.parametrize(
    ("layer", "shape", "remedy"),
    [
        (RandomMask(steps=STEPS), (STEPS, 3), "give `steps: 8` or less"),
        (RandomMask(steps=2, features=3), (STEPS, 3), "give `features: 2` or less"),
        (RandomMask(steps=2, features=1), (STEPS, 1), "leave `features` out"),
        (RandomMask(steps=0, features=1), (STEPS, 1), "leave this layer out"),
    ],
)
def test_more_than_a_sequence_has_is_refused(layer: RandomMask, shape: tuple[int, int], remedy: str) -> None:
    with pytest.raises(ShapeError, match="nothing of it would be left") as refusal:
        layer.plan(shape, CPU())
    assert refusal.value.help == remedy


def test_what_is_no_sequence_is_refused() -> None:
    with pytest.raises(ShapeError, match="two axes a sample") as refusal:
        RandomMask(steps=1).plan((4, 4, 2), CPU())
    assert refusal.value.help == "use cutout for images"
