"""`nnctl train --find-batch-size`: which sizes are tried, what is said of them, and which is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnctl.config.load import load_config
from nnctl.model.preparation import prepare
from nnctl.training import batch_size_finder as finder
from nnctl.training.batch_size_finder import MeasuredSize, fast_enough, find_batch_size
from tests.support.command import CONFIGS, nnctl, report_of
from tests.support.refusal import files_in, refusal_of

FUNCTION = CONFIGS / "function.yaml"


def test_every_power_of_two_is_measured(tmp_path: Path) -> None:
    report = report_of("train", FUNCTION, "data.validation=0.9", "batch_size=1", "--find-batch-size", cwd=tmp_path)
    sizes = {size["batch_size"]: size for size in report["sizes"]}
    assert list(sizes) == [1, 2, 4, 8, 16]  # of 20 training samples
    assert all(size["samples_per_second"] > 0 for size in sizes.values())
    assert sizes[16]["memory"] == report_of("check", FUNCTION, "batch_size=16", cwd=tmp_path)["memory"]
    assert report["batch_size"] in sizes
    assert "no larger batch was tried: there are 20 training samples" in report["notes"]
    assert any("a learning rate is for one batch size" in note for note in report["notes"])
    assert any("speeds are measured, and vary" in note for note in report["notes"])
    assert not files_in(tmp_path)


def test_what_is_printed(tmp_path: Path) -> None:
    *table, answer = nnctl("train", CONFIGS / "xor.yaml", "--find-batch-size", cwd=tmp_path).stdout.splitlines()
    assert [line.split()[0] for line in table if line.strip()][2:] == ["1", "2", "4"]
    assert answer in ("batch_size=1", "batch_size=2", "batch_size=4")


@pytest.mark.parametrize("option", [("--run", "x"), ("--resume",), ("--folds", "3")])
def test_it_makes_no_run(tmp_path: Path, option: tuple[str, ...]) -> None:
    refused = refusal_of("train", CONFIGS / "xor.yaml", "--find-batch-size", *option, cwd=tmp_path, code=2)
    refused.says(f"--find-batch-size makes no run, and {option[0]} is there")


def test_one_thing_at_a_time(tmp_path: Path) -> None:
    refused = refusal_of("train", CONFIGS / "xor.yaml", "--find-batch-size", "--find-lr", cwd=tmp_path, code=2)
    refused.says("--find-lr makes no run, and --find-batch-size is there", "leave --find-batch-size out")


def test_memory_ends_it_before_a_size_that_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = prepare(load_config(FUNCTION))
    monkeypatch.setattr(finder, "available_memory", lambda: prepared.plan.memory(8, 4, 2))
    monkeypatch.setattr(finder, "_speed", lambda prepared, size: float(size))
    found = find_batch_size(prepared)
    assert [size.batch_size for size in found.sizes] == [1, 2, 4, 8]
    assert found.limit.startswith("16 would take ")


def test_the_smallest_that_is_fast_enough() -> None:
    speeds = {1: 10.0, 2: 50.0, 4: 95.0, 8: 90.0, 16: 104.0}
    assert fast_enough([MeasuredSize(size, speed, 0) for size, speed in speeds.items()]) == 4
    speeds[16] = 105.0
    assert fast_enough([MeasuredSize(size, speed, 0) for size, speed in speeds.items()]) == 16
