"""The products that are timed are what they are named for, and a wrong one is not timed."""

from __future__ import annotations

import pytest

from bench import numpy_worker, product_worker
from bench.product_goals import goals, reached
from bench.product_serve import check, operands
from bench.product_shapes import ROWS, Convolution
from nnctl.layers.conv2d_winograd import WinogradConvolution

SMALL = [name for name, row in ROWS.items() if row.of in ("mlp-small, 32", "lenet5")]


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_each_direction_is_the_one_that_it_is_named_for(name: str) -> None:
    row = ROWS[name]
    values = operands(row)
    for worker in (product_worker, numpy_worker):
        if worker is product_worker or not isinstance(row, Convolution):
            prepared = worker.prepare(row, values)
            prepared.run(2)
            check(prepared, row, values)
            prepared.results()[0].flat[-1] += 1
            with pytest.raises(AssertionError, match="Mismatched elements: 1 "):
                check(prepared, row, values)


def test_names_tell_the_sizes_of_the_product() -> None:
    row = ROWS["784 x 32 x 128, d_weight"]
    assert row.shapes == {"inputs": (32, 784), "weight": (784, 128), "d_outputs": (32, 128)}
    assert row.multiply_adds == 784 * 32 * 128


def test_a_convolution_by_the_taps_is_not_winograds() -> None:
    usual, by_taps = (ROWS[f"32 -> 32, 3x3 on 32x32{how}, forward"] for how in ("", " by taps"))
    assert isinstance(product_worker.planned(usual), WinogradConvolution)
    assert not isinstance(product_worker.planned(by_taps), WinogradConvolution)
    assert isinstance(product_worker.planned(usual), WinogradConvolution)


def test_goals_of_products_and_convolutions() -> None:
    def of(name: str, threads: int, share: float, **times: float) -> dict[str, bool]:
        return goals(ROWS[name], threads, {contestant: {"median": time} for contestant, time in times.items()}, share)

    peers = {"OpenBLAS": 2.0, "PyTorch": 1.0}
    below = {"below OpenBLAS's time": True, "below PyTorch's time": False}
    assert of("512 x 512 x 512, forward", 1, 0.84, nnctl=1.0, **peers) == {"0.85 of the peak": False, **below}
    assert of("512 x 512 x 512, forward", 2, 0.84, nnctl=1.0, **peers) == {"0.80 of the peak": True, **below}
    assert of("32 x 128 x 10, forward", 1, 0.1, nnctl=1.0, **peers) == below
    assert of("16 -> 32, 5x5 on 14x14, d_inputs", 1, 0.9, nnctl=1.0, PyTorch=2.0) == {"0.85 of the peak": True}
    first = {"0.60 of the peak": False, "below PyTorch's time": True}
    assert of("1 -> 32, 3x3 on 28x28, forward", 2, 0.5, nnctl=1.0, PyTorch=2.0) == first
    assert "0.60 of the peak" not in of("1 -> 32, 3x3 on 28x28, d_inputs", 2, 0.5, nnctl=1.0, PyTorch=2.0)


def test_goals_are_counted_by_kind_and_threads() -> None:
    same = {"kind": "products", "threads": 1}
    rows = [{**same, "goals": {"a": True, "b": False}}, {**same, "goals": {"a": False}}]
    assert reached(rows) == [
        {**same, "goal": "a", "reached": 1, "rows": 2},
        {**same, "goal": "b", "reached": 0, "rows": 1},
    ]
