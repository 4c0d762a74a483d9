"""Clipping of each number of the gradients."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_element, kernel


@kernel(lambda gradients, limit: by_element(gradients, 0.2))
def clip(begin: int, end: int, gradients: Array, limit: float) -> None:
    """gradients = max(-limit, min(limit, gradients)); NaN stays NaN. gradients: (P,)."""
    most = gradients.dtype.type(limit)
    for i in range(begin, end):
        value = gradients[i]
        gradients[i] = most if value > most else -most if value < -most else value
