"""The same bits in every weight on any number of threads, for every example config."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnctl.config.load import load_config
from nnctl.model.preparation import prepare
from nnctl.training.observers.observer import Observer
from nnctl.training.run_folder import RunFolder
from nnctl.training.stop_signal import StopSignal
from nnctl.training.trainer import Trainer
from tests.support.command import RUN_CONFIGS
from tests.support.threads import threads

SHORTER = {"mnist_cnn": ["data.validation=0.97"], "mnist_mlp": ["data.validation=0.97"]}


@pytest.mark.parametrize("numbers", [(1, 3), pytest.param((1, 2, 3, 4, 8), marks=pytest.mark.slow)], ids=str)
@pytest.mark.parametrize("example", RUN_CONFIGS, ids=lambda path: path.stem)
def test_every_example_gives_the_same_bits_on_any_number_of_threads(
    example: Path, numbers: tuple[int, ...], tmp_path: Path
) -> None:
    expected = None
    for number in numbers:
        prepared = prepare(load_config(example, [*SHORTER.get(example.stem, []), "epochs=2"]))
        folder = RunFolder(tmp_path / str(number))
        trainer = Trainer(prepared, folder, Observer())
        with threads(number):  # which shares every kernel, however small
            trainer.run(StopSignal())
        folder.close()
        checkpoint = trainer.state.to_checkpoint()
        bits = {name: tensor.tobytes() for name, tensor in checkpoint.tensors.items()}
        expected = expected or bits
        assert bits == expected, f"{number} threads"
