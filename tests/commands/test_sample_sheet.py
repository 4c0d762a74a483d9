"""`nnctl check --pictures`: training samples, as they are and as training augments them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nnctl as package
from nnctl.commands.picture_sheet import GAP, GREY
from nnctl.commands.sample_sheet import EPOCHS, SAMPLES
from nnctl.data.batches import order
from nnctl.training.metrics_file import Row
from nnctl.training.observers.observer import Observer, Run
from tests.support.command import CONFIGS, nnctl, report_of
from tests.support.layer_check import Array
from tests.support.png import pixels_of
from tests.support.refusal import refusal_of

CONFIG = """
data: {source: images.npz, KEYS}
layers:
  - {type: random_crop, size: [8, 6], padding: 2}
  - {type: random_flip, axis: vertical}
  - {type: random_affine, degrees: 30}
  - {type: conv2d, out_channels: 2, kernel_size: 3}
  - flatten
  - {type: linear, out_features: 2}
loss: cross_entropy
batch_size: 20
epochs: 2
"""


def write(folder: Path, shape: tuple[int, ...] = (8, 8, 3), keys: str = "", config: str = CONFIG) -> Path:
    images = np.random.default_rng(3).integers(0, 256, (20, *shape), dtype=np.uint8)
    images[:, 0, 0], images[:, 0, 1] = 0, 255
    np.savez(folder / "images.npz", x=images, y=np.arange(20) % 2)
    path = folder / "config.yaml"
    path.write_text(config.replace(", KEYS", f", {keys}" if keys else ""))
    return path


def pictures(sheet: Array, height: int, width: int) -> Array:
    """Those on a sheet, (rows, columns, height, width, C). height, width: of the largest."""
    enlarged = 64 // max(height, width)
    down, across = height * enlarged + GAP, width * enlarged + GAP
    assert sheet.shape[:2] == (SAMPLES * down + GAP, (1 + EPOCHS) * across + GAP)
    rows = [sheet[GAP + row * down :][: height * enlarged : enlarged] for row in range(SAMPLES)]
    return np.array(
        [
            [row[:, GAP + column * across :][:, : width * enlarged : enlarged] for column in range(1 + EPOCHS)]
            for row in rows
        ]
    )


class Reader(Observer):
    """Keeps what the convolution got in the last batch of each epoch, of so many samples."""

    def __init__(self, samples: int = 20) -> None:
        self._n = samples

    def started(self, run: Run) -> None:
        self.network = run.network
        self.inputs: list[Array] = []

    def finished_epoch(self, row: Row, best: bool) -> None:
        arrays = {name: arrays for name, _, arrays in self.network.walk(self._n)}
        self.inputs.append(arrays["layers.3"].inputs.copy())


@pytest.mark.parametrize(
    ("channels", "keys"), [(3, ""), (1, ""), (3, "standardize: true"), (3, "standardize: true, scale: 100.0")]
)
def test_the_pictures_are_what_training_gets(tmp_path: Path, channels: int, keys: str) -> None:
    config = write(tmp_path, (8, 8, channels), keys)
    report = report_of("check", config, "--pictures", "sheet.png", cwd=tmp_path)
    assert report["pictures"] == "sheet.png"
    assert not any("augment" in note for note in report["notes"])
    shown = pictures(pixels_of((tmp_path / "sheet.png").read_bytes()), 8, 8)
    samples = order(0, 1, 20)[:SAMPLES]
    raw = np.load(tmp_path / "images.npz")["x"]
    np.testing.assert_array_equal(shown[:, 0], raw[samples])

    reader = Reader()
    package.train(config, run=tmp_path / "run", observers=[reader])
    scaled = raw / (100 if "scale" in keys.split(", ")[-1] and "100" in keys else 255)
    mean, std = (scaled.mean(axis=(0, 1, 2)), scaled.std(axis=(0, 1, 2))) if keys else (0.0, 1.0)
    for epoch, inputs in enumerate(reader.inputs, start=1):
        places = [int(np.flatnonzero(order(0, epoch, 20) == sample)[0]) for sample in samples]
        expected = (inputs[places] * std + mean) * (raw.max() / scaled.max())
        assert np.abs(shown[:, epoch, :, :6].astype(float) - expected.clip(0, 255)).max() < 0.51
        assert (shown[:, epoch, :, 6:] == GREY).all()
    assert len({array.tobytes() for array in shown[0]}) > 2


def test_of_the_second_batch_of_a_step_as_well(tmp_path: Path) -> None:
    """The network has that of an epoch's only step in its arrays when the epoch ends."""
    config = write(tmp_path, (8, 8, 3), "")
    settings = "batch_size=10", "gradient_accumulation=2", "epochs=3"
    report_of("check", config, *settings, "--pictures", "sheet.png", cwd=tmp_path)
    shown = pictures(pixels_of((tmp_path / "sheet.png").read_bytes()), 8, 8)
    reader, samples, compared = Reader(10), order(0, 1, 20)[:SAMPLES], 0
    package.train(config, settings, run=tmp_path / "run", observers=[reader])
    for epoch, inputs in enumerate(reader.inputs, start=1):
        for row, sample in enumerate(samples):
            place = int(np.flatnonzero(order(0, epoch, 20) == sample)[0]) - 10
            if place >= 0:
                expected = inputs[place] * 255
                assert np.abs(shown[row, epoch, :, :6].astype(float) - expected.clip(0, 255)).max() < 0.51
                compared += 1
    assert compared > 3


