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
from nnctl.training.whole_run import run_to_the_end
from tests.support.command import RUN_CONFIGS
from tests.support.examples import by_speed, shortened
from tests.support.sequences import write_recurrent_run
from tests.support.threads import threads

NUMBERS = (1, 3)


@pytest.mark.parametrize("example", by_speed(RUN_CONFIGS))
def test_every_example_gives_the_same_bits_on_any_number_of_threads(example: Path, tmp_path: Path) -> None:
    assert_same_bits(example, shortened(example, tmp_path, 2), NUMBERS, tmp_path)


@pytest.mark.slow
def test_more_threads_than_cores(tmp_path: Path) -> None:
    (convolutions,) = (path for path in RUN_CONFIGS if path.stem == "mnist_cnn")
    assert_same_bits(convolutions, shortened(convolutions, tmp_path, 2), (1, 2, 8), tmp_path)


def test_sequences_with_lengths_and_dropout_give_the_same_bits_on_two_threads(tmp_path: Path) -> None:
    assert_same_bits(write_recurrent_run(tmp_path, "gru"), ["epochs=3"], (1, 2), tmp_path)


def assert_same_bits(config: Path, overrides: list[str], numbers: tuple[int, ...], runs: Path) -> None:
    """In every tensor that training leaves, on each of these numbers of threads."""
    expected = None
    for number in numbers:
        prepared = prepare(load_config(config, overrides))
        folder = RunFolder(runs / str(number))
        trainer = Trainer(prepared, folder, Observer())
        with threads(number):  # which shares every kernel, however small
            trainer, _ = run_to_the_end(trainer, StopSignal())
        folder.close()
        checkpoint = trainer.state.to_checkpoint()
        bits = {name: tensor.tobytes() for name, tensor in checkpoint.tensors.items()}
        expected = expected or bits
        assert bits == expected, f"{number} threads"
