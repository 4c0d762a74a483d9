"""Features that are kept: found again bit by bit, and nothing that is wrong with them is an error."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from nnctl.data.audio import feature_cache
from nnctl.data.audio.feature_cache import load, store

FEATURES = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NNCTL_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "features"


def test_what_is_kept_is_found(folder: Path) -> None:
    assert load("a", FEATURES.shape) is None
    store("a", FEATURES)
    found = load("a", FEATURES.shape)
    assert found is not None
    np.testing.assert_array_equal(found, FEATURES)
    assert load("b", FEATURES.shape) is None
    assert [path.name for path in folder.iterdir()] == ["a"]


@pytest.mark.parametrize("damage", ["cut", "longer", "a bit", "digest", "empty"])
def test_a_damaged_file_is_not_used(folder: Path, damage: str) -> None:
    store("a", FEATURES)
    content = bytearray((folder / "a").read_bytes())
    if damage in ("a bit", "digest"):
        content[100 if damage == "a bit" else 0] ^= 1
    made = {"cut": content[:-1], "longer": content + b"\0", "empty": b""}.get(damage, content)
    (folder / "a").write_bytes(made)
    assert load("a", FEATURES.shape) is None
    store("a", FEATURES)
    assert load("a", FEATURES.shape) is not None


def test_another_shape_is_not_found(folder: Path) -> None:
    store("a", FEATURES)
    assert load("a", (50, 5)) is None


def test_a_cache_that_cannot_be_written(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("a file where the folder would be")
    store("a", FEATURES)
    assert load("a", FEATURES.shape) is None


def test_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NNCTL_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    store("a", FEATURES)
    assert load("a", FEATURES.shape) is None


def test_the_oldest_make_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_cache, "LARGEST", 2 * (FEATURES.nbytes + feature_cache.DIGEST))
    for name in "abc":
        store(name, FEATURES)
        for age, path in enumerate(sorted(folder.iterdir(), reverse=True)):
            os.utime(path, (1000 - age, 1000 - age))
    assert sorted(path.name for path in folder.iterdir()) == ["b", "c"]
    store("large", np.zeros((500, 4), np.float32))
    assert sorted(path.name for path in folder.iterdir()) == ["b", "c"]
