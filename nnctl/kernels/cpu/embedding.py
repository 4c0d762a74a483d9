"""Sequences of slot numbers to the slots' vectors, and their gradients. A number that is not a slot counts as slot 0.

lengths: (N,) int64 in 1..T, or (0,) where all steps are real. What lies beyond a length is not read, and gets 0.
"""

from __future__ import annotations

from nnctl.kernels.cpu.embed_columns import slot_of
from nnctl.kernels.kernel import Array, by_element, by_item, by_sample, kernel


@kernel(lambda inputs, lengths, weight, outputs: by_sample(len(inputs), 5.0 + 0.2 * outputs[0].size))
def look_up(begin: int, end: int, inputs: Array, lengths: Array, weight: Array, outputs: Array) -> None:
    """outputs[n, t] = weight[inputs[n, t]]. inputs: (N, T), weight: (slots, size), outputs: (N, T, size)."""
    slots, size = weight.shape
    zero = outputs.dtype.type(0)
    for n in range(begin, end):
        length = lengths[n] if lengths.size else inputs.shape[1]
        for t in range(length):
            vector, target = weight[slot_of(inputs[n, t], slots)], outputs[n, t]
            for j in range(size):
                target[j] = vector[j]
        for t in range(length, inputs.shape[1]):
            target = outputs[n, t]
            for j in range(size):
                target[j] = zero


@kernel(lambda inputs, lengths, d_outputs, d_weight: by_item(d_weight.shape[1], 0.2 * len(d_weight) + inputs.size))
def add_up(begin: int, end: int, inputs: Array, lengths: Array, d_outputs: Array, d_weight: Array) -> None:
    """d_weight[slot] = the sum of d_outputs[n, t] over the slot's real steps, in the order of samples and steps.

    d_outputs: (N, T, size), d_weight: (slots, size). The items are columns of d_weight: so the bits do not depend on
    the threads.
    """
    slots = d_weight.shape[0]
    zero = d_weight.dtype.type(0)
    for slot in range(slots):
        for j in range(begin, end):
            d_weight[slot, j] = zero
    for n in range(len(inputs)):
        for t in range(lengths[n] if lengths.size else inputs.shape[1]):
            d_vector, source = d_weight[slot_of(inputs[n, t], slots)], d_outputs[n, t]
            for j in range(begin, end):
                d_vector[j] += source[j]


@kernel(lambda out: by_element(out, 0.1))
def clear(begin: int, end: int, out: Array) -> None:
    """out = 0: slot numbers have no gradient. out: (size,)."""
    out[begin:end] = 0
