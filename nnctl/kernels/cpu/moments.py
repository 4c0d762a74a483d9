"""Moments of each channel over samples and positions, group by group.

Arrays are (N, P, C): samples, positions, channels. lengths: (N,) int64, how many positions of each sample are real, or
empty for all. A group is a sample, or one of a fixed number of chunks of the samples.
"""

from __future__ import annotations

import numpy as np

from nnctl.kernels.compiler.jit import inlined
from nnctl.kernels.cpu.simd.exp import mul_add
from nnctl.kernels.cpu.sum_rows import add_rows, add_up
from nnctl.kernels.kernel import Array, Partition, by_chunk, by_sample, compiled, kernel

BLOCK = 4096  # elements whose sums are made in the inputs' precision: they stay in the first-level cache
_NO_LENGTHS = np.zeros(0, np.int64)  # which kernels take for None: so they are compiled once for both


def lengths_or_empty(lengths: Array | None) -> Array:
    """As kernels take it."""
    return _NO_LENGTHS if lengths is None else lengths


@compiled
def real_positions(sample: int, positions: int, lengths: Array) -> int:
    """How many positions of a sample are real."""
    return min(max(lengths[sample], 0), positions) if lengths.size else positions


def by_group(nanoseconds: float, inputs: Array, partial: Array) -> Partition:
    """The groups, whose samples are of inputs. partial: (groups, ...). nanoseconds: of an element."""
    groups = len(partial)
    make = by_sample if groups == len(inputs) else by_chunk
    return make(groups, nanoseconds * inputs.size / groups)


@kernel(lambda inputs, lengths, sums, products, centres, partial: by_group(0.1, inputs, partial))
def group_moments(
    begin: int,
    end: int,
    inputs: Array,
    lengths: Array,
    sums: Array,
    products: Array,
    centres: Array,
    partial: Array,
) -> None:
    """partial = each group's sum, and its sum of squared deviations from its mean: (groups, 2, C) float64.

    Scratch: sums, products and centres, (groups, W), where W is a multiple of C: several rows side by side, so that an
    addition need not wait for the one before.
    """
    samples, positions, channels = inputs.shape
    groups, width = len(partial), sums.shape[1]
    flat = inputs.reshape(-1)
    block = max(1, BLOCK // width) * width
    for group in range(begin, end):
        first, last = group * samples // groups, (group + 1) * samples // groups
        partial[group] = 0
        rows_before = 0
        together = 1 if lengths.size else max(1, last - first)  # samples without a gap
        for sample in range(first, last, together):
            start = sample * positions * channels
            stop = start + together * real_positions(sample, positions, lengths) * channels
            for at in range(start, stop, block):
                numbers = flat[at : min(at + block, stop)]
                rows_before = _add_block(
                    numbers, rows_before, sums[group], products[group], centres[group], partial[group]
                )
        for c in range(channels):
            partial[group, 0, c] *= rows_before


@inlined
def _add_block(numbers: Array, rows_before: int, sums: Array, products: Array, centres: Array, moments: Array) -> int:
    """Add a block's rows to a group's moments, by their deviations from about their mean. Returns the rows by then.

    Source: Chan, Golub and LeVeque 1983, "Algorithms for computing the sample variance", equations 1.7 and 2.1.
    """
    width, channels = sums.size, moments.shape[1]
    rows = numbers.size // channels
    sums[:] = 0
    add_rows(numbers, 0, numbers.size, sums)
    add_up(sums, channels)
    for c in range(channels):
        centres[c] = sums[c] / rows
    for i in range(channels, width):
        centres[i] = centres[i - channels]
    sums[:] = 0
    products[:] = 0
    for start in range(0, numbers.size, width):
        some = numbers[start : start + width]
        for i in range(some.size):
            deviation = some[i] - centres[i]
            sums[i] += deviation
            products[i] = mul_add(deviation, deviation, products[i])
    add_up(sums, channels)
    add_up(products, channels)
    total: int = rows_before + rows
    share = rows / total
    for c in range(channels):
        rest = np.float64(sums[c]) / rows
        difference = centres[c] + rest - moments[0, c]
        moments[0, c] += share * difference
        moments[1, c] += products[c] - sums[c] * rest + difference * difference * (rows_before * share)
    return total
