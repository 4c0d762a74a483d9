"""`nnctl eval --worst`: the samples of the largest loss, by the real command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nnctl as face
from nnctl.commands.picture_sheet import GAP
from nnctl.commands.worst import worst_rows
from tests.support.command import nnctl, report_of
from tests.support.png import pixels_of
from tests.support.refusal import refusal_of

ENDS = """
batch_size: 7
epochs: 3
learning_rate: 0.01
"""


def trained(folder: Path, config: str) -> Path:
    """A run of a config that is called `a`."""
    (folder / "a.yaml").write_text(config + ENDS)
    report_of("train", "a.yaml", "-q", cwd=folder)
    return folder


def worst_of(folder: Path, count: int, *arguments: str) -> list[dict[str, Any]]:
    report = report_of("eval", "runs/a", "--worst", str(count), *arguments, cwd=folder)
    rows: list[dict[str, Any]] = report["worst"]
    losses = [row["loss"] for row in rows]
    assert losses == sorted(losses, reverse=True)
    return rows


def predictions(folder: Path, source: str) -> list[dict[str, str]]:
    """What `nnctl predict` says of a file."""
    done = nnctl("predict", "runs/a", source, cwd=folder)
    assert done.returncode == 0, done.stderr
    header, *rows = (line.split(",") for line in done.stdout.splitlines())
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_classes_with_ids_and_weights(tmp_path: Path) -> None:
    """A row of weight 0 is none; the weights of others do not count, so that a heavy sample is not worse by that."""
    draw = np.random.default_rng(1)
    rows = [f"s-{n},{draw.normal():.3f},{draw.normal():.3f},{n % 5},{'abc'[draw.integers(3)]}" for n in range(60)]
    (tmp_path / "a.csv").write_text("\n".join(["name,p,q,hours,kind", *rows, ""]))
    config = """
data: {source: a.csv, target: kind, id: name, weight: hours, validation: 0.3}
layers: [{type: linear, out_features: 3}]
loss: cross_entropy
class_weight: {a: 1, b: 2, c: 9}
"""
    trained(tmp_path, config)
    everything = worst_of(tmp_path, 100, "--data", "a.csv")
    assert len(everything) == 48
    predicted = predictions(tmp_path, "a.csv")
    for row in everything:
        n = row["sample"] - 1
        said = predicted[n]
        assert list(row) == ["id", "line", "sample", "true", "predicted", "probability", "loss"]
        assert (row["id"], row["line"]) == (f"s-{n}", n + 2) == (said["name"], n + 2)
        assert row["true"] == rows[n][-1]
        assert row["predicted"] == said["prediction"]
        assert row["probability"] == pytest.approx(float(said[f"probability_{row['predicted']}"]))
        assert row["loss"] == pytest.approx(-np.log(float(said[f"probability_{row['true']}"])), rel=1e-5)
        assert n % 5
    own = worst_of(tmp_path, 3)  # of the validation samples, which are some rows of the file
    for row in own:
        assert row["true"] == rows[row["sample"] - 1][-1]
        assert row["id"] == f"s-{row['sample'] - 1}"
    plain = report_of("eval", "runs/a", cwd=tmp_path)
    assert report_of("eval", "runs/a", "--worst", "3", cwd=tmp_path) == plain | {"worst": own}


def test_values_are_in_their_own_units(tmp_path: Path) -> None:
    draw = np.random.default_rng(2)
    lines = [f"{x:.4f},{1000 * np.exp(x):.2f},{x + 3:.4f}" for x in draw.normal(size=50)]
    (tmp_path / "a.csv").write_text("\n".join(["x,price,rent", *lines]) + "\n")
    config = """
data: {source: a.csv, target: TARGET, features: [x], target_transform: [log, standard]}
layers: [{type: linear, out_features: OUTPUTS}]
loss: mse
"""
    trained(tmp_path, config.replace("TARGET", "price").replace("OUTPUTS", "1"))
    row = worst_of(tmp_path, 1)[0]
    assert row["true"] == float(lines[row["sample"] - 1].split(",")[1])
    said = predictions(tmp_path, "a.csv")[row["sample"] - 1]
    assert row["predicted"] == pytest.approx(float(said["price"]))
    done = nnctl("eval", "runs/a", "--worst", "2", cwd=tmp_path)
    assert ["line", "true", "predicted", "loss"] in [line.split() for line in done.stdout.splitlines()]

    (tmp_path / "runs").rename(tmp_path / "before")
    trained(tmp_path, config.replace("TARGET", "[price, rent]").replace("OUTPUTS", "2"))
    row = worst_of(tmp_path, 1)[0]
    assert list(row["true"]) == list(row["predicted"]) == ["price", "rent"]
    assert row["true"]["rent"] == float(lines[row["sample"] - 1].split(",")[2])


def test_windows_have_a_time_and_a_group(tmp_path: Path) -> None:
    days = np.arange("2024-01-01", "2024-02-10", dtype="datetime64[D]")
    rows = [f"{day},{name},{n % 7 + 10 * (name == 'b')}" for name in "ab" for n, day in enumerate(days)]
    (tmp_path / "a.csv").write_text("\n".join(["day,shop,sold", *rows]) + "\n")
    config = """
