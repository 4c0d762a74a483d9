"""The run folder: the only truth about a run, locked while the run is active."""

from __future__ import annotations

import os
import re
from pathlib import Path
from shlex import quote
from typing import Any

from nnctl.errors import Problem, StorageError, UsageError
from nnctl.files import storage_error, sync, to_json, write_atomically
from nnctl.locks import lock_folder
from nnctl.training import diagnostics_file
from nnctl.training.metrics_file import NAME, Row, read_rows


class LockedError(StorageError):
    """Another process has the lock."""


class RunFolder:
    """Paths and files of one run. Made by `new_run_folder` or `existing_run_folder`; holds the lock until closed.

    home: where the folder will be kept, which paths in its files start from; unset, where it is.
    """

    def __init__(self, path: Path, home: Path | None = None) -> None:
        self.path = path
        self.home = home or path
        self.checkpoints = path / "checkpoints"
        self.last = self.checkpoints / "last.safetensors"
        self.best = self.checkpoints / "best.safetensors"
        self._metrics = path / NAME
        self._diagnostics = path / diagnostics_file.NAME
        self._unsynced: set[Path] = set()
        self._refuse_links()
        try:
            self.checkpoints.mkdir(parents=True, exist_ok=True)
            lock = lock_folder(path)
        except OSError as error:
            raise storage_error(path, error) from None
        if lock is None:
            help = "wait for it, or choose another folder with --run"
            raise LockedError(Problem("another run is writing here", str(path), help=help))
        self._lock = lock
        for left_over in self.checkpoints.glob(".*.safetensors.*"):  # of a run killed while it wrote
            left_over.unlink(missing_ok=True)

    def close(self) -> None:
        """Give the lock back."""
        os.close(self._lock)

    def write_text(self, name: str, text: str) -> None:
        write_atomically(self.path / name, text.encode())

    def append_row(self, row: Row) -> None:
        """Add a row to metrics.jsonl, whole, and synced when the next checkpoint is."""
        self._append(self._metrics, to_json(row))

    def append_diagnostics(self, line: str) -> None:
        """Add a row, written as JSON, to diagnostics.jsonl, as `append_row` does."""
        self._append(self._diagnostics, line)

    def sync_rows(self) -> None:
        """Make sure that the rows so far survive a power cut."""
        for path in sorted(self._unsynced):
            try:
                with _open(path) as file:
                    sync(file.fileno())
            except OSError as error:
                raise storage_error(path, error) from None
        self._unsynced.clear()

    def keep_rows_until(self, epoch: int) -> None:
        """Drop rows of epochs after `epoch`: the run does them again."""
        kept = [row for row in read_rows(self.path) if row["epoch"] <= epoch]
        self.write_text(NAME, "".join(to_json(row) + "\n" for row in kept))

    def _append(self, path: Path, line: str) -> None:
        try:
            with _open(path) as file:
                file.write(line + "\n")
        except OSError as error:
            raise storage_error(path, error) from None
        self._unsynced.add(path)

    def keep_diagnostics_until(self, step: int) -> list[Row]:
        """Drop rows of diagnostics.jsonl of steps after `step`, and return the others."""
        rows = diagnostics_file.read_rows(self.path)
        kept = [row for row in rows if row["step"] <= step and "diverged" not in row]
        if self._diagnostics.exists():
            self.write_text(diagnostics_file.NAME, "".join(to_json(row) + "\n" for row in kept))
        return kept

    def _refuse_links(self) -> None:
        if self.checkpoints.is_symlink():
            raise StorageError(
                Problem(
                    "is a link out of the run folder",
                    str(self.checkpoints),
                    help="remove the link, or use another --run",
                )
            )


def _open(path: Path) -> Any:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o644)
    return os.fdopen(descriptor, "w")


def new_run_folder(name: str, asked: Path | None) -> RunFolder:
    """The folder of `new_run_path`, locked."""
    return RunFolder(new_run_path(name, asked))


def new_run_path(name: str, asked: Path | None) -> Path:
    """`runs/<name>`, then `runs/<name>-2`, …; or the folder that was asked for, which must not hold anything yet."""
    if asked is not None:
        _refuse_option(asked)
        if _holds_something(asked):
            help = "add --resume to continue the run there, or choose another folder"
            raise UsageError(Problem("is not empty", str(asked), help=help))
        return asked
    for number in range(1, 1_000_000):
        path = _numbered(name, number)
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise storage_error(path, error) from None
        return path
    raise StorageError(f"runs/{name} has a million runs already", help="remove some, or give the config another name")


def existing_run_folder(name: str, asked: Path | None) -> RunFolder:
    """The folder of `existing_run_path`, locked (made where it is missing). Raises UsageError where it holds folds."""
    path = existing_run_path(name, asked)
    if fold_path(path, 1).is_dir():
        help = f"add --folds to resume all of them, or resume one: --run {quote(str(fold_path(path, 1)))}"
        raise UsageError(Problem("holds the folds of a cross-validation", str(path), help=help))
    return RunFolder(path)


def existing_run_path(name: str, asked: Path | None) -> Path:
    """The folder to resume: the one asked for, else the newest of the name. Raises UsageError where there is none."""
    if asked is not None:
        _refuse_option(asked)
        return asked
    pattern = re.compile(re.escape(name) + r"(?:-(\d+))?")
    found = [
        match for path in Path("runs").glob(f"{name}*") if path.is_dir() and (match := pattern.fullmatch(path.name))
    ]
    if not found:
        raise UsageError(
            f"runs/ has no run of {name} to resume", help="leave --resume out, or name its folder with --run"
        )
    return Path("runs") / max(found, key=lambda match: int(match[1] or 1))[0]


def goes_on(path: Path) -> bool:
    """Whether a run that is resumed in this folder has a checkpoint to go on from."""
    return (path / "checkpoints" / "last.safetensors").exists()


def fold_path(run: Path, number: int) -> Path:
    """The run folder of a fold, counted from 1, in the folder of a cross-validation."""
    return run / f"fold-{number}"


def _refuse_option(asked: Path) -> None:
    """`--run --json` forgot the folder."""
    if str(asked).startswith("-"):
        raise UsageError(f"--run is {asked}, which is not a folder", help=f"write --run DIR, or ./{asked} if it is one")


def _holds_something(folder: Path) -> bool:
    try:
        return folder.is_dir() and any(folder.iterdir())
    except OSError as error:
        raise storage_error(folder, error) from None


def _numbered(name: str, number: int) -> Path:
    return Path("runs") / (name if number == 1 else f"{name}-{number}")
