"""`--interval`: around predicted values, of the errors on validation samples."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nnctl
from nnctl.model.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from tests.support.command import checkpoints_of, report_of
from tests.support.command import nnctl as run_nnctl
from tests.support.refusal import refusal_of

CONFIG = """name: flats
data:
  source: train.csv
  target: [rent, area]
  target_transform: [log, standard]
  validation: valid.csv
  test: test.csv
layers: [{type: linear, out_features: 8, activation: relu}, {type: linear, out_features: 2}]
loss: mse
learning_rate: 0.02
batch_size: 20
epochs: 4
"""
ONE = CONFIG.replace("[rent, area]", "rent").replace("out_features: 2", "out_features: 1")


def write(folder: Path, config: str = CONFIG, valid: int = 59) -> None:
    """Tables of rents and areas that depend on two columns by factors."""
    generator = np.random.default_rng(5)
    for name, rows in (("train", 120), ("valid", valid), ("test", 200)):
        inputs = np.clip(generator.normal(size=(rows, 2)), -1.5, 1.5)
        targets = np.exp(3 + inputs @ [[0.5, 0.2], [0.1, 0.7]] + generator.normal(0, [0.2, 0.5], (rows, 2)))
        lines = [",".join(f"{number:.6f}" for number in row) for row in np.hstack([inputs, targets])]
        (folder / f"{name}.csv").write_text("\n".join(["a,b,rent,area", *lines]) + "\n")
    (folder / "flats.yaml").write_text(config)


def columns_of(path: Path) -> dict[str, Any]:
    with path.open() as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0] if name != "month"}


def predicted(folder: Path, source: str, *arguments: str) -> dict[str, Any]:
    out = folder / "out.csv"
    out.unlink(missing_ok=True)
    report_of("predict", "runs/flats", source, "-o", "out.csv", *arguments, cwd=folder)
    return columns_of(out)


def quantile(errors: Any, level: float) -> float:
    """The k-th smallest of n errors, k = ceil((n + 1) level)."""
    return float(np.sort(errors)[math.ceil((len(errors) + 1) * level - 1e-9) - 1])


@pytest.mark.parametrize("steps", ["[log, standard]", "standard", "none"])
def test_the_ends_are_those_of_the_errors_on_validation_samples(tmp_path: Path, steps: str) -> None:
    """Of each target by itself, in factors where training sees logarithms. And `eval` counts what they cover."""
    write(tmp_path, CONFIG.replace("[log, standard]", steps))
    report_of("train", "flats.yaml", cwd=tmp_path)
    valid, plain = predicted(tmp_path, "valid.csv"), predicted(tmp_path, "test.csv")
    found = predicted(tmp_path, "test.csv", "--interval", "0.8")
    assert list(found) == ["row", "rent", "rent_low", "rent_high", "area", "area_low", "area_high"]
    measured = report_of("eval", "runs/flats", "--interval", "0.8", cwd=tmp_path)
    assert measured["interval"]["level"] == 0.8
    assert measured["notes"] == []
    actual = [columns_of(tmp_path / f"{name}.csv") for name in ("valid", "test")]
    for name, told in zip(("rent", "area"), measured["interval"]["targets"], strict=True):
        value, low, high = (found[f"{name}{end}"] for end in ("", "_low", "_high"))
        np.testing.assert_array_equal(value, plain[name])
        if steps == "[log, standard]":
            factor = np.exp(quantile(np.abs(np.log(valid[name]) - np.log(actual[0][name])), 0.8))
            ends = value / factor, value * factor
        else:
            error = quantile(np.abs(valid[name] - actual[0][name]), 0.8)
            ends = value - error, value + error
        np.testing.assert_allclose((low, high), ends, rtol=2e-5, atol=1e-4)
        covered = np.mean((low <= actual[1][name]) & (actual[1][name] <= high))
        assert told["target"] == name
        assert told["coverage"] == pytest.approx(covered, abs=0.5 / 200)
        assert 0.65 < told["coverage"] < 0.95
        assert told["mean_width"] == pytest.approx(np.mean(high - low), rel=1e-5)


def test_of_the_validation_samples_themselves_just_as_many_are_covered(tmp_path: Path) -> None:
    write(tmp_path, ONE)
    report_of("train", "flats.yaml", cwd=tmp_path)
    measured = report_of("eval", "runs/flats", "--interval", "0.9", "--split", "validation", cwd=tmp_path)
    (told,) = measured["interval"]["targets"]
    assert told["coverage"] == pytest.approx(54 / 59)
    note = "the coverage on validation samples, which the network was chosen on, is none of new ones"
    assert note in measured["notes"]
    done = run_nnctl("eval", "runs/flats", "--interval", "0.9", cwd=tmp_path)
    assert "\nintervals for 0.9: coverage 0." in done.stdout
    assert note not in done.stderr


def test_a_resumed_run_keeps_the_same_errors(tmp_path: Path) -> None:
    write(tmp_path, ONE + "monitor: loss\n")
    report_of("train", "flats.yaml", "--run", "whole", cwd=tmp_path)
    report_of("train", "flats.yaml", "epochs=2", "--run", "parts", cwd=tmp_path)
    report_of("train", "flats.yaml", "--run", "parts", "--resume", cwd=tmp_path)
    whole, parts = (checkpoints_of(tmp_path / run) for run in ("whole", "parts"))
    assert whole == parts
    assert b"conformal.errors" in whole["best.safetensors"]
    assert b"conformal.errors" not in whole["last.safetensors"]


def test_python_has_the_same_arguments(tmp_path: Path) -> None:
    write(tmp_path, ONE)
    run, out = tmp_path / "run", tmp_path / "out.csv"
    nnctl.train(tmp_path / "flats.yaml", ["loss=poisson", "data.target_transform=none"], run=run)
    report = nnctl.predict(run, tmp_path / "test.csv", output=out, interval=0.95).report
    assert report["columns"] == ["row", "rent", "rent_low", "rent_high"]
    assert columns_of(out)["rent_low"].min() == 0  # a count is not below
    told = nnctl.evaluate(run, interval=0.95).report["interval"]["targets"][0]
    assert 0.85 < told["coverage"] <= 1


def test_rows_of_several_columns_are_covered_by_column(tmp_path: Path) -> None:
    write(tmp_path)
    report_of("train", "flats.yaml", cwd=tmp_path)
    done = run_nnctl("predict", "runs/flats", "test.csv", "--interval", "0.9", cwd=tmp_path)
    (note,) = done.stderr.splitlines()
    assert note == "note: intervals cover a share of 0.9 of each column by itself, and less of all columns at once"


def test_each_step_of_a_forecast_has_its_own(tmp_path: Path) -> None:
    """Of the errors of that step. And what is fed back has none."""
    walk = (100 + np.cumsum(np.random.default_rng(3).normal(size=300))).round(4)
    months = np.arange("1990-01", "2015-01", dtype="datetime64[M]")
    lines = [f"{month}-01,{value:.4f}" for month, value in zip(months, walk, strict=True)]
    (tmp_path / "walk.csv").write_text("\n".join(["month,value", *lines]) + "\n")
    (tmp_path / "flats.yaml").write_text(
        "data: {source: walk.csv, target: value, series: {window: 4, horizon: 3}, validation: 0.3}\n"
        "layers: [flatten, {type: linear, out_features: 3}]\nloss: mse\nlearning_rate: 0.05\nepochs: 5\n"
    )
    report_of("train", "flats.yaml", cwd=tmp_path)
    of_windows = predicted(tmp_path, "walk.csv", "--interval", "0.8")
    ahead = predicted(tmp_path, "walk.csv", "--interval", "0.8", "--steps", "3")
    assert list(ahead) == ["step", "value", "value_low", "value_high"]
    for step in range(3):
        value, low, high = (of_windows[f"value+{step + 1}{end}"] for end in ("", "_low", "_high"))
        errors = np.abs(value[206:294] - walk[210 + step : 298 + step])  # the window of row 0 predicts from row 4 on
        np.testing.assert_allclose(high - value, quantile(errors, 0.8), rtol=1e-4)
        last = [ahead[f"value{end}"][step] for end in ("", "_low", "_high")]
        np.testing.assert_allclose(last, [value[-1], low[-1], high[-1]], rtol=1e-6)
    more = ("--interval", "0.8", "--steps", "4", "-o", "o.csv")
    refusal = refusal_of("predict", "runs/flats", "walk.csv", *more, cwd=tmp_path, code=2)
    refusal.says("--steps 4 feeds predictions back", "use --steps 3 at most")


def test_a_level_that_is_none_is_refused(tmp_path: Path) -> None:
    write(tmp_path, ONE)
    report_of("train", "flats.yaml", "epochs=1", cwd=tmp_path)
    for level, help in (("90", "for 90 % use 0.9"), ("1", "0.9"), ("0", "0.9"), ("-2", "0.9"), ("nan", "0.9")):
        refusal = refusal_of("eval", "runs/flats", f"--interval={level}", cwd=tmp_path, code=2)
        refusal.says(f"--interval is {level}, and a level is between 0 and 1", help)


def test_a_level_for_which_there_are_too_few_samples_is_refused(tmp_path: Path) -> None:
    """And the level that the remedy names works."""
    write(tmp_path, ONE, valid=11)
    report_of("train", "flats.yaml", "epochs=1", cwd=tmp_path)
    refusal = refusal_of("predict", "runs/flats", "test.csv", "--interval", "0.95", "-o", "o.csv", cwd=tmp_path, code=2)
    refusal.says("needs the errors on 19 validation samples, the checkpoint has 11", "use --interval 0.9166 or less")
    report_of("eval", "runs/flats", "--interval", "0.9166", cwd=tmp_path)


def test_checkpoints_without_errors_are_refused(tmp_path: Path) -> None:
    """The last one has those of other weights, older ones and runs without validation samples have none."""
    write(tmp_path, ONE)
    report_of("train", "flats.yaml", "epochs=2", cwd=tmp_path)
    best = tmp_path / "runs/flats/checkpoints/best.safetensors"
    refusal = refusal_of("eval", best.with_name("last.safetensors"), "--interval", "0.9", cwd=tmp_path, code=4)
    refusal.says("keeps no errors on validation samples", f"use {best}")
    kept = read_checkpoint(best)
    errors = kept.tensors.pop("conformal.errors")
    write_checkpoint(tmp_path / "old.safetensors", kept)
    refusal = refusal_of("eval", "old.safetensors", "--interval", "0.9", cwd=tmp_path, code=4)
    refusal.says("keeps no errors on validation samples", "train again")
    report_of("eval", "old.safetensors", cwd=tmp_path)
    odd = Checkpoint(kept.tensors | {"conformal.errors": errors[0]}, kept.description)
    write_checkpoint(tmp_path / "odd.safetensors", odd)
    refusal = refusal_of("eval", "odd.safetensors", "--interval", "0.9", cwd=tmp_path, code=4)
    refusal.says("tensor conformal.errors has shape (59,), its network 1 outputs")
    report_of("train", "flats.yaml", "epochs=1", "data.validation=null", "--run", "none", cwd=tmp_path)
    refusal = refusal_of("predict", "none", "test.csv", "--interval", "0.9", "-o", "o.csv", cwd=tmp_path, code=4)
    refusal.says("keeps no errors on validation samples", "set data.validation=0.1")


def test_what_is_no_number_has_none(tmp_path: Path) -> None:
    write(tmp_path)
    for loss, of, more in (("cross_entropy", "classes", "calibrate"), ("hinge", "0 or 1", "leave --interval out")):
        text = (tmp_path / "train.csv").read_text().splitlines()
        rows = [line.split(",")[:2] for line in text[1:]]
        lines = [",".join([*row, str(int(float(row[0]) > 0))]) for row in rows]
        (tmp_path / "own.csv").write_text("\n".join(["a,b,c", *lines]) + "\n")
        outputs = 2 if loss == "cross_entropy" else 1
        (tmp_path / "own.yaml").write_text(
            f"data: {{source: own.csv, target: c, validation: 0.2}}\nloss: {loss}\nepochs: 1\n"
            f"layers: [{{type: linear, out_features: {outputs}}}]\n"
        )
        report_of("train", "own.yaml", "--run", loss, cwd=tmp_path)
        refusal = refusal_of("predict", loss, "own.csv", "--interval", "0.9", "-o", "o.csv", cwd=tmp_path, code=2)
        refusal.says(f"--interval is of predicted numbers, and this network predicts {of}", more)


def test_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    write(tmp_path, CONFIG.replace("[rent, area]", "[rent, rent_low]"))
    for name in ("train", "valid", "test"):
        text = (tmp_path / f"{name}.csv").read_text()
        (tmp_path / f"{name}.csv").write_text(text.replace("area", "rent_low"))
    report_of("train", "flats.yaml", "epochs=1", cwd=tmp_path)
    refusal = refusal_of("predict", "runs/flats", "test.csv", "--interval", "0.9", "-o", "o.csv", cwd=tmp_path, code=2)
    refusal.says("--interval would write two columns rent_low")


def test_a_prompt_has_no_interval(tmp_path: Path) -> None:
    refusal = refusal_of("predict", "run", "--prompt", "a", "--interval", "0.9", cwd=tmp_path, code=2)
    refusal.says("--interval and --prompt are both given")
