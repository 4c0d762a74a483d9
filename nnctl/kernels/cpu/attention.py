"""Multi-head self-attention between its two products with weights, both directions.

An item is one head of one sample. Scores lie with a row a key and a column a query, so that loops over the queries,
which do not depend on each other, are loops over neighbours. What lies beyond a sample's length is neither read nor
counted; there the results are 0.

projected: (N, T, 3 F), the queries, keys and values of all heads, side by side. shares, d_shares: (N, H, T, T), of each
key in each query, and their gradients. sums: (N, H, 2, T) scratch. lengths: (N,) int64, or (0,) where all is real.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from nnctl.kernels.compiler.code import Code
from nnctl.kernels.cpu.gemm.gemm import Codes, gemm, gemm_code
from nnctl.kernels.cpu.matmul import MULTIPLY_ADD
from nnctl.kernels.cpu.simd.exp import exp
from nnctl.kernels.cpu.simd.memory import address_of
from nnctl.kernels.cpu.sizes import DOT_PRODUCT_COLUMNS
from nnctl.kernels.kernel import Array, Partition, by_sample, compiled, kernel

_SHARE = 1.2  # nanoseconds a score, beside the products


def _codes(array: Array) -> tuple[Code | int, ...]:
    """Of products of any width: a width that depends on a length may not change the order of sums."""
    return gemm_code(array.dtype, DOT_PRODUCT_COLUMNS + 1)


def _by_head(products: int) -> Callable[..., Partition]:
    def partition(codes: Codes, projected: Array, lengths: Array, shares: Array, *_: Any) -> Partition:
        samples, heads, steps, _steps = shares.shape
        size = projected.shape[2] // (3 * heads)
        return by_sample(samples * heads, steps * steps * (products * size * MULTIPLY_ADD + _SHARE))

    return partition


@kernel(_by_head(2))
def _forward(
    begin: int, end: int, codes: Codes, projected: Array, lengths: Array, shares: Array, sums: Array, context: Array,
    causal: bool,
) -> None:  # fmt: skip
    _, heads, steps, _ = shares.shape
    wide, features, itemsize = projected.shape[2], context.shape[2], projected.itemsize
    size = features // heads
    scale = projected.dtype.type(1.0 / math.sqrt(size))
    for item in range(begin, end):
        n, head = item // heads, item % heads
        length = lengths[n] if len(lengths) else steps
        queries = address_of(projected) + itemsize * (n * steps * wide + head * size)
        keys, values = queries + itemsize * features, queries + 2 * itemsize * features
        own = shares[n, head]
        table = address_of(own)
        gemm(own, codes, keys, wide, 1, queries, 1, wide, table, steps, 0, 0, length, size, length)
        _to_shares(own, sums[n, head, 0], sums[n, head, 1], length, scale, causal)
        out = address_of(context) + itemsize * (n * steps * features + head * size)
        gemm(own, codes, table, 1, steps, values, wide, 1, out, features, 0, 0, length, length, size)
        for t in range(length, steps):
            context[n, t, head * size : (head + 1) * size] = 0


@compiled
def _to_shares(scores: Array, largest: Array, total: Array, length: int, scale: float, causal: bool) -> None:
    """Softmax over the keys, down each column. scores: (T, T), of which the first `length` rows and columns count."""
    top, under = largest[:length], total[:length]
    top[:] = -math.inf
    under[:] = 0
    for key in range(length):
        row = scores[key, :length]
        for query in range(key if causal else 0, length):
            top[query] = row[query] if row[query] > top[query] else top[query]
    for key in range(length):
        first = key if causal else 0
        row = scores[key, :length]
        row[:first] = 0
        for query in range(first, length):
            row[query] = exp((row[query] - top[query]) * scale)
        for query in range(first, length):
            under[query] += row[query]
    for query in range(length):
        under[query] = scores.dtype.type(1) / under[query]
    for key in range(length):
        row = scores[key, :length]
        for query in range(length):
            row[query] *= under[query]


def forward(projected: Array, lengths: Array, shares: Array, sums: Array, context: Array, *, causal: bool) -> None:
    """context = softmax(Q K^T / sqrt(size)) V of each head, side by side: (N, T, F). causal: no key after its query."""
    _forward(_codes(projected), projected, lengths, shares, sums, context, causal)


@kernel(_by_head(4))
def _backward(
    begin: int, end: int, codes: Codes, projected: Array, lengths: Array, shares: Array, d_shares: Array, sums: Array,
    d_context: Array, d_projected: Array,
) -> None:  # fmt: skip
    _, heads, steps, _ = shares.shape
    wide, features, itemsize = projected.shape[2], d_context.shape[2], projected.itemsize
    size = features // heads
    scale = projected.dtype.type(1.0 / math.sqrt(size))
    for item in range(begin, end):
        n, head = item // heads, item % heads
        length = lengths[n] if len(lengths) else steps
        start = itemsize * (n * steps * wide + head * size)
        queries, d_queries = address_of(projected) + start, address_of(d_projected) + start
        keys, d_keys = queries + itemsize * features, d_queries + itemsize * features
        values, d_values = keys + itemsize * features, d_keys + itemsize * features
        d_out = address_of(d_context) + itemsize * (n * steps * features + head * size)
        own, d_own = shares[n, head], d_shares[n, head]
        table, d_table = address_of(own), address_of(d_own)
        gemm(own, codes, table, steps, 1, d_out, features, 1, d_values, wide, 0, 0, length, length, size)
        gemm(own, codes, values, wide, 1, d_out, 1, features, d_table, steps, 0, 0, length, size, length)
        _to_scores(own, d_own, sums[n, head, 0], length, scale)
        gemm(own, codes, d_table, steps, 1, queries, wide, 1, d_keys, wide, 0, 0, length, length, size)
        gemm(own, codes, d_table, 1, steps, keys, wide, 1, d_queries, wide, 0, 0, length, length, size)
        for t in range(length, steps):
            for part in range(3):
                first = part * features + head * size
                d_projected[n, t, first : first + size] = 0


@compiled
def _to_scores(shares: Array, d_shares: Array, total: Array, length: int, scale: float) -> None:
    """d_shares become the gradients of queries times keys: scale shares (d_shares - sum of shares d_shares)."""
    under = total[:length]
    under[:] = 0
    for key in range(length):
        row, d_row = shares[key, :length], d_shares[key, :length]
        for query in range(length):
            under[query] += row[query] * d_row[query]
    for key in range(length):
        row, d_row = shares[key, :length], d_shares[key, :length]
        for query in range(length):
            d_row[query] = scale * (row[query] * (d_row[query] - under[query]))


def backward(
    projected: Array, lengths: Array, shares: Array, d_shares: Array, sums: Array, d_context: Array, d_projected: Array
) -> None:
    """d_projected, of projected. d_context: (N, T, F)."""
    _backward(_codes(projected), projected, lengths, shares, d_shares, sums, d_context, d_projected)
