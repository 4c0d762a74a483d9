"""The bench's workloads are what they are named for, and nnctl trains just what the peers do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.data import generated, write_nnctl, write_peers
from bench.workloads import WORKLOADS, Workload
from nnctl.config.load import load_config
from nnctl.data.batches import order
from nnctl.model.preparation import prepare

# by hand: (inputs + 1) outputs of a dense layer, (taps channels + 1) outputs of a convolution
PARAMETERS = {
    "xor": 3 * 8 + 9,
    "table": 81 * 64 + 65 * 64 + 65,
    "mlp-small, 32": 785 * 128 + 129 * 10,
    "mlp-small, 128": 785 * 128 + 129 * 10,
    "mlp-large, 32": 785 * 512 + 513 * 512 + 513 * 10,
    "mlp-large, 128": 785 * 512 + 513 * 512 + 513 * 10,
    "lenet5": 26 * 6 + 151 * 16 + 401 * 120 + 121 * 84 + 85 * 10,
    "cnn": 10 * 32 + 289 * 64 + 3137 * 128 + 129 * 10,
    "vgg": 28 * 32 + 289 * 32 + 289 * 64 + 577 * 64 + 4097 * 256 + 257 * 10,
    "mlp, batch norm": 785 * 256 + 257 * 256 + 257 * 10 + 2 * (256 + 256),
    "vgg, batch norm": 28 * 32 + 289 * 32 + 289 * 64 + 577 * 64 + 4097 * 256 + 257 * 10 + 2 * 2 * (32 + 64),
    "rnn 128": 128 * (28 + 128 + 2) + 129 * 10,
    "gru 128": 3 * 128 * (28 + 128 + 2) + 129 * 10,
    "lstm 128": 4 * 128 * (28 + 128 + 2) + 129 * 10,
    "lstm 32": 4 * 32 * (8 + 32 + 2) + 33 * 10,
    "gru 64, both directions": 2 * 3 * 64 * (12 + 64 + 2) + 129 * 10,
    "transformer": 4 * 65 * 64 + 65 * 256 + 257 * 64 + 2 * 2 * 64 + 65 * 10,
    "residual": 28 * 16 + 2 * 145 * 16 + 145 * 32 + 289 * 32 + 17 * 32 + 33 * 10 + 2 * (3 * 16 + 2 * 32),
}


@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=lambda workload: workload.name)
def test_nnctl_plans_the_network_that_is_meant(workload: Workload, tmp_path: Path) -> None:
    write_nnctl(tmp_path, workload)
    prepared = prepare(load_config(tmp_path / "config.yaml"))
    assert workload.parameters == prepared.plan.parameters == PARAMETERS[workload.name]
    assert sum(placed.multiply_adds for placed in workload.placed()) == prepared.plan.multiply_adds
    assert prepared.config.batch_size == workload.batch
    assert prepared.config.data.drop_last
    assert prepared.dataset.validation is None


def test_there_is_a_workload_for_every_row() -> None:
    assert WORKLOADS.keys() == PARAMETERS.keys()


def test_a_step_leaves_out_the_first_layers_d_inputs() -> None:
    first, second = 784 * 128, 128 * 10
    assert WORKLOADS["mlp-small, 32"].step_multiply_adds == 32 * (2 * first + 3 * second)
    inputs, recurrent, last = 28 * 28 * 128, 28 * 128 * 128, 128 * 10
    assert WORKLOADS["rnn 128"].step_multiply_adds == 64 * (2 * inputs + 3 * recurrent + 3 * last)


def test_the_peers_get_the_samples_and_the_order_of_nnctl(tmp_path: Path) -> None:
    workload = WORKLOADS["table"]
    write_nnctl(tmp_path, workload)
    assert write_peers(tmp_path, workload, epochs=2) == workload.samples // workload.batch
    inputs, targets = generated(workload)
    np.testing.assert_array_equal(np.load(tmp_path / "inputs.npy"), inputs)
    np.testing.assert_array_equal(np.load(tmp_path / "targets.npy"), targets)
    expected = [order(workload.seed, epoch, workload.samples) for epoch in (1, 2)]
    np.testing.assert_array_equal(np.load(tmp_path / "order.npy"), expected)
