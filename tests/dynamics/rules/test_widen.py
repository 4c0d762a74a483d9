"""More outputs for a layer: what the network computes then, what is new, and which layers cannot have more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import nnctl
from nnctl.data.batches import order
from nnctl.dynamics.rules.widen import Widen
from nnctl.dynamics.structure import Structure
from nnctl.model.checkpoint import read_checkpoint
from tests.support.changing_networks import networks
from tests.support.growing import (
    NETWORK,
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

SMOOTH = ("tanh", "gelu", "silu", "elu", "mish", None)


def widen(layer: str = "layers.0", by: int = 2, new: str = "copy", **others: Any) -> dict[str, Any]:
    return {"type": "widen", "layer": layer, "by": by, "limit": 100, "new": new, **others}


class TestWiden(RuleCheck):
    kind = Widen
    cases = (
        {"layer": "layers.0", "by": 3, "limit": 12, "at": [2, 4]},
        {"layer": "layers.2", "by": 7, "limit": 9, "every": 2},
        {"layer": "layers.0", "by": 1, "limit": 9, "patience": 1, "min_delta": 0.5},
        {"layer": "layers.0", "by": 2, "limit": 9, "new": "random", "every": 2},
        {"layer": "layers.2", "by": 3, "limit": 8, "new": "gradmax", "every": 2},
    )
    refused = (
        {"layer": "layers.0", "by": 0, "limit": 9, "at": [1]},
        {"layer": "layers.0", "by": 1, "at": [1]},
        {"layer": "layers.0", "by": 1, "limit": 9, "at": []},
        {"layer": "layers.0", "by": 1, "limit": 9, "at": [1], "new": "svd"},
    )
    mistakes = (
        ({"layer": "layers.3", "by": 1, "limit": 9, "at": [1]}, "layer", "its outputs are the network's"),
        ({"layer": "layers.1", "by": 1, "limit": 9, "at": [1]}, "layer", "is no layer that can get more outputs"),
        ({"layer": "layers.0", "by": 1, "limit": 6, "at": [1]}, "limit", "begins with 6 outputs"),
    )

    def test_copies_share_what_the_original_gave(self, tmp_path: Path) -> None:
        before, change = self.changed(tmp_path, self.cases[0])
        after = change.structure
        assert change.facts == {"layer": "layers.0", "outputs": [6, 9]}
        weight, reader = after.arrays["layers.0.weight"], after.arrays["layers.2.weight"]
        for copy in range(6, 9):
            (source,) = [unit for unit in range(6) if np.array_equal(weight[:, unit], weight[:, copy])]
            np.testing.assert_allclose(reader[source] + reader[copy], before.arrays["layers.2.weight"][source])
            share = reader[copy] / before.arrays["layers.2.weight"][source]
            assert 0.2 < share[0] < 0.8
            for slot, degree in (("first", 1), ("second", 2)):
                numbers, of_original = after.slots[slot], before.slots[slot]
                expected = share[0] ** degree * of_original["layers.0.bias"][source]
                np.testing.assert_allclose(numbers["layers.0.bias"][copy], expected)
                np.testing.assert_array_equal(numbers["layers.2.weight"][copy], of_original["layers.2.weight"][source])

    def test_it_stops_at_its_limit(self, tmp_path: Path) -> None:
        before, change = self.changed(tmp_path, self.cases[1])
        assert before.channels["layers.2"].count == 4
        assert change.structure.channels["layers.2"].count == 9


@given(structure=networks(), data=st.data())
@settings(max_examples=25)
def test_the_function_is_kept(structure: Structure, data: st.DataObject) -> None:
    free = [name for name, channels in structure.channels.items() if not channels.bound]
    if free:
        layer, by = data.draw(st.sampled_from(free)), data.draw(st.integers(1, 5))
        new = data.draw(st.sampled_from(["copy", "random"]))
        wider = assert_function_is_kept(widen(layer, by, new), structure)
        assert wider.channels[layer].count == structure.channels[layer].count + by


@given(
    widths=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    activation=st.sampled_from(SMOOTH),
    data=st.data(),
)
@settings(max_examples=15)
def test_the_function_is_kept_by_gradmax(widths: list[int], activation: str | None, data: st.DataObject) -> None:
    structure = trained([*(linear(width, activation=activation) for width in widths), linear(TARGETS)])
    at = data.draw(st.integers(0, len(widths) - 1))
    by = data.draw(st.integers(1, [*widths, TARGETS][at + 1]))
    assert_function_is_kept(widen(f"layers.{at}", by, "gradmax"), structure)


@pytest.mark.parametrize("new", ["copy", "random", "gradmax"])
def test_gradients_and_slots(new: str) -> None:
    structure = trained(NETWORK)
    wider = changed(widen(new=new), structure).structure
    assert_gradients(wider)
    for slot, degree in structure.degrees.items():
        own, were = wider.slots[slot], structure.slots[slot]
        np.testing.assert_array_equal(own["layers.1.bias"], were["layers.1.bias"])
        if new != "copy":
            first = 0.0 if degree == 1 else np.median(np.concatenate([array.ravel() for array in were.values()]))
            np.testing.assert_array_equal(own["layers.0.weight"][:, 4:], first)
            np.testing.assert_array_equal(own["layers.0.bias"][4:], first)
            np.testing.assert_array_equal(own["layers.1.weight"][4:], first)
            for name, numbers in were.items():
                np.testing.assert_array_equal(own[name][tuple(map(slice, numbers.shape))], numbers)
            continue
        for copy in (4, 5):
            of_copy = wider.arrays["layers.0.weight"][:, copy]
            (original,) = (at for at in range(4) if (structure.arrays["layers.0.weight"][:, at] == of_copy).all())
            read = wider.arrays["layers.1.weight"], structure.arrays["layers.1.weight"]
            share = read[0][copy, 0] / read[1][original, 0]
            np.testing.assert_allclose(read[0][original] + read[0][copy], read[1][original], rtol=1e-12)
            assert 0.1 < share < 0.9
            assert abs(share - 0.5) > 1e-6
            slots = own["layers.0.weight"][:, copy], were["layers.0.weight"][:, original] * share**degree
            np.testing.assert_allclose(*slots, rtol=1e-12)
            np.testing.assert_array_equal(own["layers.1.weight"][copy], were["layers.1.weight"][original])


def test_new_outputs_at_random_begin_as_the_config_says_and_nothing_reads_them() -> None:
    structure = trained([linear(4, weight="he_uniform", bias=0.25, activation="relu"), "batch_norm", linear(TARGETS)])
    wider = changed(widen(by=300, limit=1_000, new="random"), structure).structure.arrays
    weight, bound = wider["layers.0.weight"][:, 4:], np.sqrt(6 / 3)
    assert 0.98 * bound < np.abs(weight).max() <= bound
    np.testing.assert_array_equal(wider["layers.0.bias"][4:], 0.25)
    np.testing.assert_array_equal(wider["layers.1.running_var"][4:], 1.0)
    np.testing.assert_array_equal(wider["layers.2.weight"][4:], 0.0)


def gradient_of_a_skip(structure: Structure) -> NDArray[np.float64]:
    """The mean over batches of that of a weight of 0 from the inputs to the network's outputs, (features, targets)."""
    run = prepared()
    samples, size = order(run.config.seed, 1, len(run.dataset.train)), run.config.batch_size
    hidden, bias, read, bias_behind = (
        structure.arrays[f"layers.{at}.{name}"] for at in (0, 1) for name in ("weight", "bias")
    )
    found = []
    for start in range(0, len(samples), size):
        rows = samples[start : start + size]
        inputs, targets = run.dataset.train.inputs[rows], run.dataset.train.targets[rows]
        outputs = np.tanh(inputs @ hidden + bias) @ read + bias_behind
        found.append(inputs.T @ (2 * (outputs - targets) / targets.size))
    mean: NDArray[np.float64] = np.mean(found, axis=0)
    return mean