data: {source: a.csv, target: sold, series: {window: 5, group: shop}}
layers: [flatten, {type: linear, out_features: 1}]
loss: mse
"""
    trained(tmp_path, config)
    for row in worst_of(tmp_path, 3):
        day, shop, sold = rows[row["line"] - 2].split(",")
        assert (row["time"], row["group"], row["true"]) == (day, shop, float(sold))


def test_texts_are_shown(tmp_path: Path) -> None:
    words = [("good fine", "yes"), ("bad awful", "no")] * 20
    (tmp_path / "a.csv").write_text("\n".join(["text,likes", *(",".join(row) for row in words)]) + "\n")
    config = """
data: {source: a.csv, target: likes, text: {column: text}}
layers: [{type: embedding, embedding_dim: 4}, mean_over_steps, {type: linear, out_features: 1}]
loss: binary_cross_entropy
"""
    trained(tmp_path, config)
    row = worst_of(tmp_path, 1)[0]
    assert [row["text"], "no" if row["true"] == 0 else "yes"] == [*words[row["sample"] - 1]]
    assert row["predicted"] in (0, 1)
    assert 0.5 <= row["probability"] <= 1


def test_of_steps_the_worst_is_told(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    lengths = draw.integers(1, 7, 30)
    steps = np.arange(6) < lengths[:, np.newaxis]
    targets = np.where(steps, draw.integers(0, 3, (30, 6)), -1)
    np.savez(tmp_path / "a.npz", x=draw.normal(size=(30, 6, 2)).astype(np.float32), y=targets, lengths=lengths)
    config = """
data: a.npz
layers: [{type: linear, out_features: 3}]
loss: cross_entropy
"""
    trained(tmp_path, config)
    rows = predictions(tmp_path, "a.npz")
    for row in worst_of(tmp_path, 30):
        n = row["sample"] - 1
        said = [own for own in rows if own["row"] == str(row["sample"])]
        losses = [-np.log(float(own[f"probability_{targets[n, step]}"])) for step, own in enumerate(said)]
        assert row["loss"] == pytest.approx(np.mean(losses), rel=1e-5)
        assert row["step_loss"] == pytest.approx(max(losses), rel=1e-5)
        assert row["step"] == 1 + int(np.argmax(losses))
        assert row["true"] == str(targets[n, row["step"] - 1])
        assert row["predicted"] == said[row["step"] - 1]["prediction"]


def images(folder: Path, channels: int = 1) -> np.ndarray:
    """A run on 30 images of 6 x 5 pixels, of two classes."""
    pixels = np.random.default_rng(4).integers(0, 256, (30, 6, 5, channels), dtype=np.uint8)
    pixels[:, 0, 0], pixels[:, 0, 1] = 0, 255
    np.savez(folder / "a.npz", x=pixels, y=np.arange(30) % 2)
    config = """
data: {source: a.npz, standardize: true}
layers: [flatten, {type: linear, out_features: 2}]
loss: cross_entropy
"""
    trained(folder, config)
    return pixels


@pytest.mark.parametrize("channels", [1, 3])
def test_their_pictures_are_in_their_order(tmp_path: Path, channels: int) -> None:
    pixels = images(tmp_path, channels)
    done = nnctl("eval", "runs/a", "--worst", "13", "--worst-pictures", "w.png", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "wrote w.png" in done.stdout
    rows = face.evaluate(tmp_path / "runs" / "a", worst=13).report["worst"]
    sheet, enlarged = pixels_of((tmp_path / "w.png").read_bytes()), 64 // 6
    down, across = 6 * enlarged + GAP, 5 * enlarged + GAP
    assert sheet.shape[2] == channels
    for place, row in enumerate(rows):
        top, left = GAP + place // 10 * down, GAP + place % 10 * across
        own = sheet[top : top + 6 * enlarged : enlarged, left : left + 5 * enlarged : enlarged]
        np.testing.assert_array_equal(own, pixels[row["sample"] - 1])


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    images(tmp_path)
    (tmp_path / "there.png").write_bytes(b"mine")
    refused = refusal_of("eval", "runs/a", "--worst-pictures", "w.png", cwd=tmp_path, code=2)
    refused.says("--worst-pictures is set without --worst", "add --worst")
    refused = refusal_of("eval", "runs/a", "--worst", "3", "--worst-pictures", "there.png", cwd=tmp_path, code=2)
    refused.says("there.png", "is there already")
    refused = refusal_of("eval", "runs/a", "--worst", "3", "--worst-pictures", "w.jpg", cwd=tmp_path, code=2)
    refused.says("--worst-pictures writes a PNG file", "end its name in .png")
    done = nnctl("eval", "runs/a", "--worst", "0", "--json", cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["error"]["kind"]) == (2, "usage")


def test_samples_that_are_no_images_have_no_pictures(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.random.default_rng(1).normal(size=(20, 3)), y=np.arange(20) % 2)
    trained(tmp_path, "data: a.npz\nlayers: [{type: linear, out_features: 2}]\nloss: cross_entropy")
    refused = refusal_of("eval", "runs/a", "--worst", "3", "--worst-pictures", "w.png", cwd=tmp_path, code=2)
    refused.says("--worst-pictures is for images of 1 or 3 channels", "leave it out")


def test_ties_are_in_the_order_of_the_file_and_nan_comes_first() -> None:
    losses = np.array([1.0, 3.0, np.nan, 3.0, 0.0, np.inf])
    assert worst_rows(losses, None, 5).tolist() == [2, 5, 1, 3, 0]
    assert worst_rows(losses, np.array([1.0, 2, 0, 1, 1, 0]), 9).tolist() == [1, 3, 0, 4]
