"""Runs whose network grows: a rule at a moment of one, and what every rule must leave as it was."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from nnctl import random
from nnctl.config.load import load_config
from nnctl.config.rule import Rule
from nnctl.dynamics.moment import ChangeRow, Moment
from nnctl.dynamics.rule import Change, NetworkRule
from nnctl.dynamics.structure import Structure, by_name
from nnctl.model.preparation import Prepared, prepare
from nnctl.optimizers.adam import Adam
from nnctl.spec import kinds
from tests.support.changing_networks import filled, gradients_of, outputs_of, samples_of
from tests.support.gradients import numerical_gradient, relative_error

SAMPLES, FEATURES, TARGETS = 40, 3, 2
Settings = dict[str, Any]


def linear(out_features: int, **others: Any) -> Settings:
    return {"type": "linear", "out_features": out_features, **others}


NETWORK = [linear(4, activation="tanh"), linear(TARGETS)]


def write_run(folder: Path, **others: Any) -> Path:
    """A config on samples of three features with two targets, and its data."""
    generator = random.generator(5, "samples of a growing network")
    rows = generator.normal(size=(SAMPLES, FEATURES + TARGETS))
    rows[:, FEATURES] = np.tanh(rows[:, 0] * rows[:, 1])
    lines = ["a,b,c,y,z", *(",".join(f"{number:.6f}" for number in row) for row in rows)]
    (folder / "data.csv").write_text("".join(f"{line}\n" for line in lines))
    config = {
        "data": {"source": "data.csv", "target": ["y", "z"], "numbers": {"scale": "none"}, "target_transform": []},
        **{"layers": NETWORK, "loss": "mse", "batch_size": 16, "learning_rate": 0.01, "diagnostics": False},
        **others,
    }
    file = folder / "run.yaml"
    file.write_text(json.dumps(config))
    return file


@cache
def prepared(precision: str = "float64") -> Prepared:
    with TemporaryDirectory() as folder:
        return prepare(load_config(write_run(Path(folder), precision=precision), []))


def rule_of(settings: Settings) -> NetworkRule:
    rule: NetworkRule = TypeAdapter(kinds(Rule)[settings["type"]]).validate_python({"at": [1], **settings})
    return rule


def trained(layers: list[Any], inputs: tuple[int, ...] = (FEATURES,), precision: str = "float64") -> Structure:
    """A structure with random numbers everywhere, in the slots of adam, too."""
    structure, generator = filled(layers, inputs, precision=precision), random.generator(4, "slots")
    slots = {
        name: by_name(structure.plan, (0.5 + generator.random(structure.plan.trainable)).astype(precision))
        for name in Adam().slots
    }
    return Structure(structure.layers, inputs, structure.arrays, slots, Adam().slots)


def changed(settings: Settings, structure: Structure, changes: tuple[ChangeRow, ...] = ()) -> Change:
    """What a rule makes of it, after the first epoch of the run of `write_run`."""
    rule = rule_of(settings)
    assert not list(rule.problems(structure.plan))
    run = prepared(next(iter(structure.arrays.values())).dtype.name)
    if structure.inputs == run.plan.inputs:  # else it is a network for other samples, of which the rule must not ask
        run = run.with_layers(structure.layers)
    change = rule.change(structure, Moment(run, 1, 0, changes))
    assert change is not None
    return change


def assert_function_is_kept(settings: Settings, structure: Structure) -> Structure:
    """In both precisions. Returns the structure as it is then, float64."""
    inputs = samples_of(structure.inputs)
    expected, own = outputs_of(structure, inputs), changed(settings, structure).structure
    scale = max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(outputs_of(own, inputs), expected, rtol=0, atol=1e-12 * scale)
    narrow = in_float32(structure)
    difference = outputs_of(changed(settings, narrow).structure, inputs) - outputs_of(narrow, inputs)
    assert np.abs(difference).max() <= 1e-6 * scale
    return own


def in_float32(structure: Structure) -> Structure:
    def cast(arrays: Any) -> dict[str, NDArray[Any]]:
        return {name: array.astype(np.float32) for name, array in arrays.items()}

    slots = {name: cast(numbers) for name, numbers in structure.slots.items()}
    return Structure(structure.layers, structure.inputs, cast(structure.arrays), slots, structure.degrees)


def assert_gradients(structure: Structure) -> None:
    """By finite differences, of all parameters that train, beside the kinks on which new ones may lie."""
    noise = random.generator(7, "noise")
    beside = {name: array + noise.normal(0.0, 0.05, array.shape) for name, array in structure.arrays.items()}
    structure = Structure(structure.layers, structure.inputs, beside)
    inputs = samples_of(structure.inputs)
    weights = samples_of(structure.plan.outputs, seed=3)
    arrays = {name: array.copy() for name, array in structure.arrays.items()}
    own = Structure(structure.layers, structure.inputs, arrays)
    for name, gradient in gradients_of(structure, inputs, weights).items():
        numerical = numerical_gradient(lambda: float((outputs_of(own, inputs) * weights).sum()), arrays[name])
        assert relative_error(gradient, numerical) < 1e-6, name
