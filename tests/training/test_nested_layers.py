"""A training run of layers that hold layers: the same bits in every weight on any number of threads."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnctl.config.load import load_config
from nnctl.model.preparation import prepare
from nnctl.training.observers.observer import Observer
from nnctl.training.run_folder import RunFolder
from nnctl.training.stop_signal import StopSignal
from nnctl.training.trainer import Trainer
from tests.support.nested import CONFIG
from tests.support.threads import threads


@pytest.mark.slow
def test_the_same_bits_on_any_number_of_threads(tmp_path: Path) -> None:
    """Of 160 samples in batches of 7: the last is of 6."""
    config = tmp_path / "nested.yaml"
    config.write_text(CONFIG)
    found = {}
    for number in (1, 2, 3, 4, 8):
        folder = RunFolder(tmp_path / str(number))
        trainer = Trainer(prepare(load_config(config)), folder, Observer())
        with threads(number):  # which shares every kernel, however small
            trainer.run(StopSignal())
        folder.close()
        tensors = trainer.state.to_checkpoint().tensors
        found[number] = {name: tensor.tobytes() for name, tensor in tensors.items()}
    assert all(bits == found[1] for bits in found.values())
