"""Sequences of slot numbers to the slots' vectors, and their gradients. A number that is not a slot counts as slot 0.

lengths: (N,) int64 in 1..T, or (0,) where all steps are real. What lies beyond a length is not read, and gets 0.
"""

from __future__ import annotations

from nnctl.kernels.cuda.embed_columns import slot_of
from nnctl.kernels.cuda.kernel import Array, cuda, kernel


@kernel(lambda inputs, lengths, weight, outputs: outputs.size)
def look_up(inputs: Array, lengths: Array, weight: Array, outputs: Array) -> None:
    """outputs[n, t] = weight[inputs[n, t]]. inputs: (N, T), weight: (slots, size), outputs: (N, T, size)."""
    slots, size = weight.shape
    steps, zero = inputs.shape[1], outputs.dtype.type(0)
    for item in range(cuda.grid(1), outputs.size, cuda.gridsize(1)):
        n, t, j = item // (steps * size), item // size % steps, item % size
        is_real = lengths.size == 0 or t < lengths[n]
        outputs[n, t, j] = weight[slot_of(inputs[n, t], slots), j] if is_real else zero


@kernel(lambda inputs, lengths, d_outputs, d_weight: d_weight.shape[1])
def add_up(inputs: Array, lengths: Array, d_outputs: Array, d_weight: Array) -> None:
    """d_weight[slot] = the sum of d_outputs[n, t] over the slot's real steps, in the order of samples and steps.

    d_outputs: (N, T, size), d_weight: (slots, size). The items are columns of d_weight.
    """
    slots, size = d_weight.shape
    zero = d_weight.dtype.type(0)
    for j in range(cuda.grid(1), size, cuda.gridsize(1)):
        for slot in range(slots):
            d_weight[slot, j] = zero
        for n in range(len(inputs)):
            for t in range(lengths[n] if lengths.size > 0 else inputs.shape[1]):
                d_weight[slot_of(inputs[n, t], slots), j] += d_outputs[n, t, j]


@kernel(lambda out: out.size)
def clear(out: Array) -> None:
    """out = 0: slot numbers have no gradient. out: (size,)."""
    for i in range(cuda.grid(1), out.size, cuda.gridsize(1)):
        out[i] = 0
