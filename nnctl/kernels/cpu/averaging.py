"""An average that follows the parameters."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_element, kernel


@kernel(lambda parameters, average, share: by_element(average, 0.3))
def follow(begin: int, end: int, parameters: Array, average: Array, share: float) -> None:
    """average += share (parameters - average); with a share of 1 it is the parameters. Both (P,)."""
    if share == 1.0:
        for i in range(begin, end):
            average[i] = parameters[i]
    elif share > 0.0:
        part = average.dtype.type(share)
        for i in range(begin, end):
            average[i] += part * (parameters[i] - average[i])
