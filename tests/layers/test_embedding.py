"""Embedded sequences: which slot a number is, what each slot's gradient sums up, lengths, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from nnctl.kernels.device import CPU
from nnctl.layers.embedding import Embedding, has_embedding, with_slots
from nnctl.layers.operation import ShapeError, StepContext
from tests.support.layer_check import Built, Float64, a_step, build
from tests.support.pytorch_layer_check import PyTorchLayerCheck
from tests.support.specs import layers_of

LENGTHS = np.array([5, 1, 3])


class TestEmbedding(PyTorchLayerCheck):
    kind = Embedding
    cases = (
        {"inputs": [5], "num_embeddings": 4, "embedding_dim": 3},
        {"inputs": [2, 1], "num_embeddings": 3, "embedding_dim": 1},
    )
    refused = (
        {},
        {"num_embeddings": 3},
        {"num_embeddings": 0, "embedding_dim": 3},
        {"num_embeddings": 3, "embedding_dim": 0},
    )
    golden = ({"inputs": [7], "num_embeddings": 5, "embedding_dim": 3},)

    @staticmethod
    def reference(layer: Embedding, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        assert layer.num_embeddings is not None
        slots = [[round(number) for number in sample.ravel()] for sample in inputs]
        weight = parameters["weight"]
        return np.array([[weight[slot if 0 <= slot < len(weight) else 0] for slot in sample] for sample in slots])

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], **settings: Any) -> Any:
        from torch.nn import functional

        return functional.embedding(inputs.long(), parameters["weight"].T).movedim(-1, 1) + 0.0 * inputs.sum()

    @staticmethod
    def draw(layer: Embedding, size: tuple[int, ...], generator: np.random.Generator) -> Float64:
        assert layer.num_embeddings is not None
        return generator.integers(0, layer.num_embeddings, size).astype(np.float64)


def slots(built: Built, number: int) -> Built:
    """With slot numbers 0 to number - 1 as inputs."""
    built.arrays.inputs[...] = np.random.default_rng(4).integers(0, number, built.arrays.inputs.shape)
    return built


@pytest.mark.parametrize("filling", [0.0, np.nan, 1e30])
def test_what_lies_beyond_a_length_has_no_influence(filling: float) -> None:
    layer = Embedding(num_embeddings=4, embedding_dim=3)
    built = slots(build(layer, (5,), samples=len(LENGTHS), lengths=LENGTHS), 4)
    arrays = built.arrays
    gradient = np.zeros((4, 3))
    for number, length in enumerate(LENGTHS):
        np.add.at(gradient, arrays.inputs[number, :length].astype(int), arrays.d_outputs[number, :length])
        arrays.inputs[number, length:] = filling
        arrays.d_outputs[number, length:] = filling
    built.both_ways(a_step())
    for number, length in enumerate(LENGTHS):
        chosen = arrays.inputs[number, :length].astype(int)
        np.testing.assert_array_equal(arrays.outputs[number, :length], arrays.parameters["weight"][chosen])
        assert not arrays.outputs[number, length:].any()
    assert arrays.gradients["weight"].tobytes() == gradient.tobytes()
    assert arrays.d_inputs is not None
    assert not arrays.d_inputs.any()


@pytest.mark.parametrize(
    ("number", "slot"), [(0.9, 1), (2.4, 2), (2.6, 0), (3.0, 0), (-1.0, 0), (1e30, 0), (np.inf, 0), (np.nan, 0)]
)
def test_what_is_no_slot_counts_as_slot_0(number: float, slot: int) -> None:
    built = build(Embedding(num_embeddings=3, embedding_dim=2), (1,), samples=1)
    built.arrays.inputs[...] = number
    built.both_ways(a_step())
    np.testing.assert_array_equal(built.arrays.outputs[0, 0], built.arrays.parameters["weight"][slot])
    assert built.arrays.gradients["weight"][slot].tobytes() == built.arrays.d_outputs[0, 0].tobytes()


@pytest.mark.parametrize("shape", [(4, 2), (4, 4, 1)])
def test_inputs_that_are_no_sequence_of_numbers_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="a slot number a step"):
        Embedding(num_embeddings=3, embedding_dim=2).plan(shape, CPU())


def test_without_a_number_of_slots_it_says_so() -> None:
    with pytest.raises(ShapeError, match="num_embeddings"):
        Embedding(embedding_dim=2).plan((4,), CPU())


def test_unset_numbers_of_slots_are_filled_in_inside_other_layers_too() -> None:
    own, given = {"type": "embedding", "embedding_dim": 2}, {"type": "embedding", "embedding_dim": 2}
    layers = layers_of(
        [{"repeat": 1, "layers": [own]}, {"type": "parallel", "branches": [[own], [given | {"num_embeddings": 9}]]}]
    )
    repeat, parallel = (layer.model_dump() for layer in with_slots(layers, 7))
    assert repeat["layers"][0]["num_embeddings"] == 7
    assert [branch[0]["num_embeddings"] for branch in parallel["branches"]] == [7, 9]


def test_an_embedding_is_found_inside_other_layers_too() -> None:
    own = {"type": "embedding", "embedding_dim": 2}
    assert has_embedding(layers_of([{"type": "parallel", "branches": [["relu"], [own]]}]))
    assert not has_embedding(layers_of(["relu", {"repeat": 2, "layers": ["tanh"]}]))
