"""Maximum pooling, both directions. Images are channels last, (N, H, W, C).

The channels of a pixel are contiguous, often fewer than a vector has lanes, so loops over them are emitted as vector
code: LLVM's own loops have a prologue and an epilogue that take longer than the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nnctl.kernels.compiler.emitted import Elements, emitted
from nnctl.kernels.compiler.jit import cgutils
from nnctl.kernels.cpu.simd.memory import address_of
from nnctl.kernels.cpu.simd.registers import SIMD, Vectors, integer
from nnctl.kernels.kernel import Array, Partition, by_sample, kernel

Pair = tuple[int, int]


def _samples(images: Array) -> Partition:
    return by_sample(len(images), 0.25 * images[0].size)


@kernel(lambda inputs, *_: _samples(inputs))
def forward(
    begin: int, end: int, inputs: Array, outputs: Array, argmax: Array, kernel: Pair, stride: Pair, before: Pair
) -> None:
    """The largest input of each window, and its pixel: argmax = h W + w. NaN counts as the largest.

    inputs: (N, H, W, C). outputs, argmax: (N, OH, OW, C), argmax int32. Pairs are (height, width); before is the
    padding above and to the left, smaller than the kernel.
    """
    _, height, width, channels = inputs.shape
    _, rows, columns, _ = outputs.shape
    for n in range(begin, end):
        for oh in range(rows):
            top, bottom = max(oh * stride[0] - before[0], 0), min(oh * stride[0] - before[0] + kernel[0], height)
            for ow in range(columns):
                left, right = max(ow * stride[1] - before[1], 0), min(ow * stride[1] - before[1] + kernel[1], width)
                pixel = (n * rows + oh) * columns + ow
                largest(
                    inputs,
                    address_of(inputs) + inputs.itemsize * ((n * height + top) * width + left) * channels,
                    address_of(outputs) + inputs.itemsize * pixel * channels,
                    address_of(argmax) + argmax.itemsize * pixel * channels,
                    top * width + left, width, bottom - top, right - left, channels,
                )  # fmt: skip


@kernel(lambda d_outputs, argmax, d_inputs, *_: _samples(d_inputs))
def backward(
    begin: int, end: int, d_outputs: Array, argmax: Array, d_inputs: Array, kernel: Pair, stride: Pair, before: Pair
) -> None:
    """Each gradient goes to the largest input of its window. d_outputs, argmax: (N, OH, OW, C), d_inputs: (N, H, W, C).

    Windows may overlap, so an item is a whole sample.
    """
    _, height, width, channels = d_inputs.shape
    _, rows, columns, _ = d_outputs.shape
    disjoint = stride[0] >= kernel[0] and stride[1] >= kernel[1]
    adjacent = stride == kernel and before[0] + before[1] == 0
    for n in range(begin, end):
        if not (
            adjacent and rows * kernel[0] == height and columns * kernel[1] == width
        ):  # else each input is in one window
            d_inputs[n] = 0
        for oh in range(rows):
            top, bottom = max(oh * stride[0] - before[0], 0), min(oh * stride[0] - before[0] + kernel[0], height)
            for ow in range(columns):
                left, right = max(ow * stride[1] - before[1], 0), min(ow * stride[1] - before[1] + kernel[1], width)
                pixel = (n * rows + oh) * columns + ow
                scatter(
                    d_inputs,
                    address_of(d_inputs) + d_inputs.itemsize * ((n * height + top) * width + left) * channels,
                    address_of(d_outputs) + d_inputs.itemsize * pixel * channels,
                    address_of(argmax) + argmax.itemsize * pixel * channels,
                    top * width + left, width, bottom - top, right - left, channels, not disjoint,
                )  # fmt: skip


@dataclass(frozen=True)
class _Window:
    """The place in memory of a window and of its output pixel, for emitted code.

    pixels: the address of its first pixel, of `rows` rows of `columns`, `width` pixels apart; index: that pixel's
    number in the image. output, argmax: the addresses of the output pixel. itemsize: bytes of an element.
    """

    builder: Any
    itemsize: int
    pixels: Any
    output: Any
    argmax: Any
    index: Any
    width: Any
    rows: Any
    columns: Any
    channels: Any

    def each_channel(self, body: Callable[[_Lanes], None]) -> None:
        """`body` for all channels: in whole vectors, then one of half the length, then a masked one."""
        builder, lanes = self.builder, SIMD.vector_bytes // self.itemsize
        whole, left = builder.udiv(self.channels, integer(lanes)), builder.urem(self.channels, integer(lanes))
        with cgutils.for_range(builder, whole) as loop:
            body(_Lanes(builder, self.itemsize, SIMD.vector_bytes, builder.mul(loop.index, integer(lanes))))
        done = builder.mul(whole, integer(lanes))
        half = SIMD.vector_bytes // 2
        fits = builder.icmp_signed(">=", left, integer(lanes // 2))
        with builder.if_then(fits):
            body(_Lanes(builder, self.itemsize, half, done))
        more = builder.select(fits, integer(lanes // 2), integer(0))
        done, left = builder.add(done, more), builder.sub(left, more)
        with builder.if_then(builder.icmp_signed("!=", left, integer(0))):
            body(_Lanes(builder, self.itemsize, half, done, left))

    def argmax_of(self, lanes: _Lanes) -> Any:
        """The address of these channels' argmax."""
        return self.builder.add(self.argmax, self.builder.mul(lanes.channel, integer(lanes.indices.itemsize)))

    @contextmanager
    def each_pixel(self) -> Iterator[tuple[Any, Any]]:
        """A loop over the pixels in their order: the address and the index of each."""
        builder = self.builder
        size = builder.mul(self.channels, integer(self.itemsize))
        with cgutils.for_range(builder, self.rows) as row, cgutils.for_range(builder, self.columns) as column:
            steps = builder.add(builder.mul(row.index, self.width), column.index)
            yield builder.add(self.pixels, builder.mul(steps, size)), builder.add(self.index, steps)