@pytest.mark.parametrize("by", [1, 2])
def test_gradmax_finds_the_singular_vectors_of_the_gradient_of_a_skip(by: int) -> None:
    structure = trained(NETWORK)
    arrays = changed(widen(by=by, new="gradmax"), structure).structure.arrays
    assert not arrays["layers.0.weight"][:, 4:].any()
    assert not arrays["layers.0.bias"][4:].any()
    new, length = arrays["layers.1.weight"][4:], np.linalg.norm(structure.arrays["layers.1.weight"], axis=1).mean()
    expected = np.linalg.svd(gradient_of_a_skip(structure))[2][:by]
    signs = np.sign((new * expected).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(new, length * signs * expected, rtol=1e-6)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("new", ["copy", "gradmax"])
def test_new_outputs_learn_other_things_than_those_there_were(optimizer: str, new: str, tmp_path: Path) -> None:
    rule = widen(by=2, new=new, at=[1])
    file = write_run(tmp_path, dynamics=[rule], optimizer=optimizer, learning_rate=0.05, epochs=6)
    run = nnctl.train(file, run=tmp_path / "run").report
    assert run["changes"][0]["outputs"] == [4, 6]
    weight = read_checkpoint(tmp_path / "run" / "checkpoints" / "last.safetensors").tensors["layers.0.weight"]
    assert weight.shape == (3, 6)
    apart = np.abs(weight[:, :, np.newaxis] - weight[:, np.newaxis]).max(axis=0)
    assert apart[~np.eye(6, dtype=bool)].min() > 1e-4


CONV = {"type": "conv1d", "out_channels": 2, "kernel_size": 1}


@pytest.mark.parametrize(
    ("layers", "rule", "what", "help"),
    [
        (NETWORK, widen("layers.1"), "which cannot get more outputs: its outputs are the network's", "widen layers.0"),
        (NETWORK, widen("layers.2"), "which is no layer that can get more outputs", "did you mean"),
        (NETWORK, widen(limit=4), "layers.0 begins with 4 outputs", "set it to 6 or more"),
        (NETWORK, widen(by=3, new="gradmax"), "for each of layers.1, which has 2", "set it to 2 or less"),
        (
            [linear(4, activation="relu"), linear(TARGETS)],
            widen(new="gradmax"),
            "the derivative of relu at 0 is 0",
            "use `new: copy`",
        ),
        ([linear(4), "sigmoid", linear(TARGETS)], widen(new="gradmax"), "the sigmoid of 0 is 0.5", "use `new: copy`"),
        (
            [linear(4), "batch_norm", linear(TARGETS)],
            widen(new="gradmax"),
            "layers.1 (batch_norm) lies between layers.0 and layers.2",
            "use `new: copy`",
        ),
        (
            [linear(4, freeze=True), linear(TARGETS)],
            widen(new="gradmax"),
            "layers.0 is frozen",
            "`new: random`",
        ),
        (
            [{"type": "reshape", "shape": [3, 1]}, CONV, CONV, "flatten", linear(TARGETS)],
            widen("layers.1", new="gradmax"),
            "layers.1 is a conv1d layer",
            "use `new: copy`",
        ),
    ],
)
def test_what_cannot_be_widened(layers: list[Any], rule: dict[str, Any], what: str, help: str, tmp_path: Path) -> None:
    write_run(tmp_path, layers=layers, dynamics=[{**rule, "at": [1]}])
    refusal_of("check", "run.yaml", cwd=tmp_path, code=2).says("dynamics.0", what, help)


def test_in_words() -> None:
    plan = trained(NETWORK).plan
    assert rule_of(widen()).in_words(plan) == "widen layers.0 by 2 outputs, from 4 up to 100"
    assert rule_of(widen(new="random")).in_words(plan) == "widen layers.0 by 2 outputs (random), from 4 up to 100"
