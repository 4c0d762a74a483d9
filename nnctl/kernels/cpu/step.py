"""The threshold, over flat arrays of any length."""

from __future__ import annotations

from nnctl.kernels.jit import Array, parallel_kernel, prange


@parallel_kernel
def forward(inputs: Array, outputs: Array) -> None:
    """outputs = 1 where inputs >= 0, else 0; NaN stays NaN. All (size,)."""
    zero, one = inputs.dtype.type(0), inputs.dtype.type(1)
    for i in prange(inputs.size):
        x = inputs[i]
        outputs[i] = one if x >= zero else (zero if x < zero else x)
