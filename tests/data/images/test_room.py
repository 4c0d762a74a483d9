"""Room for pixels, in memory and on the disk: the same bytes, and nothing left behind."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnctl.data.images import room as module
from nnctl.data.images.room import Room, fits_memory, note_on_disk, on_disk
from nnctl.errors import StorageError

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 3, 4, 1), np.uint8)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NNCTL_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def filled(room: Room, kept: list[int]) -> None:
    for number in reversed(kept):
        room.put(number, PIXELS[number])


@pytest.mark.parametrize("kept", [[0, 1, 2, 3, 4, 5], [0, 2, 5], [3], [0, 1, 2]])
def test_the_same_in_memory_and_on_the_disk(kept: list[int], cache: Path) -> None:
    chosen = np.isin(np.arange(6), kept)
    inside = Room(6, (3, 4, 1))
    filled(inside, kept)
    np.testing.assert_array_equal(inside.samples(chosen), PIXELS[kept])
    with on_disk(PIXELS.nbytes, "they") as file:
        outside = Room(6, (3, 4, 1), file)
        filled(outside, kept)
        found = outside.samples(chosen)
    np.testing.assert_array_equal(found, PIXELS[kept])  # the file is closed, and still there
    assert list((cache / "pixels").iterdir()) == []


def test_a_write_that_stops_half_way_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, content, place: real(file, content[:5], place))
    with on_disk(PIXELS.nbytes, "they") as file:
        room = Room(6, (3, 4, 1), file)
        filled(room, list(range(6)))
        np.testing.assert_array_equal(room.samples(np.ones(6, bool)), PIXELS)


def test_how_much_fits_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "available_memory", lambda: 1 << 30)
    assert fits_memory(1 << 29)
    assert not fits_memory((1 << 29) + 1)
    monkeypatch.setattr(module, "available_memory", lambda: 0)
    assert fits_memory(1 << 26)


def test_a_disk_that_is_too_small(monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 1 << 30

    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: Usage)
    says = r"cache/pixels: 9 pictures take 2 GB, more than memory holds, and 1 GB of the disk are free"
    with pytest.raises(StorageError, match=says) as caught, on_disk(1 << 31, "9 pictures"):
        pass
    assert caught.value.problems[0].help.startswith("set a smaller `size`, or set NNCTL_CACHE_DIR to a folder on")


def test_a_disk_that_fills_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(StorageError, match="cannot be written: No space left on device"), on_disk(9, "they") as file:
        Room(6, (3, 4, 1), file).put(0, PIXELS[0])


def test_no_folder_for_it(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.write_text("a file where the folder would be")
    with pytest.raises(StorageError, match="cannot be written"), on_disk(9, "they"):
        pass
    monkeypatch.setattr(module, "user_cache", lambda: None)
    with pytest.raises(StorageError, match="there is no cache folder"), on_disk(9, "they"):
        pass


def test_what_is_said_of_it(cache: Path) -> None:
    says = f"9 pictures take 2 GB, and are kept on the disk, in {cache}/pixels, until the command ends"
    assert note_on_disk(1 << 31, "9 pictures") == says
