"""Matrix products in the three forms that a linear layer needs: an element of the result is the work of one thread.

Each element sums in the order of k. All arrays are contiguous, and of one dtype.
"""

from __future__ import annotations

from typing import Any

from nnctl.kernels.cuda.kernel import Array, compiled, cuda, kernel


@compiled
def _dot(a: Array, b: Array, i: int, j: int) -> Any:
    """Row i of a times column j of b."""
    total = a.dtype.type(0)
    for k in range(a.shape[1]):
        total += a[i, k] * b[k, j]
    return total


@kernel(lambda a, b, out: out.size)
def matmul(a: Array, b: Array, out: Array) -> None:
    """out = a b. a: (M, K), a row for each sample of the batch; b: (K, N), out: (M, N)."""
    columns = out.shape[1]
    for item in range(cuda.grid(1), out.size, cuda.gridsize(1)):
        i, j = item // columns, item % columns
        out[i, j] = _dot(a, b, i, j)


@kernel(lambda a, b, bias, out: out.size)
def _product_and_bias(a: Array, b: Array, bias: Array, out: Array) -> None:
    columns = out.shape[1]
    for item in range(cuda.grid(1), out.size, cuda.gridsize(1)):
        i, j = item // columns, item % columns
        out[i, j] = _dot(a, b, i, j) + bias[j]


def matmul_bias(a: Array, b: Array, bias: Array | None, out: Array) -> None:
    """out = a b + bias. As `matmul`; bias: (N,), or None."""
    if bias is None:
        matmul(a, b, out)
    else:
        _product_and_bias(a, b, bias, out)


def matmul_large(a: Array, b: Array, bias: Array | None, partial: Array, out: Array) -> None:
    """As `matmul_bias`. partial: unused, as `sizes.matmul_scratch` wants none."""
    matmul_bias(a, b, bias, out)


@kernel(lambda a, b, out: out.size)
def matmul_transposed_a(a: Array, b: Array, out: Array) -> None:
    """out = a^T b, the gradient of the weight. a: (K, M), b: (K, N), out: (M, N)."""
    columns = out.shape[1]
    for item in range(cuda.grid(1), out.size, cuda.gridsize(1)):
        i, j = item // columns, item % columns
        total = out.dtype.type(0)
        for k in range(len(a)):
            total += a[k, i] * b[k, j]
        out[i, j] = total


@kernel(lambda a, sums: sums.size)
def _sum_rows(a: Array, sums: Array) -> None:
    """sums = the sum of a's rows. a: (K, N), sums: (N,)."""
    for j in range(cuda.grid(1), sums.size, cuda.gridsize(1)):
        total = sums.dtype.type(0)
        for k in range(len(a)):
            total += a[k, j]
        sums[j] = total


def matmul_transposed_a_sum(a: Array, b: Array, out: Array, sums: Array | None) -> None:
    """As `matmul_transposed_a`, and sums = the sum of b's rows, the gradient of the bias: (N,), or None."""
    matmul_transposed_a(a, b, out)
    if sums is not None:
        _sum_rows(b, sums)


@kernel(lambda a, b, out: out.size)
def _product_over_steps(a: Array, b: Array, out: Array) -> None:
    columns = out.shape[1]
    for item in range(cuda.grid(1), out.size, cuda.gridsize(1)):
        i, j = item // columns, item % columns
        total = out.dtype.type(0)
        for t in range(a.shape[1]):
            for n in range(len(a)):
                total += a[n, t, i] * b[n, t, j]
        out[i, j] = total


@kernel(lambda a, sums: sums.size)
def _sum_over_steps(a: Array, sums: Array) -> None:
    """sums = the sum of a's rows. a: (S, T, N), sums: (N,)."""
    for j in range(cuda.grid(1), sums.size, cuda.gridsize(1)):
        total = sums.dtype.type(0)
        for t in range(a.shape[1]):
            for n in range(len(a)):
                total += a[n, t, j]
        sums[j] = total


def matmul_over_steps(a: Array, b: Array, out: Array, sums: Array | None) -> None:
    """As `matmul_transposed_a_sum` with a row a step, and the sums in the order of the steps, of each all samples.

    So steps behind all others at which b is 0 change no bit. a: (S, T, M), b: (S, T, N), out: (M, N), sums: (N,).
    """
    _product_over_steps(a, b, out)
    if sums is not None:
        _sum_over_steps(b, sums)


def matmul_transposed_b(a: Array, b: Array, out: Array, *, has_steps: bool = False) -> None:
    """out = a b^T, the gradient of the inputs. a: (M, K), b: (N, K), out: (M, N).

    has_steps: whether the rows are steps of sequences; here it makes no difference.
    """
    _product_transposed(a, b, out)


@kernel(lambda a, b, out: out.size)
def _product_transposed(a: Array, b: Array, out: Array) -> None:
    columns = out.shape[1]
    for item in range(cuda.grid(1), out.size, cuda.gridsize(1)):
        i, j = item // columns, item % columns
        total = out.dtype.type(0)
        for k in range(a.shape[1]):
            total += a[i, k] * b[j, k]
        out[i, j] = total
