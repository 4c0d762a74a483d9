"""`nnctl eval --slices`: where errors are, by the real command."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nnctl as face
from tests.support.command import DATA, nnctl, report_of
from tests.support.refusal import refusal_of

HOUSES = """
data: {source: houses.csv, target: Sale_Price, target_transform: [log, standard], test: 0.3}
layers: [{type: linear, out_features: 32, activation: silu}, {type: linear, out_features: 1}]
loss: huber
optimizer: adamw
learning_rate: 0.003
batch_size: 64
epochs: 8
"""
LINE = """
data: {source: a.csv, target: y, test: 0.5}
layers: [{type: linear, out_features: 1}]
loss: mse
optimizer: adam
learning_rate: 0.05
epochs: 10
"""


def slices_of(folder: Path, config: str, *arguments: str) -> list[dict[str, Any]]:
    (folder / "a.yaml").write_text(config)
    report_of("train", "a.yaml", "-q", cwd=folder)
    found: list[dict[str, Any]] = report_of("eval", "runs/a", "--slices", *arguments, cwd=folder)["slices"]
    return found


@pytest.mark.slow
def test_a_neighbourhood_with_wrong_prices_is_named_first(tmp_path: Path) -> None:
    """Wrong in training and test."""
    with (DATA / "ames.csv").open() as file:
        rows = list(csv.DictReader(file))
    draw = np.random.default_rng(1)
    for row in rows:
        if row["Neighborhood"] == "Edwards":
            row["Sale_Price"] = rows[draw.integers(len(rows))]["Sale_Price"]
    with (tmp_path / "houses.csv").open("w") as file:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows(rows)
    first = slices_of(tmp_path, HOUSES)[0]
    assert first["where"] == [{"column": "Neighborhood", "is": ["Edwards"]}]
    assert first["text"] == "Neighborhood is Edwards"
    done = nnctl("eval", "runs/a", "--slices", cwd=tmp_path)
    report = report_of("eval", "runs/a", "--slices", cwd=tmp_path)
    lines = done.stdout.splitlines()
    (line,) = [line for line in lines[lines.index("where errors are:") :] if "Edwards" in line]
    assert line.startswith(f"  Neighborhood is Edwards: {first['samples']} of 879 samples, mean loss ")
    assert line.endswith(f"(rmse {first['metrics']['rmse']:,.0f} / {report['metrics']['rmse']:,.0f})")
    assert list(first) == ["where", "text", "samples", "loss", "metrics"]
    assert first["metrics"].keys() == report["metrics"].keys()

    worst = report_of("eval", "runs/a", "--worst", "879", cwd=tmp_path)["worst"]
    inside = [row for row in worst if rows[row["line"] - 2]["Neighborhood"] == "Edwards"]
    assert len(inside) == first["samples"]
    assert np.mean([row["loss"] for row in inside]) == pytest.approx(first["loss"], rel=1e-6)
    errors = [row["predicted"] - row["true"] for row in inside]
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(first["metrics"]["rmse"], rel=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_named_of_noise(tmp_path: Path, seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows = []
    for x, z, noise in draw.normal(size=(900, 3)):
        rows.append(f"{x:.4f},{z:.4f},{'abcd'[draw.integers(4)]},{x + noise:.4f}")
    (tmp_path / "a.csv").write_text("\n".join(["x,z,kind,y", *rows]) + "\n")
    assert slices_of(tmp_path, LINE) == []
    if seed == 0:
        done = nnctl("eval", "runs/a", "--slices", cwd=tmp_path)
        assert done.stdout.splitlines()[-1] == "no part of the samples stands out"
        assert done.stderr == ""


def test_of_a_rare_class_nothing_is_named_and_broken_samples_are_left_out(tmp_path: Path) -> None:
    """Its loss is large by right, where nothing tells which samples it has. Rows of no weight are no samples."""
    draw = np.random.default_rng(3)
    rows = [f"{draw.normal():.3f},{n % 3},{'rare' if draw.random() < 0.1 else 'usual'}" for n in range(800)]
    (tmp_path / "a.csv").write_text("\n".join(["x,hours,kind", *rows]) + "\n")
    config = LINE.replace("target: y", "target: kind, weight: hours").replace("mse", "cross_entropy")
    config = config.replace("out_features: 1", "out_features: 2")
    assert slices_of(tmp_path, config) == []
    rows = [row.replace("usual", "rare") if row.split(",")[1] == "0" else row for row in rows]
    (tmp_path / "b.csv").write_text("\n".join(["x,hours,kind", *rows]) + "\n")
    assert report_of("eval", "runs/a", "--slices", "--data", "b.csv", cwd=tmp_path)["slices"] == []


def blurred(images: np.ndarray, times: int) -> np.ndarray:
    """Each pixel the mean of itself and its neighbours in rows and in columns, again and again."""
    values = images.astype(np.float64)
    for _ in range(times):
        for axis in (1, 2):
            values = (np.roll(values, 1, axis) + values + np.roll(values, -1, axis)) / 3
    return values.astype(np.uint8)


@pytest.mark.slow
@pytest.mark.parametrize("digit", [4, 7])
def test_a_class_that_is_blurred_is_named_first(tmp_path: Path, digit: int) -> None:
    config = f"""
