"""Recordings by the real command: trained on, measured, predicted, and what is wrong with them."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import numpy as np
import pytest

from tests.support.command import nnctl, report_of
from tests.support.refusal import refusal_of
from tests.support.sounds import tone, two_tones, wav_bytes, write_wav

CONFIG = """
data: {source: sounds, n_mels: 8, validation: 0.2}
layers:
  - mean_over_steps
  - {type: linear, out_features: 2}
loss: cross_entropy
learning_rate: 0.05
batch_size: 8
epochs: 10
"""


def project(folder: Path, config: str = CONFIG) -> Path:
    (folder / "config.yaml").write_text(config)
    two_tones(folder / "sounds", 12)
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("project"))
    assert nnctl("train", "config.yaml", "--run", "run", "-q", cwd=folder).returncode == 0
    return folder


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_a_folder_is_predicted_file_by_file(trained: Path) -> None:
    done = nnctl("predict", "run", "sounds", cwd=trained)
    assert done.returncode == 0, done.stderr
    header, *predicted = rows(done.stdout)
    assert header == ["file", "prediction", "probability_high", "probability_low"]
    assert [row[0] for row in predicted] == sorted(row[0] for row in predicted)
    assert len(predicted) == 24
    assert all(row[0].startswith(f"{row[1]}/") for row in predicted)
    assert done.stderr == ""


def test_a_single_recording(trained: Path, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "new.wav", np.stack([tone(1500, 1.0, 16000)] * 2, axis=1), 16000)
    done = nnctl("predict", trained / "run", path, cwd=tmp_path)
    assert [row[:2] for row in rows(done.stdout)[1:]] == [["new.wav", "high"]]
    for note in (
        "the only recording has several channels: their mean is taken",
        "the only recording is resampled from 16,000 Hz to 8,000 Hz",
        "the only recording is cut to 0.315 s, the longest that the network takes (`seconds`)",
    ):
        assert f"note: {note}\n" in done.stderr


def test_a_name_of_any_bytes_is_printed(trained: Path, tmp_path: Path) -> None:
    write_wav(tmp_path / "s" / os.fsdecode(b"caf\xe9.wav"), tone(300, 0.2))
    done = nnctl("predict", trained / "run", "s", cwd=tmp_path)
    assert rows(done.stdout)[1][:2] == ["caf\\xe9.wav", "low"]


def test_eval_takes_other_folders(trained: Path, tmp_path: Path) -> None:
    report = report_of("eval", trained / "run", cwd=trained)
    assert report["split"] == "validation"
    report = report_of("eval", trained / "run", "--data", two_tones(tmp_path / "new", 3), cwd=tmp_path)
    assert (report["samples"], report["metrics"]["accuracy"]) == (6, 1.0)


def test_check_shows_shapes_classes_and_notes(trained: Path) -> None:
    (trained / "sounds" / "README.md").write_text("by hand")
    report = report_of("check", "config.yaml", cwd=trained)
    (trained / "sounds" / "README.md").unlink()
    assert report["inputs"] == [30, 8]
    assert report["data"]["splits"]["validation"]["classes"] == {"high": 3, "low": 2}
    assert report["notes"] == ["ignored: 1 other file (README.md)"]


def test_a_run_goes_on_to_the_same_bits(trained: Path, tmp_path: Path) -> None:
    project(tmp_path)
    assert nnctl("train", "config.yaml", "epochs=4", "--run", "run", "-q", cwd=tmp_path).returncode == 0
    assert nnctl("train", "config.yaml", "--run", "run", "--resume", "-q", cwd=tmp_path).returncode == 0
    last = Path("run", "checkpoints", "last.safetensors")
    resumed, whole = (json.loads((folder / "run" / "result.json").read_text()) for folder in (tmp_path, trained))
    assert resumed["metrics"] == whole["metrics"]
    assert (tmp_path / last).stat().st_size == (trained / last).stat().st_size


def test_a_speaker_left_out(tmp_path: Path) -> None:
    project(tmp_path)
    done = nnctl("train", "config.yaml", "data.test={name: 'anna_*'}", "epochs=1", "--run", "run", "-q", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert report_of("eval", "run", cwd=tmp_path)["samples"] == 8
    refusal = refusal_of("train", "config.yaml", "data.test={name: 'dora_*'}", cwd=tmp_path, code=3)
    refusal.says("data.test.name: takes none of the 24 samples", "they are named like anna_0.wav")


SOUND = wav_bytes(bytes(1600))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (SOUND[:-100], "is truncated: its header says 1,600 bytes of sound, 1,500 bytes follow"),
        (b"", "is empty"),
        (wav_bytes(b""), "holds no sound: it has 0 samples"),
        (b"hello, this is text", "is not a WAV file"),
        (wav_bytes(bytes(1600), tag=7, bits=8), "is compressed (mu-law)"),
    ],
)
def test_bad_recordings(trained: Path, tmp_path: Path, content: bytes, says: str) -> None:
    project(tmp_path)
    bad = tmp_path / "sounds" / "low" / "bad.wav"
    bad.write_bytes(content)
    for command in (
        ("train", "config.yaml"),
        ("predict", trained / "run", "sounds", "-o", "out.csv"),
        ("eval", trained / "run", "--data", "sounds"),
    ):
        refusal_of(*command, cwd=tmp_path, code=3).says("sounds/low/bad.wav: ", says)


def test_a_link_to_nowhere(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "sounds" / "low" / "new.wav").symlink_to("gone.wav")
    refusal_of("train", "config.yaml", cwd=tmp_path, code=3).says("new.wav: is a link to gone.wav")


def test_one_class(tmp_path: Path) -> None:
    project(tmp_path)
    for file in (tmp_path / "sounds" / "low").iterdir():
        file.unlink()
    refusal = refusal_of("train", "config.yaml", cwd=tmp_path, code=3)
    refusal.says("sounds: has recordings of one class only, high", "ignored: 1 folder (low)")


@pytest.mark.slow
def test_a_cache_that_cannot_be_made_changes_nothing(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "features").write_text("a file where the folder would be")
    first = report_of("check", "config.yaml", cwd=tmp_path, NNCTL_CACHE_DIR=str(tmp_path / "cache"))
    (tmp_path / "cache" / "features").unlink()
    second = report_of("check", "config.yaml", cwd=tmp_path, NNCTL_CACHE_DIR=str(tmp_path / "cache"))
    third = report_of("check", "config.yaml", cwd=tmp_path, NNCTL_CACHE_DIR=str(tmp_path / "cache"))
    assert len(list((tmp_path / "cache" / "features").iterdir())) == 1
    assert first == second == third
