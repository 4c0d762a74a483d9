"""The products that are timed are what they are named for, and a wrong one is not timed."""

from __future__ import annotations

import pytest

from bench import numpy_worker, product_worker
from bench.product_serve import check, operands
from bench.product_shapes import ROWS, Convolution

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
