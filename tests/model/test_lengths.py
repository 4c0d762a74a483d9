"""Sequences with a length each through whole networks: layers that change it hand it on, through layers of layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnctl.errors import ConfigError
from nnctl.model.network import Network
from nnctl.model.plan import plan_network
from tests.support.specs import layers_of

STEPS, LENGTHS = 19, np.array([19, 9, 12, 10])
CONV = {"type": "conv1d", "out_channels": 3, "kernel_size": 3, "padding": "same"}
HALVED = {**CONV, "stride": 2}
WINDOWS: list[Any] = [
    {**CONV, "padding": "valid", "activation": "relu"},
    {"type": "residual", "layers": [HALVED, "tanh", CONV]},
    {"type": "parallel", "branches": [[], [CONV], ["sigmoid"]]},
    {"repeat": 2, "layers": [{"type": "max_pool1d", "kernel_size": 2, "stride": 1}, "relu"]},
]
ENDS: dict[str, list[Any]] = {
    "lstm": [{"type": "lstm", "hidden_size": 2, "bidirectional": True}],
    "mean": ["mean_over_steps"],
    "max": ["global_max_pool", {"type": "linear", "out_features": 2}],
}


def network(layers: list[Any], steps: int, samples: int) -> Network:
    made = Network(plan_network(layers_of(layers), (steps, 2)), samples, "float64", has_lengths=True)
    made.plan.check_lengths()
    made.initialize(5)
    return made


def both_ways(made: Network, inputs: NDArray[Any], lengths: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Outputs and gradients of sum(outputs)."""
    n = len(inputs)
    made.inputs(n)[...] = inputs
    own = made.lengths(n)
    assert own is not None
    own[...] = lengths
    made.forward(n, training=True)
    made.d_outputs(n)[...] = 1.0
    made.backward(n)
    return made.outputs(n).copy(), made.gradients.copy()


@pytest.mark.parametrize("end", ENDS)
def test_a_sample_gives_what_it_gives_alone(end: str) -> None:
    layers = [*WINDOWS, *ENDS[end]]
    inputs = np.random.default_rng(0).normal(size=(len(LENGTHS), STEPS, 2))
    padded = np.where((np.arange(STEPS) < LENGTHS[:, np.newaxis])[..., np.newaxis], inputs, np.nan)
    outputs, gradients = both_ways(network(layers, STEPS, 4), padded, LENGTHS)
    alone = [
        both_ways(network(layers, int(length), 1), inputs[n : n + 1, :length], LENGTHS[n : n + 1])
        for n, length in enumerate(LENGTHS)
    ]
    np.testing.assert_allclose(outputs, np.concatenate([own for own, _ in alone]), rtol=1e-10)
    np.testing.assert_allclose(gradients, sum(own for _, own in alone), rtol=1e-9, atol=1e-12)
    longer = np.concatenate([padded, np.full((4, 6, 2), 1e30)], axis=1)
    more, _ = both_ways(network(layers, STEPS + 6, 4), longer, LENGTHS)
    np.testing.assert_allclose(more, outputs, rtol=1e-10)


AVERAGED = {"type": "avg_pool1d", "kernel_size": 2}


@pytest.mark.parametrize(
    ("layers", "path", "what", "help"),
    [
        (
            [CONV, {"type": "parallel", "branches": [[HALVED], [AVERAGED]]}],
            "layers.1",
            "parallel joins sequences of unlike lengths: of 7 steps, branch.0 leaves 4 and branch.1 3",
            "give their layers the same kernel_size, stride and padding, or `padding: same`",
        ),
        (
            [{"type": "residual", "layers": [AVERAGED]}],
            "layers.0",
            "residual joins sequences of unlike lengths: of 7 steps, body leaves 3 and shortcut 4",
            "give their layers the same kernel_size, stride and padding, or `padding: same`",
        ),
    ],
)
def test_branches_that_leave_unlike_lengths(layers: list[Any], path: str, what: str, help: str) -> None:
    """Without lengths they fit: all samples have 8 steps."""
    plan = plan_network(layers_of(layers), (8, 2))
    with pytest.raises(ConfigError) as raised:
        plan.check_lengths()
    (problem,) = raised.value.problems
    assert (problem.path, problem.what, problem.help) == (path, what, help)


def test_branches_that_end_the_steps_may_have_had_unlike_ones() -> None:
    layers = [{"type": "parallel", "branches": [[HALVED, "mean_over_steps"], [AVERAGED, "global_max_pool"]]}]
    plan_network(layers_of(layers), (8, 2)).check_lengths()


def test_samples_without_a_whole_window_are_told_of_layer_by_layer() -> None:
    pool = {"type": "max_pool1d", "kernel_size": 5, "stride": 1, "padding": 1}
    layers = [
        {**CONV, "kernel_size": 4, "dilation": 2, "padding": "valid"},
        {"type": "residual", "layers": [CONV, {**CONV, "kernel_size": 9, "padding": "causal"}]},
        {"type": "parallel", "branches": [[{"repeat": 1, "layers": ["tanh", pool]}], [{**pool, "type": "avg_pool1d"}]]},
        "global_max_pool",
    ]
    plan = plan_network(layers_of(layers), (9, 2))
    assert list(plan.notes_on_lengths({"training samples": np.array([9, 9])})) == []
    lengths = {"training samples": np.array([9, 7, 6, 1]), "test samples": np.array([8])}  # 3, 1, 1, 1 and 2 windows
    padded = (
        "3 of the 4 training samples and the only test sample have fewer steps here, with padding 1 on both sides, "
        "than its window of 5"
    )
    assert list(plan.notes_on_lengths(lengths)) == [
        "layers.0 conv1d: 2 of the 4 training samples have fewer steps here than its window of 7; "
        "zeros stand in for what is missing",
        f"layers.2.branches.0.0.0.layers.1 max_pool1d: {padded}; it takes the largest of the steps that there are",
        f"layers.2.branches.1.0 avg_pool1d: {padded}; it takes the mean of the steps that there are",
    ]


def test_behind_the_end_of_the_steps_there_are_no_lengths() -> None:
    """What is made a sequence of again has steps of its own."""
    layers = ["mean_over_steps", {"type": "linear", "out_features": 6}]
    made = network(layers, STEPS, 4)
    assert [arrays.lengths is None for _, _, arrays in made.walk(4)] == [False, True]
