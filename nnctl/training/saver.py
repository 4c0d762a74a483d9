"""Writes checkpoints: at most one a second while the run is active, so that tiny epochs do not wait for the disk.

The best state is kept in memory until the next write. Whenever last.safetensors is on the disk, so are the rows of
metrics.jsonl and the best checkpoint up to that epoch; what a kill loses is done again to the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic

from nnctl.model.checkpoint import Array, Checkpoint, write_checkpoint
from nnctl.training.run_folder import RunFolder
from nnctl.training.state import State

INTERVAL = 1.0  # seconds


class Saver:
    """Keeps a run folder's two checkpoints up to date."""

    def __init__(self, folder: RunFolder, state: State) -> None:
        self._folder = folder
        self._state = state
        self._best: Checkpoint | None = None
        self._written = monotonic()

    def keep_best(self, tensors: Mapping[str, Array]) -> None:
        """The present state is the best so far. tensors: what goes with it into its checkpoint."""
        best = self._state.to_checkpoint()
        self._best = Checkpoint(best.tensors | dict(tensors), best.description)

    def save(self, *, now: bool) -> None:
        """Write what is due: everything when `now`, else only if the last write is long enough ago."""
        if not now and monotonic() - self._written < INTERVAL:
            return
        self.save_best()
        self._folder.sync_rows()
        write_checkpoint(self._folder.last, self._state.to_checkpoint())
        self._written = monotonic()

    def save_best(self) -> None:
        """Write the best state if it waits."""
        if self._best is not None:
            write_checkpoint(self._folder.best, self._best)
            self._best = None


class Unsaved:
    """In the place of a `Saver`, for a training that leaves nothing behind."""

    def keep_best(self, tensors: Mapping[str, Array]) -> None:
        pass

    def save(self, *, now: bool) -> None:
        pass

    def save_best(self) -> None:
        pass
