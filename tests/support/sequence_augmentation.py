"""What layers that change sequences at random must do with lengths."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nnctl.layers.layer import Layer
from tests.support.layer_check import Array, a_step, build

STEPS, FEATURES = 9, 4
LENGTHS = np.array([9, 1, 4, 0, 6, 2])


def augmented(
    layer: Layer, lengths: Array | None = LENGTHS, filling: float = np.nan, **counters: Any
) -> tuple[Array, ...]:
    """inputs, outputs, d_outputs and d_inputs of a training step; what is beyond a length is `filling`."""
    built = build(layer, (STEPS, FEATURES), len(LENGTHS), lengths=lengths)
    arrays = built.arrays
    if lengths is not None:
        beyond = np.arange(STEPS) >= lengths[:, None]
        arrays.inputs[beyond] = arrays.d_outputs[beyond] = filling
    built.both_ways(replace(a_step(), **counters))
    assert arrays.d_inputs is not None
    return arrays.inputs, arrays.outputs, arrays.d_outputs, arrays.d_inputs


def check_lengths(layer: Layer) -> None:
    """Nothing of the padding shows, in either direction, and full lengths are the same as none."""
    results = [augmented(layer, filling=filling) for filling in (0.0, np.nan, 1e30)]
    beyond = np.arange(STEPS) >= LENGTHS[:, None]
    for _, outputs, _, d_inputs in results:
        for array, expected in ((outputs, results[0][1]), (d_inputs, results[0][3])):
            assert not array[beyond].any()
            assert array.tobytes() == expected.tobytes()
    full, none = augmented(layer, np.full(len(LENGTHS), STEPS)), augmented(layer, None)
    assert all(one.tobytes() == other.tobytes() for one, other in zip(full, none, strict=True))
