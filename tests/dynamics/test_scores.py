"""How much each channel matters, compared with what a network without it loses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnctl import random
from nnctl.data.batches import order
from nnctl.data.dataset import Split
from nnctl.dynamics.gradients import gradients_of, thawed
from nnctl.dynamics.scores import effects, magnitudes
from nnctl.dynamics.structure import Structure
from nnctl.losses.mse import MSE
from nnctl.model.network import Network
from nnctl.model.objective import Objective
from tests.support.changing_networks import filled, networks, outputs_of
from tests.support.threads import threads

SEED, BATCH_SIZE = 3, 4
CONVOLUTIONAL: list[Any] = [
    {"type": "conv2d", "out_channels": 3, "kernel_size": 3, "activation": "tanh"},
    "batch_norm",
    {"type": "dropout", "p": 0.5},
    {"type": "avg_pool2d", "kernel_size": 2},
    "flatten",
    {"type": "linear", "out_features": 4, "activation": {"type": "prelu", "per_channel": True}},
    {"type": "linear", "out_features": 2},
]
IMAGE = (6, 4, 1)


def samples_for(structure: Structure, samples: int = 10) -> Split:
    generator = random.generator(SEED, "samples to score on")
    targets = generator.normal(size=(samples, structure.plan.outputs[-1]))
    return Split(generator.normal(size=(samples, *structure.inputs)), targets)


def effects_of(structure: Structure, split: Split, batch_size: int = BATCH_SIZE) -> dict[str, NDArray[np.float64]]:
    network = Network(thawed(structure), batch_size, "float64")
    network.load(dict(structure.arrays))
    return effects(structure, gradients_of(Objective(network, MSE(), split), split, SEED))


def batches_of(split: Split) -> list[Split]:
    rows = order(SEED, 1, len(split))
    return [split.take(own) for own in np.split(rows, range(BATCH_SIZE, len(split), BATCH_SIZE))]


def loss(structure: Structure, batch: Split) -> float:
    return float(np.square(outputs_of(structure, batch.inputs) - batch.targets).mean())


def with_channel(structure: Structure, layer: str, channel: int, factor: float) -> Structure:
    """Where what reads a channel reads it with a factor."""
    own = structure.channels[layer]
    weight = structure.arrays[own.reader].copy()
    weight[..., np.arange(weight.shape[-2]) % own.count == channel, :] *= factor
    return replace(structure, arrays={**structure.arrays, own.reader: weight})


def naive_effect(structure: Structure, split: Split, layer: str, channel: int) -> float:
    """The derivative of the loss by that factor, by differences; squared, and the mean over the batches."""
    width = 1e-5
    ends = [with_channel(structure, layer, channel, 1 + sign * width) for sign in (1, -1)]
    changes = [(loss(ends[0], batch) - loss(ends[1], batch)) / (2 * width) for batch in batches_of(split)]
    return float(np.square(changes).mean())


@pytest.mark.parametrize("frozen", [False, True, 2])
def test_effects_are_those_that_differences_give(frozen: Any) -> None:
    first, *others = CONVOLUTIONAL
    structure = filled([{**first, "freeze": frozen}, *others[:-1], {**others[-1], "freeze": frozen}], IMAGE)
    split = samples_for(structure)
    found = effects_of(structure, split)
    assert {layer: len(scores) for layer, scores in found.items()} == {"layers.0": 3, "layers.5": 4}
    for layer, scores in found.items():
        expected = [naive_effect(structure, split, layer, channel) for channel in range(len(scores))]
        np.testing.assert_allclose(scores, expected, rtol=1e-6)


@given(structure=networks())
@settings(max_examples=15)
def test_effects_in_networks_of_all_kinds(structure: Structure) -> None:
    split = samples_for(structure)
    for layer, scores in effects_of(structure, split).items():
        channel = len(scores) - 1
        expected = naive_effect(structure, split, layer, channel)
        np.testing.assert_allclose(scores[channel], expected, rtol=1e-4, atol=1e-9 * max(1.0, scores.max()))


def test_a_channel_that_nothing_reads_has_no_effect() -> None:
    structure = filled(CONVOLUTIONAL, IMAGE)
    unread = with_channel(structure, "layers.0", 1, 0.0)
    scores = effects_of(unread, samples_for(structure))["layers.0"]
    assert scores[1] == 0
    assert (scores[[0, 2]] > 0).all()


def test_effects_are_the_same_bits_on_any_number_of_threads() -> None:
    structure = filled(CONVOLUTIONAL, IMAGE)
    split = samples_for(structure, 40)

    def measured(number: int) -> dict[str, bytes]:
        with threads(number):
            return {layer: scores.tobytes() for layer, scores in effects_of(structure, split, 16).items()}

    assert measured(1) == measured(2)


def naive_magnitude(weight: NDArray[Any]) -> NDArray[np.float64]:
    norms = np.array([np.linalg.norm(weight[..., channel]) for channel in range(weight.shape[-1])])
    return np.asarray(norms / np.sqrt((norms**2).mean()))


@given(structure=networks(), data=st.data())
@settings(max_examples=20)
def test_magnitudes_are_norms_over_those_of_the_layer(structure: Structure, data: st.DataObject) -> None:
    found = magnitudes(structure)
    assert found.keys() == {layer for layer, own in structure.channels.items() if not own.bound}
    for layer, scores in found.items():
        np.testing.assert_allclose(scores, naive_magnitude(structure.arrays[f"{layer}.weight"]), rtol=1e-12)
        assert np.square(scores).mean() == pytest.approx(1)


def test_the_scale_of_a_layer_is_nothing_to_magnitudes() -> None:
    structure = filled(CONVOLUTIONAL, IMAGE)
    weight: NDArray[Any] = structure.arrays["layers.0.weight"] * 1000
    larger = replace(structure, arrays={**structure.arrays, "layers.0.weight": weight})
    for layer, scores in magnitudes(larger).items():
        np.testing.assert_allclose(scores, magnitudes(structure)[layer], rtol=1e-12)


def test_a_layer_of_zeros_has_magnitudes_of_zero() -> None:
    structure = filled(CONVOLUTIONAL, IMAGE)
    zeros = np.zeros_like(structure.arrays["layers.0.weight"])
    scores = magnitudes(replace(structure, arrays={**structure.arrays, "layers.0.weight": zeros}))
    np.testing.assert_array_equal(scores["layers.0"], np.zeros(3))
