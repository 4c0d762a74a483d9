"""Files that are missing or not regular are refused before they are opened, by the error of whoever asks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nnctl.data.files import require_file
from nnctl.errors import CheckpointError, ConfigError, DataError, NnctlError
from nnctl.regular_file import reading, require_regular_file


@pytest.mark.parametrize("error_type", [DataError, ConfigError, CheckpointError])
def test_what_is_not_a_regular_file(tmp_path: Path, error_type: type[NnctlError]) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for name, message in (
        ("", "is a folder, not a file"),
        ("pipe", "pipe: is not a regular file"),
        ("none", "none: does not exist"),
        ("loop", "loop: cannot be read (Too many levels"),
        ("nul\0", "cannot be read (embedded null"),
    ):
        with pytest.raises(error_type) as caught:
            require_regular_file(tmp_path / name, error_type)
        assert message in str(caught.value)
        assert caught.value.problems[0].help


def test_permissions_are_told_with_their_remedy(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught, reading(tmp_path, DataError):
        raise PermissionError
    assert f"cannot be read (permission denied)\n  help: make it readable: chmod u+rX {tmp_path}" in str(caught.value)


def test_the_folder_that_keeps_others_out_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "a b"
    monkeypatch.setattr("os.access", lambda folder, mode: Path(folder) != closed)
    with pytest.raises(DataError) as caught, reading(closed / "c" / "d", DataError):
        raise PermissionError
    assert caught.value.problems[0].help == f"make it readable: chmod u+rX '{closed}'"


def test_an_empty_file_is_regular_but_holds_no_data(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert require_regular_file(tmp_path / "a", DataError) == 0
    with pytest.raises(DataError, match="is empty"):
        require_file(tmp_path / "a")
    (tmp_path / "a").write_text("abc")
    assert require_file(tmp_path / "a") == 3