def test_numbers_that_are_no_bytes(tmp_path: Path) -> None:
    config = write(tmp_path)
    raw = np.load(tmp_path / "images.npz")["x"]
    np.savez(tmp_path / "images.npz", x=(raw / 255).astype(np.float32), y=np.arange(20) % 2)
    report_of("check", config, "--pictures", "sheet.png", cwd=tmp_path)
    shown = pictures(pixels_of((tmp_path / "sheet.png").read_bytes()), 8, 8)
    np.testing.assert_array_equal(shown[:, 0], raw[order(0, 1, 20)[:SAMPLES]])


def test_people_are_told_where_it_is_and_that_nothing_augments(tmp_path: Path) -> None:
    layers = CONFIG.split("  - {type: conv2d")
    config = write(tmp_path, config=f"{layers[0].partition('  -')[0]}  - {{type: conv2d{layers[1]}")
    done = nnctl("check", config, "--pictures", "sheet.png", cwd=tmp_path)
    assert done.returncode == 0
    assert "wrote sheet.png: a row a sample" in done.stdout
    assert "note: no layer augments samples" in done.stderr


def test_without_it_nothing_is_written(tmp_path: Path) -> None:
    assert report_of("check", write(tmp_path), cwd=tmp_path)["pictures"] is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml", "images.npz"]


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    config = write(tmp_path)
    (tmp_path / "there.png").write_bytes(b"mine")
    (tmp_path / "link.png").symlink_to("nowhere")
    for name in ("there.png", "link.png"):
        refusal_of("check", config, "--pictures", name, cwd=tmp_path, code=2).says(name, "is there already")
    refusal = refusal_of("check", config, "--pictures", "sheet.jpg", cwd=tmp_path, code=2)
    refusal.says("writes a PNG file", "end its name in .png")
    refusal = refusal_of("check", config, "--pictures", "no/sheet.png", cwd=tmp_path, code=8)
    refusal.says("cannot be written", "--pictures FILE")


@pytest.mark.parametrize(
    ("shape", "layer", "what"),
    [
        ((8, 8), "flatten", "a sample here is 8×8"),
        ((8, 8, 2), "flatten", "a sample here is 8×8×2"),
        ((64,), "{type: linear, out_features: 2}", "a sample here is 64"),
    ],
)
def test_samples_that_are_no_images_are_refused(tmp_path: Path, shape: tuple[int, ...], layer: str, what: str) -> None:
    text = (
        f"data: images.npz\nlayers: [{layer}, {{type: linear, out_features: 2}}]\nloss: cross_entropy\nbatch_size: 2\n"
    )
    np.savez(tmp_path / "images.npz", x=np.zeros((20, *shape), np.float32), y=np.arange(20) % 2)
    (tmp_path / "config.yaml").write_text(text)
    refusal = refusal_of("check", "config.yaml", "--pictures", "sheet.png", cwd=tmp_path, code=2)
    refusal.says("--pictures is for images of 1 or 3 channels", what, "leave it out")


def test_a_table_is_refused(tmp_path: Path) -> None:
    refusal = refusal_of("check", CONFIGS / "function.yaml", "--pictures", "sheet.png", cwd=tmp_path, code=2)
    refusal.says("a sample here is 1", "leave it out")
