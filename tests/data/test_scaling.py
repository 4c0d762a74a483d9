"""Bytes that stay bytes in memory are scaled to the very bits that preparing them at once gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from nnctl.commands.check import check
from nnctl.commands.eval import evaluate
from nnctl.commands.train import train
from nnctl.data.dataset import open_dataset
from nnctl.data.fitting import FittedData, transform
from nnctl.data.reading import find, infer, read
from nnctl.data.scaling import Scaling
from nnctl.data.splits.selection import Split, split
from nnctl.errors import DataError
from tests.support.sources import ROOT, source


def both(value: Any, precision: str = "float32") -> list[tuple[Split, Split]]:
    """Each split with its inputs in the precision, and as bytes."""
    made = source(value)
    prepared = open_dataset(made, "classes", 1, precision)
    parts = read(made, find(made))
    selections = split(infer(made, parts), parts, "classes", prepared.classes, 1)
    fitted = FittedData(prepared.preprocessing, prepared.transform, prepared.classes)
    kept = transform(selections, fitted, precision, keep_bytes=True)
    assert kept.keys() == prepared.splits().keys()
    return [(prepared.splits()[name], kept[name]) for name in kept]


def same(prepared: Split, kept: Split) -> None:
    assert kept.inputs.dtype == np.uint8
    assert kept.raw(slice(None)).shape == prepared.inputs.shape
    assert kept.inputs.flags.c_contiguous
    rows = np.random.default_rng(0).permutation(len(kept))
    for chosen in (rows, rows[:3]):
        found = kept.scaled(chosen)
        assert found.dtype == prepared.inputs.dtype
        assert found.tobytes() == prepared.inputs[chosen].tobytes()
    assert kept.targets.tobytes() == prepared.targets.tobytes()


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize(
    "settings", [{}, {"standardize": True}, {"standardize": True, "shape": [784]}, {"scale": 3.0, "shape": [28, 28]}]
)
def test_digits_are_scaled_to_the_same_bits(settings: dict[str, Any], precision: str) -> None:
    for prepared, kept in both({"source": str(ROOT / "data" / "mnist"), "validation": 0.1, **settings}, precision):
        same(prepared, kept)


def test_padding_of_bytes_is_zero_after_the_scaling(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    x, lengths = draw.integers(0, 256, (20, 6, 3), dtype=np.uint8), draw.integers(1, 7, 20)
    np.savez(tmp_path / "a.npz", x=x, y=np.arange(20) % 2, lengths=lengths)
    for prepared, kept in both({"source": str(tmp_path / "a.npz"), "standardize": True, "test": 0.3}):
        same(prepared, kept)
        assert kept.lengths is not None
        padded = np.arange(6) >= kept.lengths[:, np.newaxis]
        assert not kept.raw(slice(None))[padded].any()
        assert not kept.scaled(np.arange(len(kept)))[padded].any()


def test_the_table_holds_all_that_can_come() -> None:
    scaling = Scaling("float32", 255.0, np.array([0.1, 0.2]), np.array([0.3, 0.7]))
    inputs = np.random.default_rng(0).integers(0, 256, (50, 2), dtype=np.uint8)
    assert scaling.table()[inputs, np.arange(2)].tobytes() == scaling.apply(inputs).tobytes()
    plain = Scaling("float64", 3.0)
    assert plain.table()[inputs, 0].tobytes() == plain.apply(inputs).tobytes()


def test_splits_share_the_bytes_of_their_file() -> None:
    kept = [kept for _, kept in both({"source": str(ROOT / "data" / "mnist"), "validation": 0.1})]
    train, validation, test = kept
    assert np.shares_memory(train.inputs, validation.inputs)
    assert (len(train), len(validation)) == (9_000, 1_000)
    assert train.memory == 9_000 * (784 + 8)
    assert not np.shares_memory(train.inputs, test.inputs)
    assert test.rows is None


def test_what_is_not_bytes_is_prepared_at_once(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.eye(4), y=[0, 1, 0, 1])
    ((prepared, kept),) = both(str(tmp_path / "a.npz"))
    assert kept.scaling is None
    assert kept.inputs.tobytes() == prepared.inputs.tobytes()
    assert kept.scaled(np.array([1])).tobytes() == prepared.inputs[1:2].tobytes()


def test_bytes_that_become_too_large_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.array([[0], [0], [9], [0]], np.uint8), y=[0, 1, 0, 1])
    made = source({"source": str(tmp_path / "a.npz"), "scale": 1e-45})
    parts = read(made, find(made))
    selections = split(made, parts, "classes", ("0", "1"), 1)
    preprocessing = made.fit(parts.train, np.arange(4))
    with pytest.raises(DataError, match="sample 3: the inputs are too large for float32"):
        transform(selections, FittedData(preprocessing, None, ("0", "1")), "float32", keep_bytes=True)


def test_bytes_are_kept_where_they_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    def dtypes() -> set[str]:
        value = {"source": str(ROOT / "data" / "mnist"), "validation": 0.1}
        return {
            str(split.inputs.dtype) for split in open_dataset(source(value), "classes", 1, "float32").splits().values()
        }

    assert dtypes() == {"float32"}
    monkeypatch.setattr("nnctl.data.fitting.LARGE", 12_000 * 784 * 4)
    assert dtypes() == {"float32"}
    monkeypatch.setattr("nnctl.data.fitting.LARGE", 12_000 * 784 * 4 - 1)
    assert dtypes() == {"uint8"}


def test_training_on_kept_bytes_gives_the_same_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example = ROOT / "configs" / "mnist_mlp.yaml"
    overrides = ["epochs=2", "data.validation=0.9", "data.standardize=true"]
    reports = []
    for name, large in (("numbers", 1 << 28), ("bytes", 0)):
        monkeypatch.setattr("nnctl.data.fitting.LARGE", large)
        reports.append(train(example, overrides, run=tmp_path / name).report["metrics"])
        checked = check(example, overrides)["data"]["splits"]["train"]
        reports.append(checked | evaluate(tmp_path / name).report["metrics"])
    assert reports[:2] == reports[2:]
    numbers, kept = (load_file(tmp_path / name / "checkpoints" / "last.safetensors") for name in ("numbers", "bytes"))
    assert {name: array.tobytes() for name, array in numbers.items()} == {
        name: array.tobytes() for name, array in kept.items()
    }
