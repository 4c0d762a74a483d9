"""Maximum pooling, both directions. Images are channels last, (N, H, W, C).

A window's channels lie side by side, often fewer than a vector has lanes, so loops over them are emitted as vector
code: LLVM's own have a head and a tail that take longer than the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nnctl.kernels.compiler.jit import cgutils, intrinsic, types
from nnctl.kernels.cpu.simd.memory import address_of
from nnctl.kernels.cpu.simd.registers import SHAPE, Vectors, integer
from nnctl.kernels.kernel import Array, Partition, by_sample, kernel

Pair = tuple[int, int]


def _samples(first: Array, *_: Any) -> Partition:
    return by_sample(len(first), 0.25 * first[0].size)


@kernel(_samples)
def forward(
    begin: int, end: int, inputs: Array, outputs: Array, argmax: Array, kernel: Pair, stride: Pair, before: Pair
) -> None:
    """The largest input of each window, and where it is: argmax = h W + w. NaN counts as the largest.

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
                _largest(
                    inputs,
                    address_of(inputs) + inputs.itemsize * ((n * height + top) * width + left) * channels,
                    address_of(outputs) + inputs.itemsize * pixel * channels,
                    address_of(argmax) + argmax.itemsize * pixel * channels,
                    top * width + left, width, bottom - top, right - left, channels,
                )  # fmt: skip


@kernel(_samples)
def backward(
    begin: int, end: int, d_inputs: Array, d_outputs: Array, argmax: Array, kernel: Pair, stride: Pair, before: Pair
) -> None:
    """Each gradient goes to the input that was the largest. d_outputs, argmax: (N, OH, OW, C), d_inputs: (N, H, W, C).

    Windows may overlap, so a sample belongs to one iteration.
    """
    _, height, width, channels = d_inputs.shape
    _, rows, columns, _ = d_outputs.shape
    apart = stride[0] >= kernel[0] and stride[1] >= kernel[1]
    touching = stride == kernel and before[0] + before[1] == 0
    for n in range(begin, end):
        if not (touching and rows * kernel[0] == height and columns * kernel[1] == width):  # else each is in one window
            d_inputs[n] = 0
        for oh in range(rows):
            top, bottom = max(oh * stride[0] - before[0], 0), min(oh * stride[0] - before[0] + kernel[0], height)
            for ow in range(columns):
                left, right = max(ow * stride[1] - before[1], 0), min(ow * stride[1] - before[1] + kernel[1], width)
                pixel = (n * rows + oh) * columns + ow
                _give_back(
                    d_inputs,
                    address_of(d_inputs) + d_inputs.itemsize * ((n * height + top) * width + left) * channels,
                    address_of(d_outputs) + d_inputs.itemsize * pixel * channels,
                    address_of(argmax) + argmax.itemsize * pixel * channels,
                    top * width + left, width, bottom - top, right - left, channels, not apart,
                )  # fmt: skip


