"""The folder of a sweep: the run folders of its trials, and what is derived from them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from nnctl.errors import Problem, StorageError, UsageError
from nnctl.files import storage_error, to_json, write_atomically
from nnctl.locks import lock_folder
from nnctl.sweeps.record import TrialRecord
from nnctl.sweeps.trials_csv import trials_csv
from nnctl.text import counted

INTERVAL = 2.0  # seconds between two writings of what is derived


class SweepFolder:
    """A context: made where it is missing, and locked. Raises UsageError where it is something else, StorageError."""

    def __init__(self, path: Path) -> None:
        if (path / "checkpoints").exists():
            help = "choose another folder with --run DIR, or give the sweep another name"
            raise UsageError(Problem("is the folder of a run, not of a sweep", str(path), help=help))
        self.path = path
        self._written = -INTERVAL

    def __enter__(self) -> SweepFolder:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = lock_folder(self.path)
        except OSError as error:
            raise storage_error(self.path, error) from None
        if lock is None:
            help = "wait for it, or choose another folder with --run"
            raise StorageError(Problem("another sweep is running here", str(self.path), help=help))
        self._lock = lock
        return self

    def __exit__(self, *exception: object) -> None:
        os.close(self._lock)

    def note_on_others(self, trials: Iterable[Path]) -> str:
        """What to say of run folders here that are none of these trials; nothing where there are none."""
        own = {trial.name for trial in trials}
        count = sum(config.parent.name not in own for config in self.path.glob("*/config.yaml"))
        if not count:
            return ""
        stay = "they stay, and are" if count > 1 else "it stays, and is"
        what = f"{counted(count, 'other run')}, with other settings or of another version of nnctl"
        return f"{self.path} holds {what}: {stay} not in the report"

    def is_due(self) -> bool:
        """Whether what is derived was written long enough ago."""
        return monotonic() - self._written >= INTERVAL

    def write(self, report: dict[str, Any], records: Sequence[TrialRecord]) -> None:
        """Write sweep.json and trials.csv."""
        write_atomically(self.path / "trials.csv", trials_csv(records).encode())
        write_atomically(self.path / "sweep.json", (to_json(report, indent=2) + "\n").encode())
        self._written = monotonic()