class _Lanes:
    """Neighbouring channels in a vector, from `channel` on. count: how many, where they do not fill it."""

    def __init__(self, builder: Any, itemsize: int, vector_bytes: int, channel: Any, count: Any = None) -> None:
        self.values = Vectors(builder, itemsize, vector_bytes)
        self.indices = Vectors(builder, 4, 4 * self.values.lanes, integers=True)
        self.channel = channel
        self.mask = None if count is None else self.values.first_lanes(count)
        self._offset = builder.mul(channel, integer(itemsize))

    def load(self, pixel: Any) -> Any:
        """These channels of the pixel at this address."""
        return self.values.load(self.values.builder.add(pixel, self._offset), self.mask)

    def store(self, value: Any, pixel: Any) -> None:
        self.values.store(value, self.values.builder.add(pixel, self._offset), self.mask)

    def splat_index(self, index: Any) -> Any:
        """A pixel's index in every lane."""
        return self.indices.splat(self.values.builder.trunc(index, self.indices.element))


@emitted()
def largest(
    builder: Any,
    like: Elements,
    pixels: Any,
    output: Any,
    argmax: Any,
    index: Any,
    width: Any,
    rows: Any,
    columns: Any,
    channels: Any,
) -> None:
    """The largest of a window's pixels in each channel, and its index. Operands: as of a _Window, sizes at least 1."""
    window = _Window(builder, like.itemsize, pixels, output, argmax, index, width, rows, columns, channels)

    def body(lanes: _Lanes) -> None:
        best = cgutils.alloca_once_value(builder, lanes.load(window.pixels))
        where = cgutils.alloca_once_value(builder, lanes.splat_index(window.index))
        with window.each_pixel() as (pixel, number):
            value, so_far = lanes.load(pixel), builder.load(best)
            nan = builder.fcmp_unordered("uno", value, value)
            larger = builder.or_(builder.fcmp_ordered(">", value, so_far), nan)
            builder.store(builder.select(larger, value, so_far), best)
            builder.store(builder.select(larger, lanes.splat_index(number), builder.load(where)), where)
        lanes.store(builder.load(best), window.output)
        lanes.indices.store(builder.load(where), window.argmax_of(lanes), lanes.mask)

    window.each_channel(body)


@emitted()
def scatter(
    builder: Any,
    like: Elements,
    pixels: Any,
    output: Any,
    argmax: Any,
    index: Any,
    width: Any,
    rows: Any,
    columns: Any,
    channels: Any,
    add: Any,
) -> None:
    """The gradient of each channel to the pixel of the window with its argmax, 0 to the others. As `largest`.

    pixels: of d_inputs, output: of d_outputs. add: whether to add it to what other windows gave.
    """
    window = _Window(builder, like.itemsize, pixels, output, argmax, index, width, rows, columns, channels)

    def body(lanes: _Lanes) -> None:
        gradient = lanes.load(window.output)
        where = lanes.indices.load(window.argmax_of(lanes), lanes.mask)
        with window.each_pixel() as (pixel, number):
            chosen = builder.icmp_signed("==", where, lanes.splat_index(number))
            share = builder.select(chosen, gradient, lanes.values.zero)
            with builder.if_else(add) as (then, otherwise):
                with then:
                    lanes.store(builder.fadd(lanes.load(pixel), share), pixel)
                with otherwise:
                    lanes.store(share, pixel)

    window.each_channel(body)
