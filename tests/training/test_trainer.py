"""The loop itself: nothing is compiled or allocated once it runs, and it stops where it should."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from nnctl.config.load import load_config
from nnctl.model.preparation import prepare
from nnctl.training import trainer as trainer_module
from nnctl.training.observers.observer import Observer
from nnctl.training.run_folder import RunFolder
from nnctl.training.stop_signal import StopSignal
from nnctl.training.trainer import Trainer
from tests.support.command import DATA, surroundings

# every kind of layer that a step goes through, a short last batch, validation, clipping
CONFIG = f"""
data: {{source: {DATA}/mnist, validation: 0.9, test: null}}
layers:
  - {{type: conv2d, out_channels: 4, kernel_size: 3, activation: relu}}
  - {{type: max_pool2d, kernel_size: 2}}
  - {{type: avg_pool2d, kernel_size: 2}}
  - flatten
  - {{type: dropout, p: 0.3}}
  - {{type: linear, out_features: 10}}
loss: cross_entropy
optimizer: adam
clip_norm: 0.5
batch_size: 96
epochs: 3
metrics: [accuracy, f1, {{type: top_k, k: 2}}]
"""


class Watcher(Observer):
    """Notes the memory in use after every step, by what Python and NumPy hold."""

    def __init__(self, stop: StopSignal | None = None, at: int = 0) -> None:
        self.memory: list[int] = []
        self._stop, self._at = stop, at

    def stepped(self, epoch: int, step: int, samples: int, loss: float) -> None:
        if tracemalloc.is_tracing():
            self.memory.append(tracemalloc.get_traced_memory()[0])
        if self._stop is not None and len(self.memory) == self._at:
            self._stop.number = 15


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[RunFolder]:
    (tmp_path / "config.yaml").write_text(CONFIG)
    run = RunFolder(tmp_path / "run")
    yield run
    run.close()


def trainer_in(folder: RunFolder, observer: Observer, *overrides: str) -> Trainer:
    prepared = prepare(load_config(folder.path.parent / "config.yaml", overrides))
    return Trainer(prepared, folder, observer)


# in a process of its own, where no other test has loaded a kernel
NOTHING_NEW = """
import sys
from pathlib import Path
from nnctl.config.load import load_config
from nnctl.kernels import cpu
from nnctl.kernels.compiler.code import Code
from nnctl.model.preparation import prepare
from nnctl.training import trainer as trainer_module
from nnctl.training.observers.observer import Observer
from nnctl.training.run_folder import RunFolder
from nnctl.training.stop_signal import StopSignal
from nnctl.training.trainer import Trainer

def refuse(code):
    raise SystemExit(f"{code.file_name} is compiled or loaded only now")

trainer = Trainer(prepare(load_config("config.yaml")), RunFolder(Path("run")), Observer())
trainer.warm_up()
Code.load_kept = Code.compile = refuse
print(trainer.run(StopSignal()))
"""


@pytest.mark.slow
def test_no_kernel_is_compiled_or_loaded_after_the_warm_up(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    done = subprocess.run(
        [sys.executable, "-c", NOTHING_NEW], cwd=tmp_path, env=surroundings(), capture_output=True, text=True
    )
    assert done.stdout == "finished\n", done.stderr


def test_the_warm_up_leaves_no_trace(folder: RunFolder) -> None:
    trainer = trainer_in(folder, Observer())
    before = trainer.state.to_checkpoint()
    trainer.warm_up()
    after = trainer.state.to_checkpoint()
    assert after.description == before.description
    assert {name: array.tobytes() for name, array in after.tensors.items()} == {
        name: array.tobytes() for name, array in before.tensors.items()
    }


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step is a call of its own, told to the watcher."""
    monkeypatch.setattr(trainer_module, "CHECK_INTERVAL", 0.0)


@pytest.mark.usefixtures("one_by_one")
def test_a_step_allocates_nothing_that_stays(folder: RunFolder) -> None:
    """Memory is flat within an epoch once every size of batch has been seen; arrays would show as kilobytes."""
    watcher = Watcher()
    trainer = trainer_in(folder, watcher)
    trainer.warm_up()
    tracemalloc.start()
    try:
        trainer.run(StopSignal())
    finally:
        tracemalloc.stop()
    steps = len(watcher.memory) // 3
    for epoch in (1, 2):
        inside = watcher.memory[epoch * steps : (epoch + 1) * steps]
        assert max(inside) - min(inside) < 16_000  # a batch of these images has 300,000 bytes


@pytest.mark.slow
@pytest.mark.usefixtures("one_by_one")
def test_the_memory_of_the_process_is_flat_over_a_thousand_steps(folder: RunFolder) -> None:
    class Resident(Observer):
        def __init__(self) -> None:
            self.pages: list[int] = []

        def stepped(self, epoch: int, step: int, samples: int, loss: float) -> None:
            self.pages.append(int(Path("/proc/self/statm").read_text().split()[1]))

    resident = Resident()
    trainer = trainer_in(folder, resident, "epochs=12", "data.validation=0.05", "layers.0.out_channels=1")
    trainer.run(StopSignal())
    assert len(resident.pages) > 1100
    assert max(resident.pages[200:]) - resident.pages[200] < 500  # a batch has 75 pages


def test_a_run_of_no_steps_is_finished(folder: RunFolder) -> None:
    trainer = trainer_in(folder, Observer(), "epochs=1")
    assert trainer.run(StopSignal()) == "finished"
    steps = trainer.state.counters.step
    assert trainer.run(StopSignal()) == "finished"
    assert trainer.state.counters.step == steps
