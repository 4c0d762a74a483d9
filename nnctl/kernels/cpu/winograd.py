"""Convolution with 3x3 windows by Winograd's minimal filtering F(2x2, 3x3): 16 multiply-adds instead of 36.

Tiles of 2x2 outputs are transformed to 16 positions, each of which is a product of matrices (winograd_tiles.py). Images
are channels last, (N, H, W, C), and have at least a vector's lanes of channels; stride and dilation are 1. Pairs are
(height, width). `before` is the padding above and to the left, which is not in memory: what is outside is zero.

Which tiles are transformed together changes no bit of the outputs: each element sums in the order of the channels. The
weight's gradient sums over the tiles of fixed chunks of the samples, in fixed blocks.
"""

from __future__ import annotations

from typing import Any

from nnctl.kernels.cpu.gemm.gemm import Codes, bias_or_empty, gemm_code, window_gemm
from nnctl.kernels.cpu.gemm.winograd_blocks import (
    BLOCK_BYTES,
    grid_of,
    memory_of,
    pieces_of,
    plane_of,
    prefetch_part,
    tiles_in_block,
    transform_gradient,
    transform_inputs,
    transform_outputs,
)
from nnctl.kernels.cpu.gemm.winograd_tiles import POSITIONS
from nnctl.kernels.cpu.matmul import MULTIPLY_ADD
from nnctl.kernels.cpu.simd.memory import Matrix, address_of, stack_buffer
from nnctl.kernels.cpu.simd.transpose import transpose
from nnctl.kernels.cpu.sum_rows import add_chunks, add_rows, add_up
from nnctl.kernels.kernel import Array, Partition, by_chunk, by_item, by_sample, compiled, kernel

Pair = tuple[int, int]
_TRANSFORM = 1.5  # nanoseconds for a channel of a tile, roughly


@compiled
def _times_g(w0: float, w1: float, w2: float, half: float) -> tuple[float, float, float, float]:
    """G w."""
    ends = half * (w0 + w2)
    middle = half * w1
    return w0, ends + middle, ends - middle, w2


@compiled
def _times_g_transposed(u0: float, u1: float, u2: float, u3: float, half: float) -> tuple[float, float, float]:
    """G^T u."""
    u1, u2 = half * u1, half * u2
    return u0 + (u1 + u2), u1 - u2, (u1 + u2) + u3


@kernel(lambda weight, out: by_item(weight.shape[1], 0.5 * POSITIONS))
def _transform(begin: int, end: int, weight: Array, out: Array) -> None:
    """weight: (9, C O), out: (16, C O)."""
    half = weight.dtype.type(0.5)
    for i in range(begin, end):
        a0, a1, a2, a3 = _times_g(weight[0, i], weight[3, i], weight[6, i], half)
        b0, b1, b2, b3 = _times_g(weight[1, i], weight[4, i], weight[7, i], half)
        c0, c1, c2, c3 = _times_g(weight[2, i], weight[5, i], weight[8, i], half)
        out[0, i], out[1, i], out[2, i], out[3, i] = _times_g(a0, b0, c0, half)
        out[4, i], out[5, i], out[6, i], out[7, i] = _times_g(a1, b1, c1, half)
        out[8, i], out[9, i], out[10, i], out[11, i] = _times_g(a2, b2, c2, half)
        out[12, i], out[13, i], out[14, i], out[15, i] = _times_g(a3, b3, c3, half)


def transform(weight: Array, out: Array) -> None:
    """G W G^T of each pair of channels. weight: (3, 3, C, O), out: (16, C, O)."""
    _transform(weight.reshape(9, -1), out.reshape(POSITIONS, -1))


@kernel(lambda transformed, out: by_item(POSITIONS, 0.1 * transformed[0].size))
def flip(begin: int, end: int, transformed: Array, out: Array) -> None:
    """out = the transform of the weight with its taps in reverse and its channels swapped, for d_inputs.

    transformed: (16, C, O), out: (16, O, C). The first and the last row of G W G^T are swapped, and so are its columns.
    """
    for position in range(begin, end):
        row, column = position // 4, position % 4
        row, column = row if 0 < row < 3 else 3 - row, column if 0 < column < 3 else 3 - column
        source, target = transformed[4 * row + column], out[position]
        rows, columns = source.shape
        transpose(out, Matrix(address_of(source), columns, 1), rows, columns, Matrix(address_of(target), rows, 1))


