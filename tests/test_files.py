"""Files are written whole or not at all, and JSON is such that every reader takes it."""

from __future__ import annotations

import errno
import fcntl
import json
import math
import os
import stat
import sys
from pathlib import Path

import pytest

from nnctl.errors import StorageError, UsageError
from nnctl.files import refuse_to_overwrite, storage_error, sync, to_json, write_atomically, written_atomically


def test_the_bytes_and_nothing_else(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", b"one")
    write_atomically(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["a"]  # noqa: PTH208 - names are enough
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("function", ["fsync", "replace"])
def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    file = tmp_path / "a"
    write_atomically(file, b"old")

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os if function == "fsync" else Path, function, full)
    with pytest.raises(StorageError, match="No space left on device") as raised:
        write_atomically(file, b"new")
    monkeypatch.undo()
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert "free some space" in raised.value.problems[0].help


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as raised:
        write_atomically(tmp_path / "no" / "a", b"x")
    assert raised.value.exit_code == 8
    assert raised.value.problems[0].file == str(tmp_path / "no" / "a")


def test_every_error_has_a_remedy() -> None:
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EROFS):
        (problem,) = storage_error(Path("a"), OSError(number, os.strerror(number))).problems
        assert problem.help
        assert os.strerror(number) in problem.what


def test_json_has_no_nan_and_no_infinity() -> None:
    value = {"a": [1, math.nan, (math.inf, "x")], "b": {"c": -math.inf}, "d": True, "e": 1e-300}
    expected = {"a": [1, None, [None, "x"]], "b": {"c": None}, "d": True, "e": 1e-300}
    assert json.loads(to_json(value)) == expected
    assert json.loads(to_json(value, indent=2)) == expected


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError])
def test_what_ends_the_writing_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    def interrupted() -> None:
        with written_atomically(tmp_path / "a") as file:
            file.write(b"half")
            file.flush()
            assert len(list(tmp_path.iterdir())) == 1
            raise error

    with pytest.raises(error):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    refuse_to_overwrite(tmp_path / "a")
    (tmp_path / "a").write_text("")
    (tmp_path / "b").symlink_to(tmp_path / "nowhere")
    for name in ("a", "b"):
        with pytest.raises(UsageError, match="is there already; nothing is overwritten"):
            refuse_to_overwrite(tmp_path / name)
    with pytest.raises(StorageError, match="cannot be written"):
        refuse_to_overwrite(tmp_path / ("x" * 300))


def test_on_macos_the_drive_itself_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the file, and for the folder."""
    asked: list[int] = []
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", lambda file, what: asked.append(what))
    monkeypatch.delattr(os, "fsync")
    write_atomically(tmp_path / "a", b"x")
    assert asked == [51, 51]


def test_on_macos_a_drive_that_cannot_is_synced_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []

    def unsupported(file: int, what: int) -> None:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", unsupported)
    monkeypatch.setattr(os, "fsync", synced.append)
    sync(7)
    assert synced == [7]


@pytest.mark.parametrize(("number", "is_error"), [(errno.EINVAL, False), (errno.ENOTSUP, False), (errno.EIO, True)])
def test_a_folder_that_cannot_be_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, is_error: bool
) -> None:
    """Some file systems sync files alone; a failing disk is an error."""
    sync_file = os.fsync

    def fsync(file: int) -> None:
        if stat.S_ISDIR(os.fstat(file).st_mode):
            raise OSError(number, os.strerror(number))
        sync_file(file)

    monkeypatch.setattr(os, "fsync", fsync)
    if is_error:
        with pytest.raises(StorageError, match="Input/output error"):
            write_atomically(tmp_path / "a", b"x")
    else:
        write_atomically(tmp_path / "a", b"x")
    monkeypatch.undo()
    assert (tmp_path / "a").read_bytes() == b"x"
