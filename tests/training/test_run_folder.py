"""The run folder's rows reach the drive before the checkpoint that needs them."""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path

import pytest

from nnctl.training.run_folder import RunFolder


def test_rows_are_synced_as_checkpoints_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS, by the drive itself."""
    folder = RunFolder(tmp_path / "run")
    folder.append_row({"epoch": 1})
    asked: list[int] = []
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", lambda file, what: asked.append(what))
    monkeypatch.delattr(os, "fsync")
    folder.sync_rows()
    folder.close()
    assert asked == [51]
