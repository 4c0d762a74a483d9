"""Twenty training steps of a whole run end in PyTorch's weights, whatever is set for some of them."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnctl.model.checkpoint import Checkpoint
from nnctl.model.preparation import prepare
from nnctl.training.observers.observer import Observer
from nnctl.training.run_folder import RunFolder
from nnctl.training.stop_signal import StopSignal
from nnctl.training.trainer import Trainer
from tests.support.configs import load

GOLDEN = dict(np.load(Path(__file__).parents[1] / "golden" / "training_settings.npz"))
CONFIG = """
data: {source: samples.npz, standardize: false, shuffle: false, validation: null}
layers:
  - {type: linear, out_features: 5}
  - {type: batch_norm, activation: {type: prelu, per_channel: true}}
  - {type: linear, out_features: 3}
loss: cross_entropy
batch_size: 8
epochs: 4
precision: float64
"""
OPTIMIZERS = {
    "sgd": ("optimizer={type: sgd, momentum: 0.9}", "learning_rate=0.05"),
    "adamw": ("optimizer={type: adamw, weight_decay: 0.1}", "learning_rate=0.01"),
}
CASES = {
    "clip_value": ("clip_value=0.02",),
    "by_layer": ("layers.0.learning_rate_scale=0.1", "layers.2.weight_decay=0.3"),
    "without_decay": ("optimizer.weight_decay=0.1", "optimizer.exclude_from_weight_decay=[bias, norm]"),
    "freeze": ("layers.0.freeze=2", "layers.1.freeze=2"),
}


def named(prefix: str) -> dict[str, NDArray[Any]]:
    return {key.removeprefix(f"{prefix}/"): array for key, array in GOLDEN.items() if key.startswith(f"{prefix}/")}


def trained(folder: Path, *overrides: str) -> tuple[Checkpoint, Checkpoint]:
    """What a run that starts with the stored weights keeps of its last state, and what it would as its best."""
    np.savez(folder / "samples.npz", x=GOLDEN["inputs"], y=GOLDEN["targets"])
    prepared = replace(prepare(load(folder, CONFIG, *overrides)), initial=named("initial"))
    run = RunFolder(folder / "run")
    trainer = Trainer(prepared, run, Observer())
    trainer.run(StopSignal())
    run.close()
    average, last = trainer._average, trainer.state.to_checkpoint()
    with nullcontext() if average is None else average.in_place(4):
        return last, trainer.state.to_checkpoint()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("case", CASES)
def test_twenty_steps(case: str, optimizer: str, tmp_path: Path) -> None:
    tensors = trained(tmp_path, *OPTIMIZERS[optimizer], *CASES[case])[0].tensors
    expected = named(f"{case}.{optimizer}")
    assert expected.keys() == {name for name in tensors if name.startswith("layers.")}
    for name, array in expected.items():
        np.testing.assert_allclose(tensors[name], array, rtol=1e-8, atol=1e-8, err_msg=name)
