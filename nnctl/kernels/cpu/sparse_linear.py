"""A linear layer with few connections. The weight is a list: of each output its connections, sorted by input.

Inputs and gradients of outputs are first laid into tiles, see simd/connections.py. Of (S, T, C) a tile has the same
step of some samples. Sums over the batch go step by step, of each all samples, so that steps behind all others at
which the gradient is 0 change no bit.

weight: (K,), inputs: (K,) int32, the number of each connection's input; starts: (outputs + 1,) int32, where those of
each output begin.
"""

from __future__ import annotations

from nnctl.kernels.cpu.gemm.gemm import bias_or_empty
from nnctl.kernels.cpu.simd.connections import (
    MANY,
    NARROW,
    WIDE,
    add_to_connections,
    connection_products,
    connection_sums,
    row_sum,
)
from nnctl.kernels.cpu.simd.memory import Matrix, address_of, stack_buffer
from nnctl.kernels.cpu.simd.transpose import transpose
from nnctl.kernels.kernel import Array, Partition, by_item, compiled, kernel

_OUTPUTS = 64  # of an item
_L1_BYTES = 1 << 15  # of the first-level cache, for what is written to again and again
_COLUMNS = 16  # of outputs, whose sums are transposed at once
_SUMS_BYTES = WIDE * _COLUMNS * 8
_TERM = 0.04  # nanoseconds of a connection with a sample, roughly


@compiled
def _tile(like: Array, item: int) -> tuple[int, int, int]:
    """Step, first sample and number of samples of a tile. like: (S, T, C)."""
    samples = like.shape[0]
    wide = samples // WIDE if samples >= MANY else 0
    left = samples - wide * WIDE
    tiles = wide + (left + NARROW - 1) // NARROW
    step, number = item // tiles, item % tiles
    if number < wide:
        return step, number * WIDE, WIDE
    first = wide * WIDE + (number - wide) * NARROW
    return step, first, min(NARROW, samples - first)


@compiled
def _place(a: Array, step: int, first: int, width: int) -> Matrix:
    """The tile in an array of tiles. a: (S, T, C), by its size alone."""
    start = address_of(a) + a.itemsize * (step * a.shape[0] + first) * a.shape[2]
    return Matrix(start, width, 1)


@compiled
def _source(a: Array, step: int, first: int, column: int) -> Matrix:
    """What the tile is of: a row a sample. a: (S, T, C)."""
    steps, columns = a.shape[1], a.shape[2]
    start = address_of(a) + a.itemsize * ((first * steps + step) * columns + column)
    return Matrix(start, steps * columns, 1)


