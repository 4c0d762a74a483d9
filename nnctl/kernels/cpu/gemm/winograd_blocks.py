"""Blocks of Winograd's tiles: as many as a thread transforms at a time, on its stack and in its second-level cache.

The tiles of all samples are numbered row by row; grid is how many a sample has, (down, across). A position of a block
is a matrix (tiles, channels), and the positions of a row follow each other in memory, `plane` bytes apart.
"""

from __future__ import annotations

from nnctl.kernels.cpu.gemm.winograd_tiles import POSITIONS, row_of_gradient, row_of_inputs, rows_of_outputs
from nnctl.kernels.cpu.simd.memory import LINE_BYTES, address_of, prefetch
from nnctl.kernels.kernel import Array, compiled

Pair = tuple[int, int]
BLOCK_BYTES = 240 << 10  # bytes of a block
_MAX_TILES = 96  # with more, too much has to be prefetched at once
_PREFETCH_BYTES = 32 * LINE_BYTES  # at once: some more than a core can have in flight
_MIN_ROWS = 12  # of a product, else its tiles are small
# rows of B^T and of A: the image's row, the row that is added to it, and its sign; a gradient has no row 2
_INPUT_ROWS = ((0, 2, -1), (1, 2, 1), (2, 1, -1), (3, 1, -1))
_GRADIENT_ROWS = ((0, 2, 1), (0, 1, 1), (0, 1, -1), (1, 2, 1))


@compiled
def grid_of(outputs: Array) -> Pair:
    """The tiles of a sample; the last ones may be partial. outputs: (N, OH, OW, O)."""
    return (outputs.shape[1] + 1) // 2, (outputs.shape[2] + 1) // 2


@compiled
def tiles_in_block(tiles: int, tile_bytes: int) -> int:
    """Tiles of a block, about the same number in each. tile_bytes: of one tile."""
    most = min(_MAX_TILES, (BLOCK_BYTES - 2 * POSITIONS * LINE_BYTES) // tile_bytes)
    blocks = (tiles + most - 1) // most
    return (tiles + blocks - 1) // blocks


@compiled
def plane_of(like: Array, tiles: int, channels: int) -> int:
    """Bytes from a position to the next: a power of two apart they would evict each other from the cache."""
    size: int = like.itemsize * tiles * channels + LINE_BYTES
    return size


@compiled
def _row(images: Array, n: int, h: int) -> int:
    """The address of a row of an image, 0 where it is outside."""
    _, height, width, channels = images.shape
    if 0 <= h < height:
        row: int = address_of(images) + images.itemsize * (n * height + h) * width * channels
        return row
    return 0


@compiled
def _rest_of_row(tile: int, last: int, grid: Pair) -> tuple[int, int, int, int]:
    """Sample, row and column of a tile, and how many tiles of the block its row has from there on."""
    line, column = tile // grid[1], tile % grid[1]
    return line // grid[0], line % grid[0], column, min(grid[1] - column, last - tile)


@compiled
def transform_inputs(
    inputs: Array, row: int, before: Pair, grid: Pair, first: int, last: int, target: int, plane: int
) -> None:
    """Row `row` of B^T D B for the tiles from first to last. before: the padding above and to the left."""
    _, _, width, channels = inputs.shape
    upper, lower, sign = _INPUT_ROWS[row]
    tile = first
    while tile < last:
        n, h, w, count = _rest_of_row(tile, last, grid)
        top = 2 * h - before[0]
        row_of_inputs(
            inputs, target + inputs.itemsize * (tile - first) * channels, plane,
            _row(inputs, n, top + upper), _row(inputs, n, top + lower), sign,
            2 * w - before[1], width, count, channels,
        )  # fmt: skip
        tile += count


@compiled
def transform_gradient(d_outputs: Array, row: int, grid: Pair, first: int, last: int, target: int, plane: int) -> None:
    """Row `row` of A dY A^T for the tiles from first to last."""
    _, _, width, channels = d_outputs.shape
    upper, lower, sign = _GRADIENT_ROWS[row]
    tile = first
    while tile < last:
        n, h, w, count = _rest_of_row(tile, last, grid)
        row_of_gradient(
            d_outputs, target + d_outputs.itemsize * (tile - first) * channels, plane,
            _row(d_outputs, n, 2 * h + upper), _row(d_outputs, n, 2 * h + lower) if lower < 2 else 0, sign,
            2 * w, width, count, channels,
        )  # fmt: skip
        tile += count


@compiled
def transform_outputs(outputs: Array, bias: Array, grid: Pair, first: int, last: int, source: int, plane: int) -> None:
    """outputs = A^T M A + bias for the tiles from first to last. source, plane: of M's positions; bias may be empty."""
    _, height, width, channels = outputs.shape
    tile = first
    while tile < last:
        n, h, w, count = _rest_of_row(tile, last, grid)
        below = outputs.itemsize * width * channels if 2 * h + 1 < height else 0
        rows_of_outputs(
            outputs, source + outputs.itemsize * (tile - first) * channels, plane, address_of(bias) if bias.size else 0,
            _row(outputs, n, 2 * h), below, 2 * w, width, count, channels,
        )  # fmt: skip
        tile += count


@compiled
def memory_of(images: Array, grid: Pair, first: int, last: int) -> Pair:
    """The first and the end address of the pixels of the tiles from first to last, roughly."""
    tiles, size = len(images) * grid[0] * grid[1], images.itemsize * images.size
    return address_of(images) + size * first // tiles, address_of(images) + size * last // tiles


@compiled
def pieces_of(rows: int, one: Pair, other: Pair) -> int:
    """In how many pieces to make a position's product of so many rows, with a prefetch of a part of two ranges of
    addresses after each: the transforms are short, and would wait for memory while nothing is multiplied.
    """
    size = one[1] - one[0] + other[1] - other[0]
    return max(1, min(size // (POSITIONS * _PREFETCH_BYTES), rows // _MIN_ROWS))


@compiled
def prefetch_part(like: Array, memory: Pair, part: int, parts: int) -> None:
    """Prefetch one of so many parts of the memory between two addresses."""
    size = memory[1] - memory[0]
    begin, end = size * part // parts, size * (part + 1) // parts
    prefetch(like, memory[0] + begin, end - begin)
