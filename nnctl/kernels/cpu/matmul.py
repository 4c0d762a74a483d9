"""Matrix products in the three forms that a linear layer needs. All arrays are contiguous, of one dtype.

Each row of the result belongs to one iteration, and each element sums in the order of k: the bits do not
depend on the number of threads. The innermost loop runs along contiguous columns, so it becomes vector code
without reordering a sum.
"""

from __future__ import annotations

from nnctl.kernels.jit import Array, parallel_kernel, prange


@parallel_kernel
def matmul(a: Array, b: Array, out: Array) -> None:
    """out = a b. a: (M, K), b: (K, N), out: (M, N)."""
    for i in prange(a.shape[0]):
        row = out[i]
        row[:] = 0
        for k in range(a.shape[1]):
            factor = a[i, k]
            for j in range(b.shape[1]):
                row[j] += factor * b[k, j]


@parallel_kernel
def matmul_bias(a: Array, b: Array, bias: Array, out: Array) -> None:
    """out = a b + bias. a: (M, K), b: (K, N), bias: (N,), out: (M, N)."""
    for i in prange(a.shape[0]):
        row = out[i]
        row[:] = bias
        for k in range(a.shape[1]):
            factor = a[i, k]
            for j in range(b.shape[1]):
                row[j] += factor * b[k, j]


@parallel_kernel
def matmul_transposed_a(a: Array, b: Array, out: Array) -> None:
    """out = a^T b, the weight's gradient. a: (K, M), b: (K, N), out: (M, N)."""
    for i in prange(a.shape[1]):
        row = out[i]
        row[:] = 0
        for k in range(a.shape[0]):
            factor = a[k, i]
            for j in range(b.shape[1]):
                row[j] += factor * b[k, j]


@parallel_kernel
def transpose(a: Array, out: Array) -> None:
    """out = a^T. a: (M, N), out: (N, M)."""
    for j in prange(a.shape[1]):
        for i in range(a.shape[0]):
            out[j, i] = a[i, j]


@parallel_kernel
def sum_rows(a: Array, out: Array) -> None:
    """out[j] = sum over i of a[i, j], in the order of i: the bias's gradient. a: (M, N), out: (N,)."""
    for j in prange(a.shape[1]):
        total = a.dtype.type(0)
        for i in range(a.shape[0]):
            total += a[i, j]
        out[j] = total
