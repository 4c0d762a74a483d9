"""How a contestant is asked for a product: its name on stdin, seconds on stdout, nothing in between.

Only NumPy and the standard library are used, since the peers' own environment imports it too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, prod
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.product_shapes import ROWS, Convolution, Product
from bench.serve import asked, tell
from bench.workloads import Shape

TURN = 0.01  # seconds of repeats
OF_SEVERAL = 3  # times as long for several threads, so that starting them does not count
WARMING = 0.04  # seconds before a turn of several threads: on cores that were idle they are a fifth slower
TOLERANCE = 1e-4  # of the largest element: sums have up to 50,000 terms

Array = NDArray[Any]
Operands = dict[str, Array]


@dataclass(frozen=True)
class Prepared:
    """A product on its operands. run: it so many times. results: in nnctl's layout. variant: how it is done."""

    run: Callable[[int], object]
    results: Callable[[], Sequence[Array]]
    variant: str = ""

    def seconds(self, repeats: int) -> float:
        """That one takes, among so many in a row."""
        began = perf_counter()
        self.run(repeats)
        return (perf_counter() - began) / repeats

    def repeats(self, turn: float = TURN) -> int:
        """That fill a turn, in seconds."""
        repeats = 1
        while (seconds := self.seconds(repeats)) * repeats < turn:
            repeats = ceil(1.1 * repeats * min(turn / (seconds * repeats), 10))
        return repeats


Prepare = Callable[[Product | Convolution, Operands], Prepared]


def serve(prepare: Prepare, threads: int) -> None:
    """Answer until nothing more is asked for. A product that is new is prepared and its result checked, no more."""
    turn, warming = (TURN, 0.0) if threads == 1 else (OF_SEVERAL * TURN, WARMING)
    tell()
    name, prepared, repeats = "", None, 0
    while wanted := asked():
        if prepared is None or wanted != name:
            name, row = wanted, ROWS[wanted]
            values = operands(row)
            prepared = prepare(row, values)
            prepared.run(1)
            check(prepared, row, values)
            repeats = prepared.repeats(turn)
            tell(variant=prepared.variant)
            continue
        prepared.run(ceil(repeats * warming / turn))
        seconds = prepared.seconds(repeats)
        repeats = max(repeats, ceil(turn / seconds))  # whatever slowed it when it was tried
        tell(seconds=seconds, variant=prepared.variant)


def repeated(function: Callable[[], object]) -> Callable[[int], None]:
    """Calls it so many times."""

    def run(repeats: int) -> None:
        for _ in range(repeats):
            function()

    return run


def zeros(shape: Shape) -> Array:
    """float32, at the beginning of a cache line, where every library is at its best."""
    buffer = np.zeros(prod(shape) + 16, np.float32)
    start = -buffer.ctypes.data % 64 // buffer.itemsize
    return buffer[start : start + prod(shape)].reshape(shape)


def operands(row: Product | Convolution) -> Operands:
    """The same numbers for every contestant."""
    random, values = np.random.default_rng(1), {}
    for name, shape in row.shapes.items():
        values[name] = zeros(shape)
        random.standard_normal(out=values[name], dtype=np.float32)
    return values


def factors(row: Product, inputs: Any, weight: Any, d_outputs: Any) -> tuple[Any, Any]:
    """What is multiplied, views of the operands: arrays or tensors."""
    if row.direction == "forward":
        return inputs, weight
    return (inputs.T, d_outputs) if row.direction == "d_weight" else (d_outputs, weight.T)


def check(prepared: Prepared, row: Product | Convolution, values: Operands) -> None:
    """Raises AssertionError where the result is not the expected one."""
    for result, right in zip(prepared.results(), expected(row, values), strict=True):
        np.testing.assert_allclose(result, right, TOLERANCE, TOLERANCE * abs(right).max(), err_msg=row.name)


def expected(row: Product | Convolution, values: Operands) -> list[Array]:
    """The results in float64."""
    wide = {name: value.astype(np.float64) for name, value in values.items()}
    if isinstance(row, Product):
        left, right = factors(row, **wide)
        return [left @ right]
    inputs, weight, d_outputs = wide["inputs"], wide["weight"], wide["d_outputs"]
    outer, size = ((0, 0), (row.padding, row.padding), (row.padding, row.padding), (0, 0)), d_outputs.shape[1]
    padded, outputs, d_weight = np.pad(inputs, outer), np.zeros_like(d_outputs) + wide["bias"], np.zeros_like(weight)
    d_padded = np.zeros_like(padded)
    for h, w in np.ndindex(row.kernel, row.kernel):
        seen = slice(None), slice(h, h + size), slice(w, w + size)
        if row.direction == "forward":
            outputs += padded[seen] @ weight[h, w]
        elif row.direction == "d_weight":
            d_weight[h, w] = padded[seen].reshape(-1, row.inputs).T @ d_outputs.reshape(-1, row.outputs)
        else:
            d_padded[seen] += d_outputs @ weight[h, w].T
    inside = slice(row.padding, row.padding + row.size)
    return {
        "forward": [outputs],
        "d_weight": [d_weight, d_outputs.sum((0, 1, 2))],
        "d_inputs": [d_padded[:, inside, inside]],
    }[row.direction]