class _Window:
    """A window's place in memory, while code for it is written. wide: of its single pixel on the other side."""

    def __init__(self, builder: Any, itemsize: int, operands: Any) -> None:
        self.builder = builder
        self._itemsize = itemsize
        self.first, self.wide, self._where, self.here, self._width, self._rows, self._columns, self._channels = operands

    def channels(self, body: Callable[[_Window, _Lanes], None]) -> None:
        """`body` for all channels: in whole vectors, then one of half the length, then one with a mask."""
        builder, lanes = self.builder, SHAPE.vector_bytes // self._itemsize
        whole, left = builder.udiv(self._channels, integer(lanes)), builder.urem(self._channels, integer(lanes))
        with cgutils.for_range(builder, whole) as loop:
            body(self, _Lanes(builder, self._itemsize, SHAPE.vector_bytes, builder.mul(loop.index, integer(lanes))))
        done = builder.mul(whole, integer(lanes))
        half = SHAPE.vector_bytes // 2
        fits = builder.icmp_signed(">=", left, integer(lanes // 2))
        with builder.if_then(fits):
            body(self, _Lanes(builder, self._itemsize, half, done))
        more = builder.select(fits, integer(lanes // 2), integer(0))
        done, left = builder.add(done, more), builder.sub(left, more)
        with builder.if_then(builder.icmp_signed("!=", left, integer(0))):
            body(self, _Lanes(builder, self._itemsize, half, done, left))

    def where(self, lanes: _Lanes) -> Any:
        return self.builder.add(self._where, self.builder.mul(lanes.channel, integer(lanes.numbers.itemsize)))

    @contextmanager
    def pixels(self) -> Iterator[tuple[Any, Any]]:
        """A loop over the pixels in their order: their addresses and numbers."""
        builder = self.builder
        size = builder.mul(self._channels, integer(self._itemsize))
        with cgutils.for_range(builder, self._rows) as row, cgutils.for_range(builder, self._columns) as column:
            steps = builder.add(builder.mul(row.index, self._width), column.index)
            yield builder.add(self.first, builder.mul(steps, size)), builder.add(self.here, steps)


class _Lanes:
    """Neighbouring channels in a vector, from one on; count: how many, where they do not fill it."""

    def __init__(self, builder: Any, itemsize: int, vector_bytes: int, channel: Any, count: Any = None) -> None:
        self.values = Vectors(builder, itemsize, vector_bytes)
        self.numbers = Vectors(builder, 4, 4 * self.values.lanes, whole=True)
        self.channel = channel
        self.mask = None if count is None else self.values.first_lanes(count)
        self._offset = builder.mul(channel, integer(itemsize))

    def load(self, pixel: Any) -> Any:
        """These channels of the pixel at this address."""
        return self.values.load(self.values.builder.add(pixel, self._offset), self.mask)

    def store(self, value: Any, pixel: Any) -> None:
        self.values.store(value, self.values.builder.add(pixel, self._offset), self.mask)

    def number(self, value: Any) -> Any:
        """A pixel's number in every lane."""
        return self.numbers.splat(self.values.builder.trunc(value, self.numbers.element))


def _for_channels(like: Any, body: Callable[..., None]) -> Any:
    """Code that runs `body(window, lanes, *operands behind the window's)` for all channels."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        window = _Window(builder, like.dtype.bitwidth // 8, values[1:9])
        window.channels(lambda window, lanes: body(window, lanes, *values[9:]))
        return context.get_dummy_value()

    return generate


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def _largest(
    typing_context: Any,
    like: Any,
    first: Any,
    best: Any,
    where: Any,
    here: Any,
    width: Any,
    rows: Any,
    columns: Any,
    channels: Any,
) -> Any:
    """The largest of a window's pixels in each channel, and its number. first, best, where: addresses.

    here: the number of the window's first pixel; width: how much further that of the one below is. All >= 1.
    """

    def body(window: _Window, lanes: _Lanes) -> None:
        builder = window.builder
        best = cgutils.alloca_once_value(builder, lanes.load(window.first))
        where = cgutils.alloca_once_value(builder, lanes.number(window.here))
        with window.pixels() as (pixel, number):
            value, so_far = lanes.load(pixel), builder.load(best)
            nan = builder.fcmp_unordered("uno", value, value)
            larger = builder.or_(builder.fcmp_ordered(">", value, so_far), nan)
            builder.store(builder.select(larger, value, so_far), best)
            builder.store(builder.select(larger, lanes.number(number), builder.load(where)), where)
        lanes.store(builder.load(best), window.wide)
        lanes.numbers.store(builder.load(where), window.where(lanes), lanes.mask)

    return types.void(like, *[types.intp] * 8), _for_channels(like, body)


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def _give_back(
    typing_context: Any,
    like: Any,
    first: Any,
    gradient: Any,
    where: Any,
    here: Any,
    width: Any,
    rows: Any,
    columns: Any,
    channels: Any,
    add: Any,
) -> Any:
    """The gradient of each channel for the pixel of the window that has its number, 0 for the others. As `_largest`.

    add: to what other windows gave.
    """

    def body(window: _Window, lanes: _Lanes, add: Any) -> None:
        builder = window.builder
        gradient = lanes.load(window.wide)
        where = lanes.numbers.load(window.where(lanes), lanes.mask)
        with window.pixels() as (pixel, number):
            chosen = builder.icmp_signed("==", where, lanes.number(number))
            share = builder.select(chosen, gradient, lanes.values.zero)
            with builder.if_else(add) as (then, otherwise):
                with then:
                    lanes.store(builder.fadd(lanes.load(pixel), share), pixel)
                with otherwise:
                    lanes.store(share, pixel)

    return types.void(like, *[types.intp] * 8, types.boolean), _for_channels(like, body)
