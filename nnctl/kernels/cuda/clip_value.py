"""Clipping of each number of the gradients."""

from __future__ import annotations

from nnctl.kernels.cuda.kernel import Array, cuda, kernel


@kernel(lambda gradients, limit: gradients.size)
def clip(gradients: Array, limit: float) -> None:
    """gradients = max(-limit, min(limit, gradients)); NaN stays NaN. gradients: (P,)."""
    most = gradients.dtype.type(limit)
    for i in range(cuda.grid(1), gradients.size, cuda.gridsize(1)):
        value = gradients[i]
        gradients[i] = most if value > most else -most if value < -most else value
