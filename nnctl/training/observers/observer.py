"""What an observer of a run is. Every method here does nothing; an observer overrides the events it needs.

Each observer in this folder watches every run; a command adds its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nnctl.beside import classes_beside
from nnctl.errors import NnctlError
from nnctl.training.metrics_file import Row

if TYPE_CHECKING:
    from nnctl.model.network import Network
    from nnctl.model.preparation import Prepared


@dataclass(frozen=True)
class Run:
    """What an observer may read of a run.

    prepared: the config, the data and the plan of the network.
    folder: the run folder.
    home: where that will be kept, if it is elsewhere yet.
    epoch: epochs that were done before.
    network: whose arrays change with every step; to be read only.
    """

    prepared: Prepared
    folder: Path
    home: Path
    epoch: int
    network: Network


class Observer:
    """Receives the events of a run in their order; of several runs, such as folds, one run after the other."""

    def note(self, text: str) -> None:
        """Something the user should know."""

    def diagnosed(self, name: str, text: str) -> None:
        """Something is wrong with the run: a diagnosis of this name, said once; a note, unless this is overridden."""
        self.note(text)

    def started(self, run: Run) -> None:
        """The run begins, or continues."""

    def compiling(self, count: int) -> None:
        """Another kernel is being compiled, after `count` others: this happens once a machine and takes seconds."""

    def compiled(self, count: int, seconds: float) -> None:
        """All kernels are there; so many had to be compiled, at least one."""

    def stepped(self, epoch: int, step: int, samples: int, loss: float) -> None:
        """Steps are done. step: the last, within the epoch, from 1. samples: in them. loss: the epoch's mean so far."""

    def changed(self, text: str) -> None:
        """A rule has changed the network, between two epochs."""

    def finished_epoch(self, row: Row, best: bool) -> None:
        """An epoch is done and measured. best: it is the best so far."""

    def finished(self) -> None:
        """No more steps will come, however the run ended."""

    def tested(self, metrics: dict[str, float]) -> None:
        """The best checkpoint of a fold is measured on the samples to test on. metrics: `loss`, then others by name."""


class Observers(Observer):
    """Several observers as one: each receives every event, in their order. notes: all so far."""

    def __init__(self, observers: Iterable[Observer]) -> None:
        self._observers = tuple(observers)
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)
        for observer in self._observers:
            observer.note(text)

    def diagnosed(self, name: str, text: str) -> None:
        self.notes.append(text)
        for observer in self._observers:
            observer.diagnosed(name, text)

    def started(self, run: Run) -> None:
        for observer in self._observers:
            observer.started(run)

    def compiling(self, count: int) -> None:
        for observer in self._observers:
            observer.compiling(count)

    def compiled(self, count: int, seconds: float) -> None:
        for observer in self._observers:
            observer.compiled(count, seconds)

    def stepped(self, epoch: int, step: int, samples: int, loss: float) -> None:
        for observer in self._observers:
            observer.stepped(epoch, step, samples, loss)

    def changed(self, text: str) -> None:
        for observer in self._observers:
            observer.changed(text)

    def finished_epoch(self, row: Row, best: bool) -> None:
        for observer in self._observers:
            observer.finished_epoch(row, best)

    def finished(self) -> None:
        for observer in self._observers:
            observer.finished()

    def tested(self, metrics: dict[str, float]) -> None:
        for observer in self._observers:
            observer.tested(metrics)


@contextmanager
def notes_in_errors(notes: Sequence[str]) -> Iterator[None]:
    """Lets an error carry the notes that were given before it."""
    try:
        yield
    except NnctlError as error:
        error.notes = tuple(notes)
        raise


def all_observers(more: Iterable[Observer] = ()) -> Observers:
    """Those that watch every run, which are new ones, then `more`."""
    return Observers([*(kind() for kind in classes_beside(Observer)), *more])
