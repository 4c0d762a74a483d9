"""One process has a lock at a time, and gets an answer where there can be none."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nnctl.errors import StorageError
from nnctl.locks import acquire, lock_folder
from nnctl.sweeps.sweep_folder import SweepFolder
from nnctl.training.run_folder import RunFolder


def test_one_at_a_time(tmp_path: Path) -> None:
    first = lock_folder(tmp_path)
    assert first is not None
    assert lock_folder(tmp_path) is None
    os.close(first)
    second = lock_folder(tmp_path)
    assert second is not None
    os.close(second)


def test_what_is_refused_leaves_no_file_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = lock_folder(tmp_path)
    assert first is not None
    assert lock_folder(tmp_path) is None
    free = os.dup(first)  # the least number that is free
    os.close(free)
    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(OSError, match="No locks available"):
        lock_folder(tmp_path)
    after = os.dup(first)
    assert after == free
    os.close(after)
    os.close(first)


def test_waiting_until_it_is_given_back(tmp_path: Path) -> None:
    first = lock_folder(tmp_path)
    assert first is not None
    with (tmp_path / ".lock").open("rb") as file, ThreadPoolExecutor(1) as pool:
        assert not acquire(file.fileno())
        waiting = pool.submit(acquire, file.fileno(), wait=True)
        os.close(first)
        assert waiting.result(timeout=60)
        assert lock_folder(tmp_path) is None


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / ".lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        lock_folder(tmp_path)
    assert not (tmp_path / "elsewhere").exists()


def no_locks(*arguments: object) -> None:
    raise OSError(errno.ENOLCK, "No locks available")


@pytest.mark.parametrize("locked", [RunFolder, lambda path: SweepFolder(path).__enter__()], ids=["run", "sweep"])
def test_a_file_system_without_locks_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locked: Callable[[Path], object]
) -> None:
    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(StorageError, match="No locks available") as raised:
        locked(tmp_path / "a")
    (problem,) = raised.value.problems
    assert problem.help == "choose a folder on another file system with `--run DIR`: this one has no locks"
