"""An average that follows the parameters."""

from __future__ import annotations

from nnctl.kernels.cuda.kernel import Array, cuda, kernel


@kernel(lambda parameters, average, share: average.size)
def follow(parameters: Array, average: Array, share: float) -> None:
    """average += share (parameters - average); with a share of 1 it is the parameters. Both (P,)."""
    if share == 1.0:
        for i in range(cuda.grid(1), average.size, cuda.gridsize(1)):
            average[i] = parameters[i]
    elif share > 0.0:
        part = average.dtype.type(share)
        for i in range(cuda.grid(1), average.size, cuda.gridsize(1)):
            average[i] += part * (parameters[i] - average[i])