def forward(inputs: Array, transformed: Array, outputs: Array, before: Pair) -> None:
    """inputs: (N, H, W, C), transformed: (16, C, O), made by `transform`, outputs: (N, OH, OW, O)."""
    forward_bias(inputs, transformed, None, outputs, before)


def forward_bias(inputs: Array, transformed: Array, bias: Array | None, outputs: Array, before: Pair) -> None:
    """As `forward`, plus bias: (O,), or None."""
    code, bias = gemm_code(outputs.dtype, outputs.shape[3]), bias_or_empty(bias, outputs.dtype)
    _convolve(code, inputs, transformed, bias, outputs, before)


def _rows_of_tiles(code: Codes, inputs: Array, transformed: Array, bias: Array, outputs: Array, *_: Any) -> Partition:
    samples, rows, columns, out_channels = outputs.shape
    tile = MULTIPLY_ADD * transformed.size + _TRANSFORM * (inputs.shape[3] + out_channels)
    return by_sample(samples * ((rows + 1) // 2), (columns + 1) // 2 * tile, grain=1)


@kernel(_rows_of_tiles)
def _convolve(
    begin: int, end: int, code: Codes, inputs: Array, transformed: Array, bias: Array, outputs: Array, before: Pair
) -> None:
    size, grid = inputs.itemsize, grid_of(outputs)
    _, channels, out_channels = transformed.shape
    begin, end = begin * grid[1], end * grid[1]
    block = tiles_in_block(end - begin, size * (4 * channels + POSITIONS * out_channels))
    plane, out_plane = plane_of(inputs, block, channels), plane_of(outputs, block, out_channels)
    positions = stack_buffer(inputs, BLOCK_BYTES)
    products = positions + 4 * plane
    for first in range(begin, end, block):
        last = min(first + block, end)
        following, own = memory_of(inputs, grid, last, last + block), memory_of(outputs, grid, first, last)
        pieces = pieces_of(last - first, following, own)
        for row in range(4):
            transform_inputs(inputs, row, before, grid, first, last, positions, plane)
            for piece in range(4 * row * pieces, 4 * (row + 1) * pieces):
                position, part = piece // pieces, piece % pieces
                tile, end_tile = part * (last - first) // pieces, (part + 1) * (last - first) // pieces
                window_gemm(
                    outputs, code, positions + position % 4 * plane + size * tile * channels, channels, 0, 1,
                    address_of(transformed) + size * position * channels * out_channels, 0, out_channels,
                    products + position * out_plane + size * tile * out_channels, out_channels, 0, 0,
                    end_tile - tile, 1, channels, out_channels,
                )  # fmt: skip
                prefetch_part(inputs, following, piece, POSITIONS * pieces)
                prefetch_part(outputs, own, piece, POSITIONS * pieces)
        transform_outputs(outputs, bias, grid, first, last, products, out_plane)


def backward_weight(
    inputs: Array, d_outputs: Array, partial: Array, summed: Array, d_weight: Array, before: Pair
) -> None:
    """inputs: (N, H, W, C), d_outputs: (N, OH, OW, O), d_weight: (3, 3, C, O), summed over samples in order.

    partial: (chunks, 16, C, O), scratch: a fixed number of chunks of the samples. summed: (16, C, O), scratch.
    """
    _backward_weight(inputs, d_outputs, partial, partial[:, 0, 0, :0], summed, d_weight, before)


def backward_weight_bias(
    inputs: Array,
    d_outputs: Array,
    partial: Array,
    bias_partial: Array,
    summed: Array,
    d_weight: Array,
    d_bias: Array,
    before: Pair,
) -> None:
    """As `backward_weight`, and d_bias: (O,). bias_partial: (chunks, a multiple of O), scratch."""
    _backward_weight(inputs, d_outputs, partial, bias_partial, summed, d_weight, before)
    add_chunks(bias_partial, d_bias)


def _backward_weight(
    inputs: Array, d_outputs: Array, partial: Array, bias_partial: Array, summed: Array, d_weight: Array, before: Pair
) -> None:
    code = gemm_code(d_weight.dtype, d_weight.shape[3])
    _weight_chunks(code, inputs, d_outputs, partial, bias_partial, before)
    add_chunks(partial.reshape(len(partial), -1), summed.ravel())
    _transform_back(summed.reshape(POSITIONS, -1), d_weight.reshape(9, -1))


def _chunks(code: Codes, inputs: Array, d_outputs: Array, partial: Array, *_: Any) -> Partition:
    samples, rows, columns, out_channels = d_outputs.shape
    tiles = samples * ((rows + 1) // 2) * ((columns + 1) // 2)
    tile = MULTIPLY_ADD * partial[0].size + _TRANSFORM * (inputs.shape[3] + out_channels)
    return by_chunk(len(partial), tile * tiles / len(partial))


@kernel(_chunks)
def _weight_chunks(
    begin: int,
    end: int,
    code: Codes,
    inputs: Array,
    d_outputs: Array,
    partial: Array,
    bias_partial: Array,
    before: Pair,
) -> None:
    samples, _, _, out_channels = d_outputs.shape
    chunks, _, channels, _ = partial.shape
    size, grid, image = inputs.itemsize, grid_of(d_outputs), d_outputs.size // samples
    positions = stack_buffer(inputs, BLOCK_BYTES)
    for chunk in range(begin, end):
        first_sample, last_sample = chunk * samples // chunks, (chunk + 1) * samples // chunks
        bias_sums = bias_partial[chunk]
        bias_sums[:] = 0
        if first_sample == last_sample:
            partial[chunk] = 0
            continue
        start, stop = first_sample * grid[0] * grid[1], last_sample * grid[0] * grid[1]
        block = tiles_in_block(stop - start, size * 4 * (channels + out_channels))
        plane, out_plane = plane_of(inputs, block, channels), plane_of(inputs, block, out_channels)
        gradient = positions + 4 * plane
        for first in range(start, stop, block):
            last = min(first + block, stop)
            following = memory_of(inputs, grid, last, last + block)
            out_following = memory_of(d_outputs, grid, last, last + block)
            pieces = pieces_of(channels, following, out_following)
            for row in range(4):
                transform_inputs(inputs, row, before, grid, first, last, positions, plane)
                transform_gradient(d_outputs, row, grid, first, last, gradient, out_plane)
                for piece in range(4 * row * pieces, 4 * (row + 1) * pieces):
                    position, part = piece // pieces, piece % pieces
                    c, end_c = part * channels // pieces, (part + 1) * channels // pieces
                    out = address_of(partial) + size * ((POSITIONS * chunk + position) * channels + c) * out_channels
                    window_gemm(
                        partial, code, positions + position % 4 * plane + size * c, 1, 0, channels,
                        gradient + position % 4 * out_plane, 0, out_channels,
                        out, out_channels, out if first > start else 0, out_channels,
                        end_c - c, 1, last - first, out_channels,
                    )  # fmt: skip
                    prefetch_part(inputs, following, piece, POSITIONS * pieces)
                    prefetch_part(d_outputs, out_following, piece, POSITIONS * pieces)
        if bias_sums.size:
            add_rows(d_outputs.reshape(-1), first_sample * image, last_sample * image, bias_sums)
            add_up(bias_sums, out_channels)


@kernel(lambda summed, d_weight: by_item(summed.shape[1], 0.5 * POSITIONS))
def _transform_back(begin: int, end: int, summed: Array, d_weight: Array) -> None:
    """d_weight = G^T dU G. summed: dU, (16, C O), d_weight: (9, C O)."""
    half = d_weight.dtype.type(0.5)
    for i in range(begin, end):
        a0, a1, a2 = _times_g_transposed(summed[0, i], summed[4, i], summed[8, i], summed[12, i], half)
        b0, b1, b2 = _times_g_transposed(summed[1, i], summed[5, i], summed[9, i], summed[13, i], half)
        c0, c1, c2 = _times_g_transposed(summed[2, i], summed[6, i], summed[10, i], summed[14, i], half)
        d0, d1, d2 = _times_g_transposed(summed[3, i], summed[7, i], summed[11, i], summed[15, i], half)
        d_weight[0, i], d_weight[1, i], d_weight[2, i] = _times_g_transposed(a0, b0, c0, d0, half)
        d_weight[3, i], d_weight[4, i], d_weight[5, i] = _times_g_transposed(a1, b1, c1, d1, half)
        d_weight[6, i], d_weight[7, i], d_weight[8, i] = _times_g_transposed(a2, b2, c2, d2, half)
