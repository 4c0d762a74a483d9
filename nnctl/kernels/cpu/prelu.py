"""x where x > 0, else slope x, both directions, with one slope or one for each channel of a row.

slope: (C,), C = 1 for one slope. slopes: (W,), scratch, where W is a multiple of C: the slopes repeated side by side,
so that loops are long where channels are few.
"""

from __future__ import annotations

from nnctl.kernels.cpu.moments import lengths_or_empty, real_positions
from nnctl.kernels.cpu.sum_rows import add_chunks, add_up
from nnctl.kernels.kernel import Array, by_chunk, by_item, by_sample, kernel


def forward(inputs: Array, slope: Array, slopes: Array, outputs: Array) -> None:
    """outputs = inputs where inputs > 0, else slope inputs. Both (size,), rows of C elements."""
    _repeat(slope, slopes)
    _scale_negative(inputs, inputs, slopes, outputs)


def backward_inputs(inputs: Array, d_outputs: Array, slopes: Array, d_inputs: Array) -> None:
    """d_inputs = d_outputs where inputs > 0, else slope d_outputs. All (size,). slopes: what `forward` left there."""
    _scale_negative(inputs, d_outputs, slopes, d_inputs)


def backward_slope(
    inputs: Array, d_outputs: Array, lengths: Array | None, steps: int, partial: Array, d_slope: Array
) -> None:
    """d_slope = the sum of d_outputs inputs where inputs <= 0, over the real steps. inputs, d_outputs: (N, size).

    lengths: (N,) int64, how many of a sample's steps are real, or None for all. partial: (chunks, W) float64, scratch:
    a fixed number of chunks of the samples.
    """
    _slope_chunks(inputs, d_outputs, lengths_or_empty(lengths), steps, d_slope.size, partial)
    add_chunks(partial, d_slope)


@kernel(lambda slope, slopes: by_item(slope.size, 0.2 * slopes.size / slope.size))
def _repeat(begin: int, end: int, slope: Array, slopes: Array) -> None:
    """The items are slopes."""
    for start in range(0, slopes.size, slope.size):
        for c in range(begin, end):
            slopes[start + c] = slope[c]


@kernel(lambda inputs, *_: by_sample(inputs.size, 0.25))
def _scale_negative(begin: int, end: int, inputs: Array, source: Array, slopes: Array, target: Array) -> None:
    """target = source where inputs > 0, else slope source."""
    zero, width = inputs.dtype.type(0), slopes.size
    at = begin
    while at < end:
        first = at % width
        stop = min(at - first + width, end)
        numbers, some, out, factors = inputs[at:stop], source[at:stop], target[at:stop], slopes[first:]
        for i in range(numbers.size):
            out[i] = some[i] if numbers[i] > zero else factors[i] * some[i]
        at = stop


@kernel(lambda inputs, d_outputs, lengths, steps, channels, partial: by_chunk(len(partial), 0.04 * inputs.size))
def _slope_chunks(
    begin: int, end: int, inputs: Array, d_outputs: Array, lengths: Array, steps: int, channels: int, partial: Array
) -> None:
    samples, size = inputs.shape
    flat, flat_d_outputs = inputs.reshape(-1), d_outputs.reshape(-1)
    chunks, width = partial.shape
    zero = inputs.dtype.type(0)
    for chunk in range(begin, end):
        first, last = chunk * samples // chunks, (chunk + 1) * samples // chunks
        sums = partial[chunk]
        sums[:] = 0
        together = 1 if lengths.size else max(1, last - first)  # samples without a gap
        for n in range(first, last, together):
            start = n * size
            stop = start + together * real_positions(n, steps, lengths) * (size // steps)
            for at in range(start, stop, width):
                numbers = flat[at : min(at + width, stop)]
                gradients = flat_d_outputs[at : min(at + width, stop)]
                for i in range(numbers.size):
                    sums[i] += zero if numbers[i] > zero else gradients[i] * numbers[i]
        add_up(sums, channels)
