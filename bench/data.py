"""The samples of a workload, and the folder from which every contestant reads the same ones in the same order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.config_text import config_text
from bench.workloads import Workload
from nnctl.config.load import load_config
from nnctl.data.batches import order, steps_per_epoch
from nnctl.model.preparation import prepare

DIGITS = Path(__file__).parents[1] / "data" / "mnist"
Arrays = tuple[NDArray[np.float32], NDArray[np.float32] | NDArray[np.int64]]


def write_nnctl(folder: Path, workload: Workload) -> None:
    """config.yaml, and data.npz where the data is generated."""
    source = DIGITS
    if workload.data != "digits":
        source = folder / "data.npz"
        inputs, targets = generated(workload)
        np.savez(source, x=inputs, y=targets)
    (folder / "config.yaml").write_text(config_text(workload, source))


def write_peers(folder: Path, workload: Workload, epochs: int) -> int:
    """What nnctl will train on: inputs.npy, targets.npy, and order.npy (epochs, samples). Returns steps an epoch."""
    train = prepare(load_config(folder / "config.yaml")).dataset.train
    samples = len(train)
    np.save(folder / "inputs.npy", train.inputs)
    np.save(folder / "targets.npy", train.targets)
    np.save(folder / "order.npy", np.stack([order(workload.seed, 1 + epoch, samples) for epoch in range(epochs)]))
    return steps_per_epoch(samples, workload.batch, drop_last=True)


def generated(workload: Workload) -> Arrays:
    """inputs: (samples, *shape) float32. targets: (samples, 1) float32, or classes (samples,)."""
    random = np.random.default_rng(workload.seed)
    if workload.data == "xor":
        inputs = np.tile(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32), (workload.samples // 4, 1))
        return inputs, (inputs[:, :1] != inputs[:, 1:]).astype(np.float32)
    if workload.data == "table":
        inputs = random.standard_normal((workload.samples, *workload.inputs), dtype=np.float32)
        return inputs, np.tanh(inputs[:, :1] + inputs[:, 1:2] * inputs[:, 2:3])
    classes = np.arange(workload.samples) % 10
    prototypes = random.standard_normal((10, *workload.inputs), dtype=np.float32)
    noise = random.standard_normal((workload.samples, *workload.inputs), dtype=np.float32)
    return 0.5 * (prototypes[classes] + noise), classes
