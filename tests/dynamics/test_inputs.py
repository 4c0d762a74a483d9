"""Networks that read some of a table's columns, and how much each column matters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnctl import random
from nnctl.data.dataset import Split
from nnctl.data.table.preprocessing import Embedding
from nnctl.dynamics.channels import inputs_of
from nnctl.dynamics.gradients import gradients_of, thawed
from nnctl.dynamics.inputs import INPUTS, groups_of, positions_of, select_columns
from nnctl.dynamics.scores import effects
from nnctl.dynamics.structure import Structure
from nnctl.losses.mse import MSE
from nnctl.model.network import Network
from nnctl.model.objective import Objective
from nnctl.model.plan import plan_network
from tests.support.changing_networks import outputs_of
from tests.support.specs import layers_of

LAYERS: list[Any] = [
    "batch_norm",
    {"type": "dropout", "p": 0.2},
    {"type": "linear", "out_features": 4, "activation": "tanh"},
    {"type": "linear", "out_features": 2},
]
SLOTS = 3


@dataclass(frozen=True)
class Columns:
    """A table's preprocessing, as far as it is asked here. widths: by column, how many inputs; 0 for an embedding."""

    widths: dict[str, int]

    @property
    def shape(self) -> tuple[int, ...]:
        return (sum(max(1, width) for width in self.widths.values()),)

    @property
    def embeddings(self) -> tuple[Embedding, ...]:
        return tuple(Embedding(name, SLOTS, 2) for name, width in self.widths.items() if not width)

    @property
    def input_ranges(self) -> dict[str, tuple[int, int]]:
        names = sorted(self.widths, key=lambda name: not self.widths[name])  # slot numbers come last
        ends = np.cumsum([max(1, self.widths[name]) for name in names]).tolist()
        return dict(zip(names, zip([0, *ends[:-1]], ends, strict=True), strict=True))

    def only(self, names: list[str]) -> Any:
        return Columns({name: width for name, width in self.widths.items() if name in names})


def made(columns: Any, layers: list[Any] = LAYERS) -> Structure:
    own = layers_of(layers)
    network = Network(plan_network(own, columns.shape, columns.embeddings), 1, "float64")
    generator = random.generator(1, "numbers of a network")
    arrays = {name: 0.5 + np.abs(generator.normal(size=array.shape)) for name, array in network.kept().items()}
    return Structure(tuple(own), columns.shape, arrays, embeddings=columns.embeddings)


def samples_of(columns: Any, samples: int = 5) -> NDArray[np.float64]:
    generator = random.generator(2, "samples")
    inputs = generator.normal(size=(samples, *columns.shape))
    if count := len(columns.embeddings):
        inputs[:, -count:] = generator.integers(0, SLOTS, (samples, count))
    return np.asarray(inputs)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Any, list[str]]:
    """Columns, and some of them."""
    widths = draw(st.lists(st.integers(0, 3), min_size=2, max_size=5))
    columns = Columns({f"column {number}": width for number, width in enumerate(widths)})
    names = draw(st.lists(st.sampled_from(list(columns.widths)), min_size=1, unique=True))
    return columns, names


@given(table=tables())
@settings(max_examples=40)
def test_without_columns_that_nothing_reads_the_outputs_are_the_same(table: tuple[Any, list[str]]) -> None:
    columns, names = table
    structure, after = made(columns), columns.only(names)
    reader = inputs_of(structure.plan).reader
    positions = positions_of(columns)
    weight = structure.arrays[reader].copy()
    for name in set(positions) - set(names):
        weight[positions[name]] = 0
    unread = replace(structure, arrays={**structure.arrays, reader: weight})
    inputs = samples_of(columns)
    of_columns = [np.arange(*columns.input_ranges[name]) for name in after.input_ranges]
    cut = select_columns(unread, columns, after)
    assert cut.inputs == after.shape
    np.testing.assert_allclose(
        outputs_of(cut, inputs[:, np.concatenate(of_columns)]), outputs_of(unread, inputs), rtol=1e-12
    )


def test_effects_of_columns_are_those_that_differences_give() -> None:
    columns: Any = Columns({"a": 2, "b": 0, "c": 1, "d": 0})
    structure, inputs = made(columns), samples_of(columns, 12)
    split = Split(inputs, random.generator(3, "targets").normal(size=(12, 2)))
    positions, channels = positions_of(columns), inputs_of(structure.plan)
    assert {name: own.tolist() for name, own in positions.items()} == {"a": [0, 1], "c": [2], "b": [3, 4], "d": [5, 6]}
    network = Network(thawed(structure), 12, "float64")
    network.load(dict(structure.arrays))
    groups = {INPUTS: groups_of(positions)}
    gradients = gradients_of(Objective(network, MSE(), split), split, 0)
    found = effects(structure, gradients, {INPUTS: channels}, groups)[INPUTS]

    def loss(own: NDArray[np.int64], factor: float) -> float:
        weight = structure.arrays[channels.reader].copy()
        weight[own] *= factor
        outputs = outputs_of(replace(structure, arrays={**structure.arrays, channels.reader: weight}), inputs)
        return float(np.square(outputs - split.targets).mean())

    expected = [(loss(own, 1 + 1e-5) - loss(own, 1 - 1e-5)) / 2e-5 for own in positions.values()]
    np.testing.assert_allclose(found, np.square(expected), rtol=1e-6)


@pytest.mark.parametrize(
    ("layers", "why"),
    [
        (["softmax", {"type": "linear", "out_features": 1}], "layers.0 (softmax) reads them"),
        (["relu"], "nothing reads them"),
    ],
)
def test_inputs_that_no_weight_reads(layers: list[Any], why: str) -> None:
    columns: Any = Columns({"a": 1, "b": 1})
    structure = made(columns, layers)
    assert why in inputs_of(structure.plan).bound
    with pytest.raises(ValueError, match="reads them"):
        select_columns(structure, columns, columns.only(["a"]))


def test_columns_that_make_other_numbers_are_refused() -> None:
    columns: Any = Columns({"a": 1, "b": 2})
    other: Any = Columns({"b": 3})
    with pytest.raises(ValueError, match="b: not the numbers that the network was trained on"):
        select_columns(made(columns), columns, other)