def _tiles(a: Array) -> int:
    """How many there are. a: (S, T, C)."""
    samples, steps, _ = a.shape
    wide = samples // WIDE if samples >= MANY else 0
    return int((wide - (wide * WIDE - samples) // NARROW) * steps)


@kernel(lambda a, tiles: by_item(_tiles(a), 0.1 * a.size / _tiles(a)))
def to_tiles(begin: int, end: int, a: Array, tiles: Array) -> None:
    """tiles = a in tiles. Both (S, T, C)."""
    for item in range(begin, end):
        step, first, width = _tile(a, item)
        transpose(tiles, _source(a, step, first, 0), width, a.shape[2], _place(tiles, step, first, width))


def _by_outputs(tiles: Array, weight: Array, inputs: Array, starts: Array, bias: Array, outputs: Array) -> Partition:
    blocks = -(-outputs.shape[2] // _OUTPUTS)
    items, (samples, steps, _) = _tiles(outputs) * blocks, outputs.shape
    return by_item(items, _TERM * weight.size * samples * steps / items)


@kernel(_by_outputs)
def _forward(
    begin: int, end: int, tiles: Array, weight: Array, inputs: Array, starts: Array, bias: Array, outputs: Array
) -> None:
    size, columns, sums = outputs.itemsize, outputs.shape[2], stack_buffer(outputs, _SUMS_BYTES)
    blocks = (columns + _OUTPUTS - 1) // _OUTPUTS
    for item in range(begin, end):
        step, first, width = _tile(outputs, item // blocks)
        tile = _place(tiles, step, first, width).start
        block = item % blocks * _OUTPUTS
        last = min(block + _OUTPUTS, columns)
        for j in range(block, last, _COLUMNS):
            own, stride = min(_COLUMNS, last - j), max(width, NARROW)
            for column in range(own):
                at = j + column
                shift = address_of(bias) + size * at if bias.size else 0
                row = sums + size * stride * column
                connection_sums(outputs, weight, inputs, starts[at], starts[at + 1], tile, width, shift, row)
            transpose(outputs, Matrix(sums, stride, 1), own, width, _source(outputs, step, first, j))


def forward(tiles: Array, weight: Array, inputs: Array, starts: Array, bias: Array | None, outputs: Array) -> None:
    """outputs = the sum over the connections + bias. tiles: those of the inputs, (S, T, C); outputs: (S, T, outputs).

    bias: (outputs,), or None.
    """
    _forward(tiles, weight, inputs, starts, bias_or_empty(bias, outputs.dtype), outputs)


def _by_tile(d_tiles: Array, weight: Array, inputs: Array, starts: Array, partial: Array, d_inputs: Array) -> Partition:
    return by_item(_tiles(d_tiles), (_TERM * weight.size * len(d_tiles) + 0.3 * d_inputs.size) / _tiles(d_tiles))


@kernel(_by_tile)
def backward_inputs(
    begin: int,
    end: int,
    d_tiles: Array,
    weight: Array,
    inputs: Array,
    starts: Array,
    partial: Array,
    d_inputs: Array,
) -> None:
    """d_inputs, from the tiles of d_outputs. d_tiles: (S, T, outputs); d_inputs, partial: (S, T, C)."""
    size, features = d_tiles.itemsize, d_inputs.shape[2]
    zero = d_tiles.dtype.type(0)
    flat = partial.reshape(-1)
    for item in range(begin, end):
        step, first, width = _tile(d_tiles, item)
        start = (step * len(d_tiles) + first) * features
        flat[start : start + width * features] = zero
        source, tile = _place(d_tiles, step, first, width).start, _place(partial, step, first, width).start
        part = width if size * width * features <= _L1_BYTES else min(width, NARROW)
        for offset in range(0, width, part):  # as many samples at once as stay in the cache
            half = Matrix(tile + size * offset * features, part, 1)
            for j in range(d_tiles.shape[2]):
                row = source + size * (width * j + offset)
                add_to_connections(d_tiles, weight, inputs, starts[j], starts[j + 1], row, half.start, part)
            transpose(d_inputs, half, features, part, _source(d_inputs, step, first + offset, 0))


def _by_output(tiles: Array, d_tiles: Array, inputs: Array, starts: Array, d_weight: Array, d_bias: Array) -> Partition:
    outputs = d_tiles.shape[2]
    return by_item(outputs, (_TERM * tiles.shape[0] * tiles.shape[1] + 2.0) * d_weight.size / outputs)


@kernel(_by_output)
def _backward_parameters(
    begin: int, end: int, tiles: Array, d_tiles: Array, inputs: Array, starts: Array, d_weight: Array, d_bias: Array
) -> None:
    (samples, steps, features), outputs = tiles.shape, d_tiles.shape[2]
    a, b = address_of(tiles), address_of(d_tiles)
    for j in range(begin, end):
        connection_products(
            tiles, inputs, starts[j], starts[j + 1], a, features, b, outputs, j, steps, samples, d_weight
        )
        if d_bias.size:
            row_sum(d_tiles, b, outputs, j, steps, samples, d_bias)


def backward_parameters(
    tiles: Array, d_tiles: Array, inputs: Array, starts: Array, d_weight: Array, d_bias: Array | None
) -> None:
    """d_weight and d_bias, unless it is None, from the tiles of the inputs, (S, T, C), and of d_outputs."""
    _backward_parameters(tiles, d_tiles, inputs, starts, d_weight, bias_or_empty(d_bias, d_weight.dtype))
