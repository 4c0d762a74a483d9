"""Which channels stay for a budget of parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl import random
from nnctl.dynamics.budget import LEAST, MULTIPLE, fewest, kept_channels
from nnctl.dynamics.scores import Scores, magnitudes
from nnctl.dynamics.select import select
from nnctl.dynamics.structure import Structure
from tests.support.changing_networks import filled, networks

CONV = {"type": "conv2d", "kernel_size": 3, "padding": "same"}


def linear(out_features: int) -> dict[str, Any]:
    return {"type": "linear", "out_features": out_features}


@st.composite
def wide_networks(draw: st.DrawFn) -> Structure:
    """Of layers that have up to 40 channels each, some of them convolutions."""
    widths = draw(st.lists(st.integers(1, 40), min_size=1, max_size=3))
    norm: list[Any] = draw(st.sampled_from([[], ["batch_norm"]]))
    if draw(st.booleans()):
        first = [{**CONV, "out_channels": draw(st.integers(1, 20))}, *norm, {"type": "avg_pool2d", "kernel_size": 2}]
        return filled([*first, "flatten", *map(linear, widths), linear(2)], (4, 4, 2))
    return filled([linear(widths[0]), *norm, *map(linear, widths[1:]), linear(2)], (3,))


def scores_of(structure: Structure, seed: int) -> Scores:
    generator = random.generator(seed, "scores")
    return {layer: generator.random(own.count) for layer, own in structure.channels.items() if not own.bound}


def cut(structure: Structure, kept: dict[str, Any]) -> Structure:
    for layer, channels in kept.items():
        structure = select(structure, layer, channels)
    return structure


@given(structure=st.one_of(wide_networks(), networks()), share=st.floats(0.01, 0.999), seed=st.integers(0, 99))
@settings(max_examples=60)
def test_what_stays_is_within_the_budget(structure: Structure, share: float, seed: int) -> None:
    scores, most = scores_of(structure, seed), int(share * structure.plan.parameters)
    kept = kept_channels(structure, scores, most)
    assert kept.keys() == scores.keys()
    assert cut(structure, kept).plan.parameters <= max(most, fewest(structure))
    for layer, channels in kept.items():
        count = structure.channels[layer].count
        assert min(count, LEAST) <= len(channels) <= count
        assert len(channels) in (count, *range(MULTIPLE)) or len(channels) % MULTIPLE == 0
        assert (np.diff(channels) > 0).all()
        gone = np.setdiff1d(np.arange(count), channels)
        if gone.size:
            assert scores[layer][gone].max() <= scores[layer][channels].min()


@given(structure=st.one_of(wide_networks(), networks()))
@settings(max_examples=20)
def test_the_fewest_parameters_are_those_of_the_narrowest_network(structure: Structure) -> None:
    kept = kept_channels(structure, magnitudes(structure), 0)
    assert all(len(channels) == min(LEAST, structure.channels[layer].count) for layer, channels in kept.items())
    assert cut(structure, kept).plan.parameters == fewest(structure)


@given(structure=wide_networks(), seed=st.integers(0, 99))
@settings(max_examples=20)
def test_all_stay_where_the_budget_is_large_enough(structure: Structure, seed: int) -> None:
    kept = kept_channels(structure, scores_of(structure, seed), structure.plan.parameters)
    assert {layer: own.tolist() for layer, own in kept.items()} == {
        layer: list(range(own.count)) for layer, own in structure.channels.items() if not own.bound
    }


@pytest.mark.parametrize(("fewer", "expected"), [(1, (8, 7)), (40, (7, 8)), (50, (7, 7)), (80, (6, 8))])
def test_with_the_last_layer_that_loses_some_most_parameters_stay(fewer: int, expected: tuple[int, int]) -> None:
    structure = filled([linear(8), linear(8), linear(1)], (32,))  # a channel has 32 + 1 + 8 numbers, or 8 + 1 + 1
    scores = {"layers.0": np.full(8, 1.0), "layers.1": np.full(8, 1.0)}
    kept = kept_channels(structure, scores, structure.plan.parameters - fewer)
    assert (len(kept["layers.0"]), len(kept["layers.1"])) == expected


@given(structure=wide_networks(), share=st.floats(0.1, 0.9), seed=st.integers(0, 99))
@settings(max_examples=20)
def test_the_budget_has_room_for_no_more(structure: Structure, share: float, seed: int) -> None:
    most = int(share * structure.plan.parameters)
    kept = kept_channels(structure, scores_of(structure, seed), most)
    for layer, channels in kept.items():
        count = structure.channels[layer].count
        more = min(count, len(channels) + (1 if len(channels) < MULTIPLE else MULTIPLE))
        if more > len(channels):
            assert cut(structure, {**kept, layer: np.arange(more)}).plan.parameters > most


def test_frozen_layers_and_buffers_are_counted_as_they_are() -> None:
    layers = [{**linear(20), "freeze": True}, "batch_norm", linear(16), linear(2)]
    structure = filled(layers, (5,))
    kept = kept_channels(structure, magnitudes(structure), 200)
    assert cut(structure, kept).plan.parameters <= 200 < structure.plan.parameters


def test_channels_go_first_where_they_take_most_for_what_they_matter() -> None:
    structure = filled([linear(16), linear(16), linear(32), linear(1)], (30,))
    alike = {layer: np.ones(own.count) for layer, own in structure.channels.items() if not own.bound}
    most = structure.plan.parameters - 400
    counts = {layer: len(channels) for layer, channels in kept_channels(structure, alike, most).items()}
    assert counts == {"layers.0": 16, "layers.1": 7, "layers.2": 32}  # weights of a channel: 30 + 16, 16 + 32, 16 + 1
    alike["layers.1"] *= 100
    counts = {layer: len(channels) for layer, channels in kept_channels(structure, alike, most).items()}
    assert counts == {"layers.0": 7, "layers.1": 16, "layers.2": 32}


@pytest.mark.parametrize(("width", "expected"), [(20, 16), (16, 8), (9, 8), (8, 7), (3, 2)])
def test_above_eight_channels_go_until_a_multiple_of_eight_is_left(width: int, expected: int) -> None:
    structure = filled([linear(width), linear(1)], (4,))
    kept = kept_channels(structure, magnitudes(structure), structure.plan.parameters - 1)
    assert len(kept["layers.0"]) == expected
