"""A random number added to each image, both directions."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.splitmix import number_between
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda inputs, *_: by_sample(len(inputs), 10.0 + 0.2 * inputs[0].size))
def forward(begin: int, end: int, inputs: Array, outputs: Array, amount: float, key: np.uint64) -> None:
    """outputs[n] = inputs[n] + a number from -amount to amount. Both (N, H, W, C).

    The number of sample n is made of output n of the SplitMix64 stream that starts at key.
    """
    flat, flat_outputs = inputs.reshape(len(inputs), -1), outputs.reshape(len(inputs), -1)
    for n in range(begin, end):
        added = inputs.dtype.type(number_between(key, n, -amount, amount))
        own, out = flat[n], flat_outputs[n]
        for i in range(len(own)):
            out[i] = own[i] + added


@kernel(lambda d_outputs, *_: by_sample(len(d_outputs), 0.15 * d_outputs[0].size))
def backward(begin: int, end: int, d_outputs: Array, d_inputs: Array, amount: float, key: np.uint64) -> None:
    """d_inputs = d_outputs. Both (N, H, W, C)."""
    flat, flat_inputs = d_outputs.reshape(len(d_outputs), -1), d_inputs.reshape(len(d_outputs), -1)
    for n in range(begin, end):
        own, out = flat[n], flat_inputs[n]
        for i in range(len(own)):
            out[i] = own[i]
