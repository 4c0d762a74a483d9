"""Validation samples that a file or folder holds itself decide what a run monitors, as those that a key sets aside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nnctl.config.load import load_config
from nnctl.errors import ConfigError
from tests.support.drawings import two_sides

REST = "layers: [flatten, {type: linear, out_features: 2}]\nloss: cross_entropy\nearly_stopping: {patience: 2}\n"


def arrays(path: Path, *names: str) -> str:
    np.savez(path / "a.npz", **{name: np.arange(4) if name[0] == "y" else np.zeros((4, 2)) for name in names})
    return "a.npz"


def pictures(path: Path, *splits: str) -> str:
    for split in splits:
        two_sides(path / "photos", count=1, split=split)
    return "photos"


HAS = {
    "arrays": lambda path: arrays(path, "x_train", "y_train", "x_val", "y_val"),
    "pictures": lambda path: pictures(path, "train", "val"),
}
HAS_NOT = {
    "arrays": lambda path: arrays(path, "x_train", "y_train", "x_test", "y_test"),
    "inputs without targets": lambda path: arrays(path, "x", "y", "x_val"),
    "pictures": lambda path: pictures(path, "train", "test"),
}


def config_of(path: Path, source: str, rest: str = "") -> Path:
    file = path / "run.yaml"
    file.write_text(f"data: {{source: {source}}}\n{REST}{rest}")
    return file


@pytest.mark.parametrize("write", HAS.values(), ids=HAS)
def test_its_loss_is_monitored(tmp_path: Path, write: Callable[[Path], str]) -> None:
    config = load_config(config_of(tmp_path, write(tmp_path))).config
    assert config.early_stopping is not None
    assert config.monitor == config.early_stopping.monitor == "val_loss"
    assert load_config(tmp_path / "run.yaml", ["monitor=val_accuracy"]).config.monitor == "val_accuracy"


@pytest.mark.parametrize("write", HAS_NOT.values(), ids=HAS_NOT)
def test_without_any_there_is_none_to_monitor(tmp_path: Path, write: Callable[[Path], str]) -> None:
    file = config_of(tmp_path, write(tmp_path))
    assert load_config(file).config.monitor == "loss"
    with pytest.raises(ConfigError, match="there are no validation samples"):
        load_config(file, ["monitor=val_loss"])


@pytest.mark.parametrize("source", ["gone.npz", "{source: gone, format: images}"])
def test_what_cannot_be_read_is_not_blamed_on_what_is_monitored(tmp_path: Path, source: str) -> None:
    """As where a run is evaluated whose data lie elsewhere by now."""
    data = source if source.startswith("{") else f"{{source: {source}}}"
    (tmp_path / "run.yaml").write_text(f"data: {data}\n{REST}monitor: val_loss\n")
    assert load_config(tmp_path / "run.yaml").config.monitor == "val_loss"
