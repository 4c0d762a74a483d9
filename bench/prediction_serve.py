"""How a contestant is asked for predictions: the number of samples on stdin, seconds of a call on stdout.

Only NumPy and the standard library are used, since the peers' own environment imports it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.serve import asked, tell

BATCHES = (1, 64, 1024)
FEWEST = 5  # calls of a turn
TURN = 0.1  # seconds of calls
WARMING = 0.04  # seconds of calls before a turn: a core that was idle is slow for some milliseconds
TRIAL = 0.2  # seconds in which a variant is tried
TOLERANCE = 1e-4  # of the largest output

Array = NDArray[Any]


@dataclass(frozen=True)
class Prepared:
    """A network on some samples. run: it once. outputs: of the last run. variant: how it is done."""

    run: Callable[[], object]
    outputs: Callable[[], Array]
    variant: str = ""

    def times(self, seconds: float) -> list[float]:
        """Seconds of each of as many calls as these seconds have."""
        times: list[float] = []
        end = perf_counter() + seconds
        while len(times) < FEWEST or perf_counter() < end:
            began = perf_counter()
            self.run()
            times.append(perf_counter() - began)
        return times


Variants = Callable[[Array], Iterable[Prepared]]


def serve(folder: Path, variants: Variants) -> None:
    """Answer until nothing more is asked for. When a number is asked for first, its variants' outputs are checked, and
    the quickest variant is kept.

    folder: what `bench.prediction_folder` wrote. variants: those that a contestant has for some samples.
    """
    inputs, expected = np.load(folder / "inputs.npy"), np.load(folder / "outputs.npy")
    prepared: dict[str, Prepared] = {}
    tell()
    while number := asked():
        if number not in prepared:
            n = int(number)
            prepared[number] = quickest(variants(np.ascontiguousarray(inputs[:n])), expected[:n])
            tell(variant=prepared[number].variant)
            continue
        prepared[number].times(WARMING)
        times = prepared[number].times(TURN)
        tell(median=median(times), least=min(times), variant=prepared[number].variant)


def quickest(variants: Iterable[Prepared], expected: Array) -> Prepared:
    """Raises AssertionError where the outputs of one are not those expected."""
    best, least = None, float("inf")
    for one in variants:
        one.run()
        np.testing.assert_allclose(one.outputs(), expected, 0, TOLERANCE * abs(expected).max(), err_msg=one.variant)
        seconds = median(one.times(TRIAL))
        if seconds < least:
            best, least = one, seconds
    assert best is not None
    return best
