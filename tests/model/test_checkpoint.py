"""Checkpoint files: the same contents give the same bytes, and damage of every kind is told."""

from __future__ import annotations

import json
import pickle
import random
from pathlib import Path

import numpy as np
import pytest

from nnctl.errors import CheckpointError, StorageError
from nnctl.model.checkpoint import Checkpoint, fitting, read_checkpoint, write_checkpoint

SMALL = Checkpoint(
    {"layers.0.weight": np.arange(6, dtype=np.float32).reshape(2, 3), "training.scores": np.array([1.5, 2.0])},
    {"config": {"learning_rate": 0.1}, "counters": {"epoch": 3}},
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "last.safetensors"
    write_checkpoint(path, SMALL)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        read_checkpoint(path)
    assert caught.value.exit_code == 4
    assert str(path) in str(caught.value)
    assert all(problem.help for problem in caught.value.problems)
    return str(caught.value)


def test_what_is_written_is_read(file: Path) -> None:
    read = read_checkpoint(file)
    assert read.description == SMALL.description
    assert read.tensors.keys() == SMALL.tensors.keys()
    for name, tensor in SMALL.tensors.items():
        np.testing.assert_array_equal(read.tensors[name], tensor)
        assert read.tensors[name].dtype == tensor.dtype


def test_the_same_contents_give_the_same_bytes(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    write_checkpoint(other, SMALL)
    assert other.read_bytes() == file.read_bytes()


@pytest.mark.slow
def test_one_flipped_bit_in_any_byte_is_seen(file: Path) -> None:
    whole = file.read_bytes()
    draw = random.Random(1)
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << draw.randrange(8)
        file.write_bytes(damaged)
        refusal(file)


@pytest.mark.parametrize("keep", [0, 1, 7, 8, 100, -1])
def test_a_truncated_file(file: Path, keep: int) -> None:
    file.write_bytes(file.read_bytes()[:keep])
    assert "empty" in refusal(file) if keep == 0 else refusal(file)


def test_trailing_bytes(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\0")
    refusal(file)


@pytest.mark.parametrize("length", [2**60, 2**63, 2**64 - 1, 10**8 + 1])
def test_a_header_longer_than_the_file(file: Path, length: int) -> None:
    file.write_bytes(length.to_bytes(8, "little") + file.read_bytes()[8:])
    assert "header" in refusal(file)


@pytest.mark.parametrize(
    "change",
    [
        {"shape": [2, 4]},
        {"shape": [2**32, 2**32]},
        {"data_offsets": [0, 10**12]},
        {"data_offsets": [0, 24]},
        {"data_offsets": [24, 0]},
        {"dtype": "F64"},
        {"dtype": "Q7"},
    ],
)
def test_a_header_that_lies(file: Path, change: dict[str, object]) -> None:
    whole = file.read_bytes()
    length = int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8 : 8 + length])
    header["layers.0.weight"] |= change
    text = json.dumps(header).encode()
    file.write_bytes(len(text).to_bytes(8, "little") + text + whole[8 + length :])
    refusal(file)


def test_a_deeply_nested_header(file: Path) -> None:
    text = b"[" * 100_000
    file.write_bytes(len(text).to_bytes(8, "little") + text)
    refusal(file)


def test_a_pickle_is_named_and_not_opened(file: Path) -> None:
    file.write_bytes(pickle.dumps({"weights": [1, 2]}))
    assert "pickle" in refusal(file)
    file.write_bytes(b"PK\x03\x04" + bytes(100))
    assert "pickle" in refusal(file)


def test_a_checkpoint_that_begins_like_a_pickle_is_none(file: Path) -> None:
    for padding in range(64):
        write_checkpoint(file, Checkpoint(SMALL.tensors, {"padding": "x" * (256 + 8 * padding)}))
        read_checkpoint(file)


def test_a_newer_format_names_the_version_it_needs(file: Path) -> None:
    write_checkpoint(file, Checkpoint(SMALL.tensors, SMALL.description | {"format_version": 9}))
    assert "format version 9" in refusal(file)


def test_safetensors_of_somebody_else(file: Path) -> None:
    from safetensors.numpy import save_file

    save_file(SMALL.tensors, file)
    assert "not a checkpoint of nnctl" in refusal(file)


def test_the_sound_checkpoint_beside_a_damaged_one_is_named(file: Path) -> None:
    best = file.with_name("best.safetensors")
    write_checkpoint(best, SMALL)
    file.write_bytes(b"")
    assert f"{best} is sound" in refusal(file)
    best.write_bytes(b"x")
    assert "is sound" not in refusal(file)


def test_paths_that_are_no_file(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "nothing.safetensors")
    assert "is a folder, not a file" in refusal(tmp_path)


def test_missing_and_reshaped_tensors_are_named() -> None:
    with pytest.raises(CheckpointError, match=r"layers\.1\.bias"):
        fitting(SMALL.tensors, "layers.1.bias", (3,))
    with pytest.raises(CheckpointError, match=r"shape \(2, 3\), the config needs \(3, 2\)"):
        fitting(SMALL.tensors, "layers.0.weight", (3, 2))


def test_a_failed_write_keeps_the_old_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = file.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError) as caught:
        write_checkpoint(file, Checkpoint({}, {}))
    assert caught.value.exit_code == 8
    assert "No space left" in str(caught.value)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]
