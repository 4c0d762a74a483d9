"""Branches side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from nnctl.kernels.device import CPU
from nnctl.layers.default_weight import with_default_weights
from nnctl.layers.operation import Shape, ShapeError, StepContext
from nnctl.layers.parallel import Parallel
from tests.support.layer_check import Float64, LayerCheck, a_step, build
from tests.support.naive_chain import chain
from tests.support.specs import layers_of

CONV = {"type": "conv2d", "out_channels": 2, "kernel_size": 3, "padding": "same"}
IMAGE = [3, 4, 2]


class TestParallel(LayerCheck):
    kind = Parallel
    cases = (
        {"inputs": IMAGE, "branches": [[CONV, "tanh"], [], ["sigmoid"]]},
        {"inputs": IMAGE, "branches": [["tanh"], [], [CONV]], "join": "add"},
        {"inputs": IMAGE, "branches": [["flatten"], ["flatten", {"type": "linear", "out_features": 3}]]},
    )
    refused = ({}, {"branches": [["tanh"]]}, {"branches": [["tanh"], []], "join": "multiply"})
    without_pytorch = "it has no such layer; those inside have numbers of their own"

    @staticmethod
    def reference(layer: Parallel, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        branches = [
            chain(branch, f"branches.{number}.", inputs, parameters, step)
            for number, branch in enumerate(layer.branches)
        ]
        return np.asarray(sum(branches) if layer.join == "add" else np.concatenate(branches, axis=-1))


def linear(out_features: int) -> dict[str, Any]:
    return {"type": "linear", "out_features": out_features}


@pytest.mark.parametrize(
    ("shape", "branches", "join", "what", "help"),
    [
        (
            (7,),
            [[linear(3)], [], [linear(3)]],
            "add",
            "cannot add (3,) of branch 0 and (7,) of branch 1",
            "give all branches outputs of the same shape",
        ),
        (
            (3, 4, 2),
            [[], [CONV], [{**CONV, "padding": "valid"}]],
            "concat",
            "cannot concat (3, 4, 2) of branch 0 and (1, 2, 2) of branch 2",
            "give all branches outputs of the same shape but for the last axis",
        ),
        (
            (3, 4, 2),
            [["flatten"], []],
            "concat",
            "cannot concat (24,) of branch 0 and (3, 4, 2) of branch 1",
            "give all branches outputs of the same shape but for the last axis",
        ),
    ],
)
def test_branches_that_do_not_join(shape: Shape, branches: list[Any], join: str, what: str, help: str) -> None:
    with pytest.raises(ShapeError) as raised:
        TestParallel().layer({"branches": branches, "join": join}).plan(shape, CPU())
    assert (raised.value.what, raised.value.help, raised.value.path) == (what, help, "")


def test_an_error_names_the_branch_and_the_layer_in_it() -> None:
    with pytest.raises(ShapeError) as raised:
        TestParallel().layer({"branches": [[], ["tanh", CONV]]}).plan((7,), CPU())
    assert raised.value.path == "branches.1.1"
    assert raised.value.what.endswith("; got inputs of shape (7,)")


@pytest.mark.parametrize("join", ["concat", "add"])
def test_branches_that_read_the_same_inputs_add_their_gradients(join: str) -> None:
    built = build(TestParallel().layer({"branches": [[], [], []], "join": join}), (5,))
    arrays = built.both_ways(a_step()).arrays
    if join == "add":
        np.testing.assert_allclose(arrays.outputs, 3 * arrays.inputs, rtol=1e-15)
        np.testing.assert_allclose(arrays.d_inputs, 3 * arrays.d_outputs, rtol=1e-15)
    else:
        np.testing.assert_array_equal(arrays.outputs, np.tile(arrays.inputs, 3))
        parts = arrays.d_outputs[:, :5] + arrays.d_outputs[:, 5:10] + arrays.d_outputs[:, 10:]
        np.testing.assert_array_equal(arrays.d_inputs, parts)


def test_a_weight_inside_starts_as_is_usual_for_what_follows() -> None:
    """Its own branch, then the activation of the whole, then the layer behind."""
    for own, behind, expected in (
        (None, "relu", ["he_normal", "xavier_uniform"]),
        ("relu", "tanh", ["he_normal", "xavier_uniform"]),
        (None, "tanh", ["xavier_uniform", "xavier_uniform"]),
    ):
        layer = {"type": "parallel", "branches": [[linear(3)], [linear(3), "tanh"]], "activation": own}
        filled = with_default_weights(layers_of([layer, behind]))[0]
        assert isinstance(filled, Parallel)
        assert [branch[0].weight.type for branch in filled.branches] == expected
