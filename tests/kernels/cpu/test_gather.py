"""Batches as they are gathered: rows, values, and bytes that become numbers only there."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.data.dataset import Split
from nnctl.data.scaling import Scaling
from nnctl.kernels import cpu
from nnctl.losses.cross_entropy import CrossEntropy
from nnctl.model.network import Network
from nnctl.model.objective import Objective
from nnctl.model.plan import plan_network
from tests.support.specs import layers_of
from tests.support.threads import threads

SAMPLES = 20


def test_rows_and_values_come_in_the_order_from_start_on() -> None:
    source, order = np.arange(12.0).reshape(4, 3), np.array([3, 1, 0, 2])
    rows, values = np.zeros((2, 3)), np.zeros(2)
    cpu.gather.gather_rows(source, order, rows, 1)
    cpu.gather.gather_values(source[:, 0].copy(), order, values, 2)
    np.testing.assert_array_equal(rows, source[[1, 0]])
    np.testing.assert_array_equal(values, [0.0, 6.0])


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("is_standardized", [False, True])
@pytest.mark.parametrize("with_lengths", [False, True])
def test_bytes_become_the_numbers_that_preparing_them_at_once_gives(
    precision: str, is_standardized: bool, with_lengths: bool
) -> None:
    random = np.random.default_rng(2)
    inputs = random.integers(0, 256, (SAMPLES, 5, 3), np.uint8)
    statistics = (random.normal(size=3), random.uniform(0.1, 2.0, 3)) if is_standardized else (None, None)
    lengths = random.integers(1, 6, SAMPLES) if with_lengths else None
    split = Split(inputs, np.zeros(SAMPLES, np.int64), lengths, Scaling(precision, 255.0, *statistics))
    plan = plan_network(layers_of(["flatten", {"type": "linear", "out_features": 2}]), (5, 3))
    network = Network(plan, 8, precision, has_lengths=with_lengths)
    order = random.permutation(SAMPLES)
    for number in (1, 2):
        with threads(number):
            Objective(network, CrossEntropy(), split).load(split, order, 6, 7)
        assert network.inputs(7).tobytes() == split.scaled(order[6:13]).tobytes()
        if lengths is not None:
            np.testing.assert_array_equal(network.lengths(7), lengths[order[6:13]])