data: {DATA}/mnist
layers: [flatten, {{type: linear, out_features: 64, activation: relu}}, {{type: linear, out_features: 10}}]
loss: cross_entropy
optimizer: adam
batch_size: 100
epochs: 3
"""
    other = tmp_path / "other"
    other.mkdir()
    labels = (DATA / "mnist" / "t10k-labels-idx1-ubyte.gz").read_bytes()
    (other / "t10k-labels-idx1-ubyte.gz").write_bytes(labels)
    packed = gzip.decompress((DATA / "mnist" / "t10k-images-idx3-ubyte.gz").read_bytes())
    images = np.frombuffer(packed, np.uint8, offset=16).reshape(-1, 28, 28).copy()
    own = np.frombuffer(gzip.decompress(labels), np.uint8, offset=8) == digit
    images[own] = blurred(images[own], 12)
    (other / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(packed[:16] + images.tobytes(), 1))
    first = slices_of(tmp_path, config, "--data", "other")[0]
    assert first["where"] == [{"column": "class", "is": [str(digit)]}]
    assert first["samples"] == own.sum()
    assert first["metrics"]["accuracy"] < 0.8


@pytest.mark.slow
def test_dark_pictures_are_named(tmp_path: Path) -> None:
    draw = np.random.default_rng(5)
    labels = np.arange(1_200) % 2
    pixels = np.where(labels[:, np.newaxis, np.newaxis] > 0, 200, 100) + draw.integers(0, 50, (1_200, 5, 4))
    dark = np.arange(1_200) % 9 == 0
    pixels[dark] = draw.integers(0, 30, (dark.sum(), 5, 4))
    np.savez(tmp_path / "a.npz", x=pixels.astype(np.uint8)[..., np.newaxis], y=labels)
    config = """
data: {source: a.npz, test: 0.5}
layers: [flatten, {type: linear, out_features: 8, activation: relu}, {type: linear, out_features: 2}]
loss: cross_entropy
optimizer: adam
learning_rate: 0.02
epochs: 15
"""
    found = slices_of(tmp_path, config)
    assert found[0]["where"][0]["column"] == "brightness"
    assert 30 < found[0]["where"][0]["at_most"] < 110
    assert len(found) == 1


@pytest.mark.slow
def test_columns_of_arrays_and_of_series_are_in_the_units_of_the_file(tmp_path: Path) -> None:
    draw = np.random.default_rng(6)
    inputs = np.stack([draw.normal(size=1_500), draw.uniform(0, 5_000, 1_500)], axis=1)
    noise = draw.normal(size=1_500) * np.where(inputs[:, 1] > 4_000, 6, 1)
    np.savez(tmp_path / "a.npz", x=inputs, y=inputs[:, 0] + noise)
    config = LINE.replace("a.csv, target: y", "a.npz, standardize: true")
    (found,) = slices_of(tmp_path, config)
    assert found["where"] == [{"column": "column 1", "above": pytest.approx(4_000, rel=0.03), "missing": False}]

    wind = draw.integers(0, 40, 1_500)
    height = np.zeros(1_500)
    for hour in range(1, 1_500):  # what comes depends on the last wind that is known
        height[hour] = 0.5 * height[hour - 1] + draw.normal() * (8 if wind[hour - 1] > 30 else 1)
    times = np.arange("2024-01-01T00", "2024-03-10T00", dtype="datetime64[h]")[:1_500]
    rows = [f"{time},{own},{value:.3f}" for time, own, value in zip(times, wind, height, strict=True)]
    (tmp_path / "a.csv").write_text("\n".join(["time,wind,y", *rows]) + "\n")
    series = LINE.replace("target: y", "target: y, series: {window: 4}").replace("[{", "[flatten, {")
    (tmp_path / "runs").rename(tmp_path / "before")
    found = slices_of(tmp_path, series)[0]
    assert found["where"] == [{"column": "wind", "above": pytest.approx(30, abs=1), "missing": False}]


def test_parts_of_a_text_have_nothing_to_tell_them_apart(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("the cat sat on the mat. " * 40)
    (tmp_path / "a.yaml").write_text(
        "data: {format: text, source: a.txt, steps: 8, validation: 0.2}\n"
        "layers: [{type: embedding, embedding_dim: 4}, {type: linear, out_features: 12}]\n"
        "loss: cross_entropy\nbatch_size: 8\nepochs: 1\n"
    )
    report_of("train", "a.yaml", cwd=tmp_path)
    refused = refusal_of("eval", "runs/a", "--slices", cwd=tmp_path, code=2)
    refused.says("--slices tells samples apart by columns", "leave --slices out")
    rows = face.evaluate(tmp_path / "runs" / "a", worst=2).report["worst"]
    assert [list(row) for row in rows] == [
        ["sample", "step", "step_loss", "true", "predicted", "probability", "loss"]
    ] * 2
    assert json.dumps(rows)
