"""Embedded columns: which slot a number is, what each slot's gradient sums up, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError

from nnctl.kernels import cpu
from nnctl.kernels.device import CPU
from nnctl.layers.embed_columns import SLOTS, EmbedColumns
from nnctl.layers.operation import ShapeError, StepContext
from tests.support.layer_check import Built, Float64, a_step, build
from tests.support.pytorch_layer_check import PyTorchLayerCheck
from tests.support.threads import threads

STREET = {"name": "street", "slots": 3, "size": 4}
ROOF = {"name": "roof", "slots": 2, "size": 1}


class TestEmbedColumns(PyTorchLayerCheck):
    kind = EmbedColumns
    cases = (
        {"inputs": [4], "columns": [STREET]},
        {"inputs": [2], "columns": [STREET, ROOF]},  # nothing but slots
        {"inputs": [12], "columns": [ROOF, STREET]},
    )
    golden = ({"inputs": [6], "columns": [{"name": "street", "slots": 5, "size": 3}, ROOF]},)

    @staticmethod
    def reference(
        layer: EmbedColumns, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext
    ) -> Float64:
        others = inputs.shape[1] - len(layer.columns)
        rows = []
        for sample in inputs:
            row = list(sample[:others])
            for number, column in zip(sample[others:], layer.columns, strict=True):
                slot = round(number) if 0 <= round(number) < column.slots else 0
                row += list(parameters[column.name][slot])
            rows.append(row)
        return np.array(rows)

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], columns: list[Any]) -> Any:
        import torch
        from torch.nn import functional

        others, slots = inputs[:, : -len(columns)], inputs[:, -len(columns) :].long()
        vectors = [functional.embedding(slots[:, i], parameters[column["name"]]) for i, column in enumerate(columns)]
        return torch.cat([others, *vectors], dim=1)

    @staticmethod
    def draw(layer: EmbedColumns, size: tuple[int, ...], generator: np.random.Generator) -> Float64:
        """Slots in the last columns."""
        inputs = generator.normal(size=size)
        slots = [column.slots for column in layer.columns]
        inputs[:, -len(slots) :] = generator.integers(0, slots, (size[0], len(slots)))
        return inputs


def layer_of(*columns: tuple[str, int, int]) -> EmbedColumns:
    described = [{"name": name, "slots": slots, "size": size} for name, slots, size in columns]
    return EmbedColumns.model_validate({"type": "embed_columns", "columns": described})


def with_slots(
    layer: EmbedColumns, others: int, samples: int, dtype: Any, seed: int
) -> tuple[Built, NDArray[np.int64]]:
    """Arrays with slots of the whole range in their last columns, and these slots."""
    built = build(layer, (others + len(layer.columns),), samples, dtype, seed)
    generator = np.random.default_rng(seed)
    slots = generator.integers(0, [column.slots for column in layer.columns], (samples, len(layer.columns)))
    built.arrays.inputs[:, others:] = slots
    return built, slots


@given(
    others=st.integers(0, 4),
    shapes=st.lists(st.tuples(st.integers(1, 300), st.integers(1, 40)), min_size=1, max_size=4),
    samples=st.integers(1, 70),
    dtype=st.sampled_from([np.float32, np.float64]),
    seed=st.integers(0, 2**32),
)
@settings(deadline=None, max_examples=60)
def test_slots_are_looked_up_and_their_gradients_summed_in_order(
    others: int, shapes: list[tuple[int, int]], samples: int, dtype: type[np.floating], seed: int
) -> None:
    layer = layer_of(*((f"column {i}", slots, size) for i, (slots, size) in enumerate(shapes)))
    built, slots = with_slots(layer, others, samples, dtype, seed)
    arrays = built.both_ways(a_step()).arrays
    vectors = [arrays.parameters[column.name][slots[:, i]] for i, column in enumerate(layer.columns)]
    np.testing.assert_array_equal(arrays.outputs, np.hstack([arrays.inputs[:, :others], *vectors]))
    first = others
    for i, column in enumerate(layer.columns):
        expected = np.zeros((column.slots, column.size), dtype)
        np.add.at(expected, slots[:, i], arrays.d_outputs[:, first : first + column.size])
        assert arrays.gradients[column.name].tobytes() == expected.tobytes()
        first += column.size
    assert arrays.d_inputs is not None
    np.testing.assert_array_equal(arrays.d_inputs[:, :others], arrays.d_outputs[:, :others])
    assert not arrays.d_inputs[:, others:].any()


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_any_number_of_threads_gives_the_same_bits(number: int) -> None:
    layer = layer_of(("street", 35, 8), ("roof", 3, 2))
    alone, _ = with_slots(layer, 5, 64, np.float32, 1)
    expected = alone.both_ways(a_step()).results()
    several, _ = with_slots(layer, 5, 64, np.float32, 1)
    with threads(number):
        several.both_ways(a_step())
    for name, result in several.results().items():
        assert result.tobytes() == expected[name].tobytes(), name


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("number", "slot"),
    [
        *((0.0, 0), (1.0, 1), (2.0, 2), (0.9, 1), (1.4, 1), (2.4, 2)),
        *((2.6, 0), (3.0, 0), (-1.0, 0), (1e30, 0), (-1e30, 0), (np.inf, 0), (-np.inf, 0), (np.nan, 0)),
    ],
)
def test_what_is_no_slot_counts_as_slot_0(number: float, slot: int, dtype: type[np.floating]) -> None:
    layer = layer_of(("street", 3, 2))
    built = build(layer, (1,), samples=1, dtype=dtype)
    arrays = built.arrays
    arrays.inputs[...] = number
    built.both_ways(a_step())
    np.testing.assert_array_equal(arrays.outputs[0], arrays.parameters["street"][slot])
    expected = np.zeros((3, 2), dtype)
    expected[slot] = arrays.d_outputs[0]
    np.testing.assert_array_equal(arrays.gradients["street"], expected)


def test_every_slot_of_the_longest_column_is_exact_in_float32() -> None:
    slots = np.array([2**23 - 1, 2**23, 2**23 + 1, SLOTS - 2, SLOTS - 1])
    weight, outputs = np.zeros((SLOTS, 1), np.float32), np.full((5, 1), np.nan, np.float32)
    weight[slots, 0] = np.arange(5)
    cpu.embed_columns.look_up(slots.astype(np.float32).reshape(5, 1), weight, outputs, 0, 0)
    assert outputs[:, 0].tolist() == [0, 1, 2, 3, 4]


def test_vectors_start_almost_at_0() -> None:
    (spec,) = layer_of(("street", 500, 40)).plan((1,), CPU()).arrays
    assert spec.initializer is not None
    filled = spec.initializer.fill(spec.shape, *spec.fans, np.random.default_rng(0))
    assert filled.std() == pytest.approx(0.01, rel=0.02)


@pytest.mark.parametrize("shape", [(1,), (4, 4, 2)])
def test_inputs_without_a_column_for_each_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError) as raised:
        layer_of(("street", 3, 2), ("roof", 2, 1)).plan(shape, CPU())
    assert "at least 2 numbers" in raised.value.what
    assert raised.value.help


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ([("street", 3, 2), ("roof", 2, 1), ("street", 3, 2)], "names street twice"),
        ([("", 3, 2)], "name"),
        ([("street", 0, 2)], "slots"),
        ([("street", SLOTS + 1, 2)], "slots"),
        ([("street", 3, 0)], "size"),
        ([], "columns"),
    ],
)
def test_columns_that_cannot_be_are_refused(columns: list[tuple[str, int, int]], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        layer_of(*columns)
