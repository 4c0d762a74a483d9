"""Gradients of several batches, added up."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_element, kernel


@kernel(lambda gradients, sums: by_element(gradients, 0.2))
def start(begin: int, end: int, gradients: Array, sums: Array) -> None:
    """sums = gradients, those of the first batch. Both (P,)."""
    for i in range(begin, end):
        sums[i] = gradients[i]


@kernel(lambda gradients, sums: by_element(gradients, 0.2))
def add(begin: int, end: int, gradients: Array, sums: Array) -> None:
    """sums += gradients, those of a further batch. Both (P,)."""
    for i in range(begin, end):
        sums[i] += gradients[i]


@kernel(lambda gradients, sums: by_element(gradients, 0.2))
def finish(begin: int, end: int, gradients: Array, sums: Array) -> None:
    """gradients += sums: those of the last batch become those of all. Both (P,)."""
    for i in range(begin, end):
        gradients[i] += sums[i]
