"""A further layer: what the network computes then, and which ones cannot get one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.dynamics.rules.deepen import Deepen
from nnctl.dynamics.structure import Structure
from tests.support.changing_networks import networks, outputs_of, samples_of
from tests.support.growing import (
    NETWORK,
    assert_function_is_kept,
    assert_gradients,
    changed,
    linear,
    rule_of,
    trained,
    write_run,
)
from tests.support.refusal import refusal_of
from tests.support.rule_check import RuleCheck
from tests.support.specs import layers_of

CONV: Any = {"type": "conv2d", "out_channels": 3, "kernel_size": 3, "padding": "same", "activation": "relu"}
IMAGES = [CONV, {"type": "max_pool2d", "kernel_size": 2}, "flatten", linear(2)]
STEPS: list[Any] = [
    {"type": "conv1d", "out_channels": 3, "kernel_size": 2, "activation": "relu"},
    "mean_over_steps",
    linear(2),
]
RELU = [linear(4), "relu", "dropout", linear(5, activation="gelu"), linear(2)]


def deepen(after: int, **others: Any) -> dict[str, Any]:
    return {"type": "deepen", "after": f"layers.{after}", **others}


class TestDeepen(RuleCheck):
    kind = Deepen
    cases = (
        {"after": "layers.1", "every": 2},
        {"after": "layers.0", "every": 1, "end": 3, "limit": 2},
    )
    refused = (
        {"after": "layers.0", "at": [1], "limit": 0},
        {"after": "layers.0", "at": [1], "kind": "copy"},
        {"at": [1]},
    )
    mistakes = (
        ({"after": "layers.3", "at": [1]}, "after", "whose outputs are the network's"),
        ({"after": "layers.0", "at": [1], "kind": "identity"}, "kind", "is not that of relu"),
    )


@given(structure=networks(), data=st.data())
@settings(max_examples=25)
def test_the_function_is_kept(structure: Structure, data: st.DataObject) -> None:
    layers = len(structure.layers)
    if layers > 1:
        assert_function_is_kept(deepen(data.draw(st.integers(0, layers - 2))), structure)


@pytest.mark.parametrize(
    ("layers", "inputs", "after", "new"),
    [
        (RELU, (3,), 1, linear(4, activation="relu", weight="he_normal")),
        (RELU, (3,), 2, linear(4, activation="relu", weight="he_normal")),
        (IMAGES, (4, 6, 1), 0, {**CONV, "weight": "he_normal"}),
        (IMAGES, (4, 6, 1), 1, {**CONV, "weight": "he_normal"}),
        (STEPS, (5, 2), 0, {**STEPS[0], "kernel_size": 3, "padding": "same", "weight": "he_normal"}),
    ],
)
def test_an_identity_layer_behind_relu(layers: list[Any], inputs: tuple[int, ...], after: int, new: Any) -> None:
    structure = trained(layers, inputs)
    made = changed(deepen(after), structure)
    deeper, name = made.structure, f"layers.{after + 1}"
    assert made.inserted == name
    assert list(deeper.layers) == [*structure.layers[: after + 1], *layers_of([new]), *structure.layers[after + 1 :]]
    weight, channels = deeper.arrays[f"{name}.weight"], deeper.arrays[f"{name}.bias"].size
    middle = tuple(size // 2 for size in weight.shape[:-2])
    np.testing.assert_array_equal(weight[middle], np.eye(channels))
    assert np.count_nonzero(weight) == channels
    assert not deeper.arrays[f"{name}.bias"].any()
    inputs_of = samples_of(inputs)
    np.testing.assert_array_equal(outputs_of(deeper, inputs_of), outputs_of(structure, inputs_of))
    assert_gradients(deeper)


@pytest.mark.parametrize(("after", "width", "activation"), [(0, 4, "relu"), (3, 5, "gelu")])
def test_a_residual_block_elsewhere(after: int, width: int, activation: str) -> None:
    structure = trained(RELU)
    deeper, name = changed(deepen(after), structure).structure, f"layers.{after + 1}"
    inner = [linear(width, activation=activation, weight="he_normal"), linear(width, weight="zeros")]
    assert list(deeper.layers[after + 1 : after + 2]) == layers_of([{"type": "residual", "layers": inner}])
    assert not deeper.arrays[f"{name}.layers.1.weight"].any()
    assert deeper.arrays[f"{name}.layers.0.weight"].all()
    assert_gradients(deeper)


def test_what_was_there_has_its_numbers_under_new_names_and_what_is_new_has_slots_to_begin_with() -> None:
    structure = trained(RELU)
    deeper = changed(deepen(1), structure).structure
    names = {"layers.0": "layers.0", "layers.3": "layers.4", "layers.4": "layers.5"}
    for own, arrays in (
        (deeper.arrays, structure.arrays),
        *zip(deeper.slots.values(), structure.slots.values(), strict=True),
    ):
        for name, array in arrays.items():
            layer, _, rest = name.rpartition(".")
            np.testing.assert_array_equal(own[f"{names[layer]}.{rest}"], array)
    for slot, numbers in deeper.slots.items():
        others = np.concatenate([array.ravel() for array in structure.slots[slot].values()])
        first = {"exp_avg": 0.0, "exp_avg_sq": np.median(others)}[slot]
        np.testing.assert_array_equal(numbers["layers.2.weight"], first)
        np.testing.assert_array_equal(numbers["layers.2.bias"], first)


def test_a_second_layer_and_no_third() -> None:
    structure = trained(RELU)
    first = changed(deepen(1, limit=2), structure)
    row = {"rule": 0, "inserted": first.inserted}
    second = changed(deepen(1, limit=2), first.structure, (row,))
    assert len(second.structure.layers) == len(RELU) + 2
    with pytest.raises(AssertionError):
        changed(deepen(1, limit=2), second.structure, (row, row))


@pytest.mark.parametrize(
    ("rule", "what", "help"),
    [
        (deepen(1), "is layers.1, whose outputs are the network's", "use layers.0"),
        (deepen(2), "is layers.2, which is no layer that can get one behind it", "did you mean layers.0?"),
        (deepen(0, kind="identity"), "what layers.0 gives is not that of relu", "use `kind: residual`"),
        (deepen(0, kernel_size=4), "its windows have no middle", "use an odd number"),
    ],
)
def test_what_cannot_be_deepened(rule: dict[str, Any], what: str, help: str, tmp_path: Path) -> None:
    write_run(tmp_path, dynamics=[{**rule, "at": [1]}])
    refusal_of("check", "run.yaml", cwd=tmp_path, code=2).says("dynamics.0", what, help)


def test_in_words() -> None:
    plan = trained(NETWORK).plan
    assert rule_of(deepen(0)).in_words(plan) == "put a residual block behind layers.0"
    assert rule_of(deepen(1, limit=3)).in_words(trained(RELU).plan) == "put an identity layer behind layers.1, 3 in all"
