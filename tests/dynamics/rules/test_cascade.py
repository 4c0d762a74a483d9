"""Units of cascade-correlation: what a candidate is trained to, what the network computes then, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl import random
from nnctl.dynamics.candidates import Candidate, Float64, best_candidate
from nnctl.dynamics.residual_errors import features_and_errors
from nnctl.dynamics.rules.cascade import Cascade
from tests.support.changing_networks import outputs_of
from tests.support.growing import (
    FEATURES,
    NETWORK,
    SAMPLES,
    TARGETS,
    assert_function_is_kept,
    assert_gradients,
    changed,
    linear,
    prepared,
    rule_of,
    trained,
    write_run,
)
from tests.support.refusal import refusal_of
from tests.support.rule_check import RuleCheck
from tests.support.specs import layers_of

CASCADE: dict[str, Any] = {"type": "cascade", "limit": 3, "rounds": 20}
ENDS: list[list[Any]] = [[], ["dropout"], ["batch_norm"]]


class TestCascade(RuleCheck):
    kind = Cascade
    cases = (
        {"limit": 2, "every": 1, "rounds": 30},
        {"limit": 9, "every": 2, "activation": "sigmoid", "candidates": 2, "samples": 20},
    )
    refused = (
        {"limit": 0, "at": [1]},
        {"limit": 1, "at": [1], "candidates": 0},
        {"limit": 1, "at": [1], "activation": "relu"},
        {"at": [1]},
    )


@given(
    widths=st.lists(st.integers(1, 4), max_size=2),
    before=st.sampled_from(ENDS),
    activation=st.sampled_from(["tanh", "sigmoid"]),
)
@settings(max_examples=12)
def test_the_function_is_kept(widths: list[int], before: list[Any], activation: str) -> None:
    layers = [*(linear(width, activation="relu") for width in widths), *before, linear(TARGETS), "tanh"]
    assert_function_is_kept({**CASCADE, "activation": activation}, trained(layers))


def test_what_it_puts_in() -> None:
    structure = trained(NETWORK)
    made = changed(CASCADE, structure)
    grown, unit = made.structure, linear(1, activation="tanh", weight="xavier_uniform", freeze=True)
    new = {"type": "parallel", "branches": [[], [unit]]}
    assert list(grown.layers) == [structure.layers[0], *layers_of([new]), structure.layers[1]]
    assert made.inserted == "layers.1"
    assert made.facts["units"] == 1
    assert 0 < made.facts["score"] <= 1
    for arrays, were in (
        (grown.arrays, structure.arrays),
        *zip(grown.slots.values(), structure.slots.values(), strict=True),
    ):
        np.testing.assert_array_equal(arrays["layers.2.weight"][:4], were["layers.1.weight"])
        np.testing.assert_array_equal(arrays["layers.2.bias"], were["layers.1.bias"])
        np.testing.assert_array_equal(arrays["layers.0.weight"], were["layers.0.weight"])
    np.testing.assert_array_equal(grown.arrays["layers.2.weight"][4:], np.zeros((1, TARGETS)))
    np.testing.assert_array_equal(grown.slots["exp_avg"]["layers.2.weight"][4:], np.zeros((1, TARGETS)))
    squares = np.concatenate([array.ravel() for array in structure.slots["exp_avg_sq"].values()])
    np.testing.assert_array_equal(grown.slots["exp_avg_sq"]["layers.2.weight"][4:], np.median(squares))
    assert "layers.1.branches.1.0.weight" not in grown.slots["exp_avg"]
    assert_gradients(grown)


def test_the_next_unit_reads_the_one_before() -> None:
    first = changed(CASCADE, trained(NETWORK))
    row = {"rule": 0, "inserted": first.inserted}
    second = changed(CASCADE, first.structure, (row,))
    assert second.facts["units"] == 2
    assert second.structure.arrays["layers.2.branches.1.0.weight"].shape == (5, 1)
    with pytest.raises(AssertionError):
        changed(CASCADE, second.structure, (row, row, row))


def naive_sum(features: Float64, errors: Float64, weight: Float64, bias: float) -> float:
    """S of equation 1, sample by sample."""
    outputs = [float(np.tanh(row @ weight + bias)) for row in features]
    mean, total = sum(outputs) / len(outputs), 0.0
    for column in errors.T:
        covariance = sum((out - mean) * (error - column.mean()) for out, error in zip(outputs, column, strict=True))
        total += abs(covariance)
    return total


def test_features_and_errors_are_those_of_the_network() -> None:
    structure = trained(NETWORK)
    run, features, errors = prepared(), *features_and_errors(prepared(), structure, "layers.1", 20)
    assert features.shape == (20, 4)
    _, inverse = np.unique(features, axis=0, return_index=True)
    assert len(inverse) == 20
    inputs, targets = run.dataset.train.inputs, run.dataset.train.targets
    hidden = np.tanh(inputs @ structure.arrays["layers.0.weight"] + structure.arrays["layers.0.bias"])
    wanted = 2 * (outputs_of(structure, inputs) - targets) / TARGETS
    for feature, error in zip(features, errors, strict=True):
        (row,) = np.flatnonzero(np.isclose(hidden, feature, rtol=1e-9).all(axis=1))
        np.testing.assert_allclose(error, wanted[row], rtol=1e-9)


def drawn(candidates: int) -> tuple[Float64, Float64, Float64]:
    generator = random.generator(6, "candidates")
    features, errors = generator.normal(size=(30, 3)), generator.normal(size=(30, 2))
    return features, errors, generator.uniform(-1, 1, (candidates, 4))


def score_of(found: Candidate, features: Float64, errors: Float64) -> float:
    outputs = np.tanh(features @ found.weight + found.bias)
    spread = np.linalg.norm(outputs - outputs.mean()) * np.linalg.norm(errors - errors.mean(axis=0))
    return float(naive_sum(features, errors, found.weight, found.bias) / spread)


@pytest.mark.parametrize("rounds", [1, 5, 100])
def test_the_score_is_that_of_the_naive_sums(rounds: int) -> None:
    features, errors, start = drawn(4)
    found = best_candidate(features, errors, "tanh", rounds, start)
    assert found.score == pytest.approx(score_of(found, features, errors), rel=1e-10)


def test_the_best_of_the_starts_is_taken_before_any_training() -> None:
    features, errors, start = drawn(6)
    sums = [naive_sum(features, errors, row[:-1], row[-1]) for row in start]
    found = best_candidate(features, errors, "tanh", 1, start)
    np.testing.assert_array_equal([*found.weight, found.bias], start[int(np.argmax(sums))])


def test_training_makes_the_sum_larger_and_never_smaller() -> None:
    features, errors, start = drawn(1)
    sums = []
    for rounds in (1, 3, 10, 30, 200):
        found = best_candidate(features, errors, "tanh", rounds, start)
        sums.append(naive_sum(features, errors, found.weight, found.bias))
    assert sums == sorted(sums)
    assert sums[-1] > 1.5 * sums[0]


def test_a_unit_that_explains_the_error_is_found() -> None:
    features, _, start = drawn(8)
    errors = -0.3 * np.tanh(features @ [[2.0], [-1.0], [0.5]] + 0.4)
    assert best_candidate(features, errors, "tanh", 300, start).score > 0.95
    shifted = 5 + 0.3 * errors
    assert best_candidate(features, shifted, "sigmoid", 300, start).score > 0.95


def test_errors_of_zero_leave_the_first_candidate() -> None:
    features, errors, start = drawn(3)
    found = best_candidate(features, 0 * errors, "tanh", 10, start)
    np.testing.assert_array_equal([*found.weight, found.bias], start[0])
    assert found.score == 0


def test_fewer_samples_are_told() -> None:
    structure = trained(NETWORK)
    made = changed({**CASCADE, "samples": 10}, structure)
    assert made.facts["samples"] == 10
    assert f"on 10 of {SAMPLES} training samples" in made.words
    assert "samples" not in changed(CASCADE, structure).facts


def test_weights_that_the_config_gives_number_by_number_are_left_out_of_it() -> None:
    rows = [[0.1, 0.2]] * FEATURES
    structure = trained([linear(TARGETS)])
    given = replace(structure, layers=tuple(layers_of([linear(TARGETS, weight=rows)])))
    assert changed(CASCADE, given).structure.plan.parameters == 4 + 4 * TARGETS + TARGETS


CONV = {"type": "conv1d", "out_channels": 2, "kernel_size": 3}


@pytest.mark.parametrize(
    ("layers", "what", "help"),
    [
        (
            [{"type": "reshape", "shape": [3, 1]}, CONV, "flatten"],
            "layers.2 is a flatten layer",
            "end the network with",
        ),
        ([linear(TARGETS), "layer_norm"], "layers.1 is a layer_norm layer", "end the network with a linear layer"),
    ],
)
def test_what_has_no_linear_layer_at_its_end(layers: list[Any], what: str, help: str, tmp_path: Path) -> None:
    write_run(tmp_path, layers=layers, dynamics=[{**CASCADE, "at": [1]}])
    refusal_of("check", "run.yaml", cwd=tmp_path, code=2).says("dynamics.0", what, help)


def test_in_words() -> None:
    plan = trained(NETWORK).plan
    assert rule_of(CASCADE).in_words(plan) == "put a unit in front of layers.1, the best of 8 candidates, up to 3 units"
