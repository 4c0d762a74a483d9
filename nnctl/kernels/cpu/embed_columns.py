"""Embeddings of the slot numbers in a column, and their gradients. A number that is not a slot counts as slot 0."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_item, by_sample, compiled, kernel


@compiled
def slot_of(number: float, slots: int) -> int:
    """The nearest integer, if it is one of 0 to slots - 1; else 0, also for NaN."""
    return int(number + 0.5) if -0.5 < number < slots - 0.5 else 0


@kernel(lambda source, out, count: by_sample(len(out), 5.0 + 0.2 * out.shape[1]))
def copy_first(begin: int, end: int, source: Array, out: Array, count: int) -> None:
    """out = the first `count` columns of source, then zeros. source: (N, F), out: (N, G)."""
    zero = out.dtype.type(0)
    for i in range(begin, end):
        for j in range(count):
            out[i, j] = source[i, j]
        for j in range(count, out.shape[1]):
            out[i, j] = zero


@kernel(lambda inputs, weight, *_: by_sample(len(inputs), 5.0 + 0.2 * weight.shape[1]))
def look_up(begin: int, end: int, inputs: Array, weight: Array, outputs: Array, column: int, first: int) -> None:
    """outputs[i, first : first + size] = weight[inputs[i, column]]. weight: (slots, size), outputs: (N, G)."""
    slots, size = weight.shape
    for i in range(begin, end):
        vector = weight[slot_of(inputs[i, column], slots)]
        for j in range(size):
            outputs[i, first + j] = vector[j]


@kernel(lambda inputs, d_outputs, d_weight, *_: by_item(d_weight.shape[1], 0.2 * len(d_weight) + len(inputs)))
def add_up(begin: int, end: int, inputs: Array, d_outputs: Array, d_weight: Array, column: int, first: int) -> None:
    """d_weight[slot] = the sum of d_outputs[i, first : first + size] over the samples of the slot, in their order.

    d_outputs: (N, G), d_weight: (slots, size). The items are columns of d_weight: so the bits do not depend on the
    threads.
    """
    slots = d_weight.shape[0]
    zero = d_weight.dtype.type(0)
    for slot in range(slots):
        for j in range(begin, end):
            d_weight[slot, j] = zero
    for i in range(len(inputs)):
        d_vector = d_weight[slot_of(inputs[i, column], slots)]
        for j in range(begin, end):
            d_vector[j] += d_outputs[i, first + j]
