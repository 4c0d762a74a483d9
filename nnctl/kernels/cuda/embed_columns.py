"""Embeddings of the slot numbers in a column, and their gradients. A number that is not a slot counts as slot 0."""

from __future__ import annotations

from nnctl.kernels.cuda.kernel import Array, compiled, cuda, kernel


@compiled
def slot_of(number: float, slots: int) -> int:
    """The nearest integer, if it is one of 0 to slots - 1; else 0, also for NaN."""
    return int(number + 0.5) if -0.5 < number < slots - 0.5 else 0


@kernel(lambda source, out, count: out.size)
def copy_first(source: Array, out: Array, count: int) -> None:
    """out = the first `count` columns of source, then zeros. source: (N, F), out: (N, G)."""
    width, zero = out.shape[1], out.dtype.type(0)
    for item in range(cuda.grid(1), out.size, cuda.gridsize(1)):
        i, j = item // width, item % width
        out[i, j] = source[i, j] if j < count else zero


@kernel(lambda inputs, weight, *_: len(inputs) * weight.shape[1])
def look_up(inputs: Array, weight: Array, outputs: Array, column: int, first: int) -> None:
    """outputs[i, first : first + size] = weight[inputs[i, column]]. weight: (slots, size), outputs: (N, G)."""
    slots, size = weight.shape
    for item in range(cuda.grid(1), len(inputs) * size, cuda.gridsize(1)):
        i, j = item // size, item % size
        outputs[i, first + j] = weight[slot_of(inputs[i, column], slots), j]


@kernel(lambda inputs, d_outputs, d_weight, *_: d_weight.shape[1])
def add_up(inputs: Array, d_outputs: Array, d_weight: Array, column: int, first: int) -> None:
    """d_weight[slot] = the sum of d_outputs[i, first : first + size] over the samples of the slot, in their order.

    d_outputs: (N, G), d_weight: (slots, size). The items are columns of d_weight.
    """
    slots, size = d_weight.shape
    zero = d_weight.dtype.type(0)
    for j in range(cuda.grid(1), size, cuda.gridsize(1)):
        for slot in range(slots):
            d_weight[slot, j] = zero
        for i in range(len(inputs)):
            d_weight[slot_of(inputs[i, column], slots), j] += d_outputs[i, first + j]
