"""Gradients of several batches, added up."""

from __future__ import annotations

from nnctl.kernels.cuda.kernel import Array, cuda, kernel


@kernel(lambda gradients, sums: gradients.size)
def start(gradients: Array, sums: Array) -> None:
    """sums = gradients, those of the first batch. Both (P,)."""
    for i in range(cuda.grid(1), gradients.size, cuda.gridsize(1)):
        sums[i] = gradients[i]


@kernel(lambda gradients, sums: gradients.size)
def add(gradients: Array, sums: Array) -> None:
    """sums += gradients, those of a further batch. Both (P,)."""
    for i in range(cuda.grid(1), gradients.size, cuda.gridsize(1)):
        sums[i] += gradients[i]


@kernel(lambda gradients, sums: gradients.size)
def finish(gradients: Array, sums: Array) -> None:
    """gradients += sums: those of the last batch become those of all. Both (P,)."""
    for i in range(cuda.grid(1), gradients.size, cuda.gridsize(1)):
        gradients[i] += sums[i]
