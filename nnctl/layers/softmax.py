"""Softmax."""

from __future__ import annotations

from typing import Literal

from nnctl.layers.activation import Activation
from nnctl.layers.layer import Array, Arrays, Pass


class Softmax(Activation):
    """exp(x) over its sum along the last axis: positive numbers that add to 1. Source: Bridle 1990."""

    type: Literal["softmax"] = "softmax"

    def forward(self, arrays: Arrays, run: Pass) -> None:
        run.kernels.softmax.forward(_rows(arrays.inputs), _rows(arrays.outputs))

    def backward(self, arrays: Arrays, run: Pass) -> None:
        if arrays.d_inputs is not None:
            run.kernels.softmax.backward(_rows(arrays.outputs), _rows(arrays.d_outputs), _rows(arrays.d_inputs))


def _rows(array: Array) -> Array:
    """A view (rows, last axis)."""
    return array.reshape(-1, array.shape[-1])
