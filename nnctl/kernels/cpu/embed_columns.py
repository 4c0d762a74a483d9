"""Vectors looked up by the slot numbers in a column, and their gradients. A number that is no slot counts as slot 0."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_item, by_sample, compiled, kernel


@compiled
def _slot(number: float, slots: int) -> int:
    """The whole number nearest to it, if that is one of 0 to slots - 1; else 0, for NaN too."""
    return int(number + 0.5) if -0.5 < number < slots - 0.5 else 0


@kernel(lambda source, out, count: by_sample(len(out), 5.0 + 0.2 * out.shape[1]))
def copy_first(begin: int, end: int, source: Array, out: Array, count: int) -> None:
    """The first so many columns of out are those of source, its others 0. source: (N, F), out: (N, G)."""
    zero = out.dtype.type(0)
    for i in range(begin, end):
        for j in range(count):
            out[i, j] = source[i, j]
        for j in range(count, out.shape[1]):
            out[i, j] = zero


@kernel(lambda inputs, column, weight, *_: by_sample(len(inputs), 5.0 + 0.2 * weight.shape[1]))
def look_up(begin: int, end: int, inputs: Array, column: int, weight: Array, outputs: Array, first: int) -> None:
    """Write weight[inputs[i, column]] to outputs[i] from `first` on. weight: (slots, size), outputs: (N, G)."""
    slots, size = weight.shape
    for i in range(begin, end):
        vector = weight[_slot(inputs[i, column], slots)]
        for j in range(size):
            outputs[i, first + j] = vector[j]


@kernel(
    lambda inputs, column, d_outputs, first, d_weight: by_item(d_weight.shape[1], 0.2 * len(d_weight) + len(inputs))
)
def add_up(begin: int, end: int, inputs: Array, column: int, d_outputs: Array, first: int, d_weight: Array) -> None:
    """d_weight = of each slot, the sum of its samples' d_outputs from `first` on, in their order; else 0.

    The items are the numbers of a vector: so the bits do not depend on the threads. d_weight: (slots, size).
    """
    slots = d_weight.shape[0]
    zero = d_weight.dtype.type(0)
    for slot in range(slots):
        for j in range(begin, end):
            d_weight[slot, j] = zero
    for i in range(len(inputs)):
        d_vector = d_weight[_slot(inputs[i, column], slots)]
        for j in range(begin, end):
            d_vector[j] += d_outputs[i, first + j]
