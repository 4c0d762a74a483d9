"""Permutation importance: what is measured, and that the samples are left as they were."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnctl.commands.importance import importances
from nnctl.data.arrays.preprocessing import ArrayPreprocessing
from nnctl.data.dataset import Split
from nnctl.data.table.preprocessing import TablePreprocessing
from nnctl.data.table.settings import CategorySettings, ColumnSettings, NumberSettings
from nnctl.data.table.table import Table
from nnctl.losses.mse import MSE
from nnctl.metrics.mae import MAE
from nnctl.metrics.r2 import R2
from nnctl.metrics.scores import Scores
from nnctl.metrics.tally import Sizes
from nnctl.model.network import Network
from nnctl.model.objective import Measure, Objective
from nnctl.model.plan import plan_network
from tests.support.specs import layers_of
from tests.support.tables import category, number, table

HIGHER = {"loss": False, "mae": False, "r2": True}
PLACES = {"b": (0, 1), "a": (1, 2)}
Weight = list[list[float]]
NONE_OF_B: Weight = [[0.0], [3.0]]
SOME_OF_B: Weight = [[1.0], [3.0]]


def samples(count: int = 2_000) -> Split:
    """b is noise, and the target is 3 a."""
    inputs = np.random.default_rng(4).normal(1.0, 2.0, (count, 2))
    return Split(inputs, 3 * inputs[:, 1:])


def measure_of(split: Split, weight: Weight) -> Measure:
    layers = layers_of([{"type": "linear", "out_features": 1, "weight": weight, "bias": 0.0}])
    network = Network(plan_network(layers, (2,)), 256, "float64")
    network.initialize(1)
    scores = Scores([MAE(), R2()], Sizes(1, 2, 1, 0), 0.0)
    return Measure(Objective(network, MSE(), split), split, scores)


def found(split: Split, weight: Weight, repeats: int = 20, seed: int = 1) -> list[dict[str, Any]]:
    return importances(split, PLACES, measure_of(split, weight), HIGHER, seed, repeats)


def test_it_is_what_theory_says() -> None:
    """A permuted a is independent of the target: the error is 3 (a - a'), of the variance 2 * 9 var(a)."""
    split = samples()
    variance = split.inputs[:, 1].var()
    first, second = found(split, NONE_OF_B)
    assert (first["column"], second["column"]) == ("a", "b")
    error = 18 * variance / np.sqrt(len(split))  # of one permutation: the correlation of a and a' is about 1 / sqrt(N)
    assert first["loss"]["mean"] == pytest.approx(18 * variance, abs=4 * error / np.sqrt(20))
    assert 0.5 * error < first["loss"]["deviation"] < 2 * error
    assert first["r2"]["mean"] == pytest.approx(2.0, abs=0.05)  # from 1 to -1
    assert first["mae"]["mean"] == pytest.approx(np.sqrt(2 * 18 * variance / np.pi), rel=0.05)  # of a normal error
    for name in HIGHER:
        assert second[name] == {"mean": 0.0, "deviation": 0.0}


def test_a_column_that_does_harm_has_a_negative_importance() -> None:
    """Of a and -b with the same weight, the b that was learnt from noise makes it worse wherever it stands."""
    noisy = samples()
    noisy.targets[...] = 3 * noisy.inputs[:, 1:] - noisy.inputs[:, :1]
    by_column = {row["column"]: row for row in found(noisy, SOME_OF_B)}
    assert by_column["b"]["loss"]["mean"] < -1
    assert by_column["b"]["r2"]["mean"] < 0


def test_one_repeat_has_no_deviation_and_a_seed_is_the_same_bits() -> None:
    split = samples(100)
    once = found(split, SOME_OF_B, repeats=1)
    assert [row[name]["deviation"] for row in once for name in HIGHER] == [None] * 6
    assert found(split, SOME_OF_B, repeats=1) == once
    assert found(split, SOME_OF_B, repeats=1, seed=2) != once


def test_the_samples_are_left_as_they_were_and_progress_is_told() -> None:
    split = samples(100)
    before, measure, told = split.inputs.copy(), measure_of(split, SOME_OF_B), []
    values = measure.values()
    importances(split, PLACES, measure, HIGHER, 1, 2, lambda done, columns: told.append((done, columns)))
    np.testing.assert_array_equal(split.inputs, before)
    assert measure.values() == values
    assert told == [(1, 2), (2, 2)]


def test_what_cannot_be_measured_comes_last() -> None:
    class Scripted:
        """Is asked before, then with b permuted, then with a."""

        answers = iter((0.0, math.nan, 1.0))

        def values(self) -> dict[str, float]:
            return dict.fromkeys(HIGHER, next(self.answers))

    scripted: Any = Scripted()
    rows = importances(samples(10), PLACES, scripted, HIGHER, 1, 1)
    assert [row["column"] for row in rows] == ["a", "b"]
    assert math.isnan(rows[1]["mae"]["mean"])


def permuted(made: Table, name: str, order: NDArray[np.int64]) -> Table:
    columns = (column.take(order) if column.name == name else column for column in made.columns)
    return Table(tuple(columns), made.lines, made.origin)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 1_000), rows=st.integers(2, 40))
def test_to_permute_what_was_made_of_a_column_is_to_permute_the_column(seed: int, rows: int) -> None:
    """With every kind of column, with missing values, one-hot, embedded, clipped and with an indicator."""
    draw = np.random.default_rng(seed)
    words = [None if draw.random() < 0.2 else "xyz"[draw.integers(3)] for _ in range(rows)]
    numbers = np.where(draw.random(rows) < 0.3, np.nan, draw.normal(size=rows))
    made = table(
        number("plain", draw.normal(size=rows)),
        number("lacking", np.where(np.arange(rows) == 0, 1.0, numbers)),
        number("sold", draw.integers(0, 20_000, rows), "date"),
        number("new", draw.integers(0, 2, rows), "yes_no"),
        category("embedded", ["x", *words[1:]]),
        category("one_hot", ["x", *words[1:]]),
    )
    own = {"embedded": ColumnSettings(encoding="embedding"), "plain": ColumnSettings(clip=0.1)}
    learnt: TablePreprocessing = TablePreprocessing.fit(
        made, np.arange(rows), made.names, NumberSettings(), CategorySettings(encoding="one_hot"), own
    )
    assert sorted(place for places in learnt.input_ranges.values() for place in range(*places)) == list(
        range(*learnt.shape)
    )
    prepared = learnt.transform(made, None, "float32")
    order = draw.permutation(rows)
    for name, (first, end) in learnt.input_ranges.items():
        expected = prepared.copy()
        expected[:, first:end] = prepared[order, first:end]
        np.testing.assert_array_equal(learnt.transform(permuted(made, name, order), None, "float32"), expected)


def test_the_columns_of_arrays_have_numbers_and_images_have_none() -> None:
    assert ArrayPreprocessing((3,)).input_ranges == {"0": (0, 1), "1": (1, 2), "2": (2, 3)}
    assert ArrayPreprocessing((4, 5, 1)).input_ranges == {}
