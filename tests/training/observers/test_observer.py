"""Who watches a run, and what they receive."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnctl.commands.train import train
from nnctl.training import observers as folder_of_observers
from nnctl.training.metrics_file import Row
from nnctl.training.observers.observer import Observer, Observers, Run, all_observers
from tests.support.command import CONFIGS

EVENTS = [name for name, _ in inspect.getmembers(Observer, inspect.isfunction) if not name.startswith("_")]
OWN = """
from pathlib import Path
from nnctl.training.observers.observer import Observer, Run

class Weights(Observer):
    def started(self, run: Run) -> None:
        (run.folder / "weights.txt").write_text(str(run.network.parameters.size))
"""


def recorder(name: str, events: list[tuple[str, str, tuple[Any, ...]]]) -> Observer:
    """An observer that notes every event with its name."""

    def noting(event: str) -> Any:
        return lambda self, *given: events.append((name, event, given))

    made: Observer = type("Recorder", (Observer,), {event: noting(event) for event in EVENTS})()
    return made


def test_each_receives_every_event_in_their_order() -> None:
    events: list[tuple[str, str, tuple[Any, ...]]] = []
    observers = Observers([recorder("a", events), recorder("b", events)])
    for event in EVENTS:
        given = tuple(inspect.signature(getattr(Observer, event)).parameters)[1:]
        getattr(observers, event)(*given)
        assert events == [("a", event, given), ("b", event, given)]
        events.clear()


class Reader(Observer):
    """Reads the parameters when the run starts, and after each epoch."""

    def __init__(self) -> None:
        self.parameters: list[np.ndarray[Any, Any]] = []

    def started(self, run: Run) -> None:
        self.run = run
        self.parameters = [run.network.parameters.copy()]

    def finished_epoch(self, row: Row, best: bool) -> None:
        self.parameters.append(self.run.network.parameters.copy())


def test_an_observer_reads_the_network(tmp_path: Path) -> None:
    reader = Reader()
    report = train(CONFIGS / "xor.yaml", ["epochs=2"], run=tmp_path / "run", observers=[reader]).report
    assert len(reader.parameters) == 3
    assert reader.parameters[0].size == report["parameters"]
    assert not np.array_equal(reader.parameters[0], reader.parameters[1])
    assert (reader.run.folder, reader.run.epoch) == (tmp_path / "run", 0)
    train(CONFIGS / "xor.yaml", ["epochs=3"], run=tmp_path / "run", resume=True, observers=[reader])
    assert reader.run.epoch == 2


def test_an_observer_is_a_file_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "observers"
    own.mkdir()
    (own / "weights.py").write_text(OWN)
    monkeypatch.setattr(folder_of_observers, "__path__", [*folder_of_observers.__path__, str(own)])
    report = train(CONFIGS / "xor.yaml", ["epochs=1"], run=tmp_path / "run").report
    assert (tmp_path / "run" / "weights.txt").read_text() == str(report["parameters"])


def test_two_runs_have_observers_of_their_own() -> None:
    first, second = all_observers(), all_observers()
    assert not set(first._observers) & set(second._observers)


def test_the_environment_is_written(tmp_path: Path) -> None:
    train(CONFIGS / "xor.yaml", ["epochs=1"], run=tmp_path / "run", threads=1)
    environment = json.loads((tmp_path / "run" / "environment.json").read_text())
    assert list(environment) == ["versions", "platform", "cpu", "threads", "device", "data", "paths"]
    assert (environment["threads"], environment["device"]) == (1, "cpu")
    assert environment["data"]
