"""Recordings: their features, lengths, rates and splits, and the cache that holds them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from nnctl.data import dataset as datasets
from nnctl.data.audio import recordings
from nnctl.data.audio.log_mel import LogMel
from nnctl.data.dataset import Dataset, open_dataset, open_samples
from nnctl.data.fitting import FittedData
from nnctl.data.formats.audio import Audio
from nnctl.data.formats.idx import IDX
from nnctl.data.formats.npz import NPZ
from nnctl.data.source import Samples, find_format
from nnctl.errors import DataError, UsageError
from tests.support.sounds import tone, two_tones, write_wav
from tests.support.sources import refusal, source


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("NNCTL_CACHE_DIR", str(folder))
    return folder / "features"


def opened(folder: Path, **keys: Any) -> Dataset:
    return open_dataset(source({"source": str(folder), **keys}), "classes", 0, "float32")


def fitted(dataset: Dataset) -> FittedData:
    return FittedData(dataset.preprocessing, None, dataset.classes)


def test_it_is_recognised(tmp_path: Path) -> None:
    two_tones(tmp_path / "a" / "train", 1)
    assert find_format(tmp_path / "a") is Audio
    assert find_format(tmp_path / "a" / "train" / "low") is Audio
    assert find_format(tmp_path / "gone.WAV") is Audio
    assert find_format(tmp_path / "gone.npz") is NPZ
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "train-images-idx3-ubyte").touch()
    assert find_format(tmp_path / "b") is IDX


def test_features_and_lengths(tmp_path: Path) -> None:
    train = Audio(source="x", n_mels=8).read(two_tones(tmp_path)).train
    assert train is not None
    assert train.names[:2] == ("high/anna_0.wav", "high/anna_3.wav")
    assert train.targets.tolist() == ["high"] * 6 + ["low"] * 6
    assert train.lengths is not None
    assert train.lengths[:2].tolist() == [8, 14]  # 0.1 s and 0.16 s in frames of 25 ms, one each 10 ms
    inputs = train.inputs
    assert isinstance(inputs, np.ndarray)
    assert (inputs.shape, inputs.dtype) == ((12, 18, 8), np.dtype(np.float32))
    assert (inputs[0, 8:] == 0).all()
    mel = LogMel(8000, 200, 80, 256, 8, 0.0, 4000.0, 1e-6)
    own = recordings.Recording.of(tmp_path / "high" / "anna_0.wav").features(mel)
    np.testing.assert_array_equal(inputs[0, :8], own)


def test_splits_of_its_own(tmp_path: Path) -> None:
    two_tones(tmp_path, 6, "train")
    two_tones(tmp_path, 3, "test")
    two_tones(tmp_path, 2, "val")
    dataset = opened(tmp_path)
    assert {name: len(split) for name, split in dataset.splits().items()} == {"train": 12, "validation": 4, "test": 6}
    assert dataset.classes == ("high", "low")
    assert dataset.inputs_shape == (18, 40)
    assert isinstance(dataset.source, Audio)
    assert (dataset.source.sample_rate, dataset.source.seconds) == (8000, 0.195)
    train, lengths = dataset.train.inputs, dataset.train.lengths
    assert lengths is not None
    real = train[np.arange(18) < lengths[:, np.newaxis]]
    np.testing.assert_allclose(real.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(real.std(axis=0), 1, atol=1e-4)


def test_what_is_inferred_gives_the_same_again(tmp_path: Path) -> None:
    for seconds in (0.1, 0.123, 0.25, 0.331):
        folder = tmp_path / str(seconds)
        for name in ("a", "b"):
            write_wav(folder / name / "1.wav", tone(300, seconds, 11025), 11025)
        first = opened(folder)
        again = open_dataset(first.source, "classes", 0, "float32", fitted=fitted(first))
        np.testing.assert_array_equal(first.train.inputs, again.train.inputs)


def test_longer_recordings_are_cut_and_told(tmp_path: Path) -> None:
    two_tones(tmp_path, 3, "train")
    two_tones(tmp_path, 6, "test")
    dataset = opened(tmp_path, standardize=False)
    assert dataset.inputs_shape == (12, 40)
    told = "6 of the 12 recordings are cut to 0.135 s, the longest that the network takes (`seconds`)"
    assert any(note.endswith(told) for note in dataset.split_notes["test"])
    assert not dataset.split_notes["train"]
    assert dataset.test is not None
    assert dataset.test.lengths is not None
    assert dataset.test.lengths.tolist() == [8, 12, 10, 12, 12, 12] * 2
    longer = opened(tmp_path / "test", seconds=1.0, standardize=False)
    np.testing.assert_array_equal(dataset.test.inputs[1], longer.train.inputs[1, :12])
    assert longer.inputs_shape == (98, 40)


def test_rates_and_channels(tmp_path: Path) -> None:
    two_tones(tmp_path, 3)
    write_wav(tmp_path / "low" / "fast.wav", tone(300, 0.1, 16000), 16000)
    write_wav(tmp_path / "low" / "stereo.wav", np.stack([tone(300, 0.1), np.zeros(800)], axis=1))
    dataset = opened(tmp_path)
    assert "1 of the 8 recordings has several channels: their mean is taken" in dataset.notes
    assert "1 of the 8 recordings is resampled from 16,000 Hz to 8,000 Hz" in dataset.notes
    notes = opened(tmp_path, sample_rate=16000).notes
    assert "7 of the 8 recordings are resampled from 8,000 Hz to 16,000 Hz" in notes


def test_a_resampled_recording_has_nearly_the_same_features(tmp_path: Path) -> None:
    mel = LogMel(8000, 200, 80, 256, 10, 100.0, 3000.0, 1e-6)
    slow, fast = (
        recordings.Recording.of(write_wav(tmp_path / f"{rate}.wav", 0.5 * np.sin(np.arange(rate) * 4000 / rate), rate))
        for rate in (8000, 44100)
    )
    a, b = slow.features(mel), fast.features(mel)
    assert a.shape == b.shape
    loud = a > a.max() - 8  # elsewhere both are the rounding of 16 bits
    np.testing.assert_allclose(a[4:-4][loud[4:-4]], b[4:-4][loud[4:-4]], atol=0.05)
    np.testing.assert_array_equal(fast.features(mel, 10), b[:10])


def test_short_and_very_long_recordings_are_told(tmp_path: Path) -> None:
    two_tones(tmp_path, 6)
    write_wav(tmp_path / "low" / "click.wav", tone(300, 0.01))
    assert "1 of the 13 recordings is shorter than a frame, and filled up with silence" in opened(tmp_path).notes
    write_wav(tmp_path / "low" / "long.wav", tone(300, 5.0))
    (note,) = (note for note in opened(tmp_path).notes if "long.wav" in note)
    assert note.endswith("half of the recordings at most 0.16 s: training is faster with a limit, `seconds`")
    assert not any("long.wav" in note for note in opened(tmp_path, seconds=0.3).notes)


def test_the_same_bits_with_and_without_the_cache(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = two_tones(tmp_path / "a")
    computed = opened(folder).train.inputs
    (kept,) = cache.iterdir()
    with monkeypatch.context() as patched:
        patched.setattr(recordings.Recording, "features", None)
        shutil.move(folder, tmp_path / "b")
        np.testing.assert_array_equal(opened(tmp_path / "b").train.inputs, computed)  # known by content
        with pytest.raises(TypeError):
            opened(tmp_path / "b", n_mels=20)
    kept.write_bytes(kept.read_bytes()[:-4] + b"\0\0\0\0")
    np.testing.assert_array_equal(opened(tmp_path / "b").train.inputs, computed)
    write_wav(tmp_path / "b" / "low" / "anna_0.wav", tone(500, 0.1))
    assert not np.array_equal(opened(tmp_path / "b").train.inputs, computed)
    assert len(list(cache.iterdir())) == 2


def test_a_recording_that_changes_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = two_tones(tmp_path, 2)
    real = LogMel.features

    def and_changed(mel: LogMel, signal: Any, frames: int) -> Any:
        write_wav(folder / "low" / "anna_0.wav", tone(500, 0.1))
        return real(mel, signal, frames)

    monkeypatch.setattr(LogMel, "features", and_changed)
    with pytest.raises(DataError, match=r"anna_0\.wav: changed while it was read"):
        opened(folder)


def test_a_speaker_is_set_aside(tmp_path: Path) -> None:
    dataset = opened(two_tones(tmp_path, 6), test={"name": "anna_*"}, validation={"name": ["ben_1*"]})
    assert {name: len(split) for name, split in dataset.splits().items()} == {"train": 6, "validation": 2, "test": 4}
    assert dataset.test is not None
    alone = two_tones(tmp_path / "other", 6)
    for file in alone.rglob("*.wav"):
        if not file.name.startswith("anna"):
            file.unlink()
    samples, _, _ = open_samples(dataset.source, alone, "test", "classes", "float32", fitted(dataset))
    np.testing.assert_array_equal(samples.inputs, dataset.test.inputs)


def test_names_need_files(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.eye(4), y=[0, 1, 0, 1])
    with pytest.raises(DataError, match=r"data\.test\.name: is a pattern for the names of files"):
        opened(tmp_path / "a.npz", test={"name": "anna_*"})


def test_one_class_alone_is_refused_with_what_is_ignored(tmp_path: Path) -> None:
    two_tones(tmp_path, 3)
    (tmp_path / "high").rename(tmp_path / "deep")
    (tmp_path / "high").mkdir()
    (tmp_path / "deep").rename(tmp_path / "high" / "deep")
    with pytest.raises(DataError) as caught:
        opened(tmp_path)
    assert "has recordings of one class only, low" in refusal(caught)
    assert "into a folder of their own, with its name, beside this one (ignored: 1 folder (high))" in refusal(caught)


def test_silence_is_told(tmp_path: Path) -> None:
    two_tones(tmp_path, 3)
    assert not any("silent" in note for note in opened(tmp_path).notes)
    write_wav(tmp_path / "low" / "dead.wav", np.zeros(900))
    told = "1 of the 7 recordings is silent, no band is above `floor`: low/dead.wav"
    assert told in opened(tmp_path).notes
    assert told in opened(tmp_path, seconds=0.05).notes
    (note,) = (note for note in opened(tmp_path, floor=1e9).notes if "silent" in note)
    assert note.startswith("all 7 recordings are silent")


def test_other_folders_are_read_alike(tmp_path: Path) -> None:
    two_tones(tmp_path / "a", 6)
    two_tones(tmp_path / "b", 3)
    write_wav(tmp_path / "b" / "low" / "fast.wav", tone(300, 0.1, 16000), 16000)
    dataset = opened(tmp_path / "a", test=str(tmp_path / "b"))
    assert dataset.test is not None
    assert dataset.test.inputs.shape == (7, 18, 40)
    (note,) = (note for note in dataset.split_notes["test"] if "resampled" in note)
    assert "1 of the 7 recordings is resampled" in note


def test_an_unknown_class_is_told_with_its_file(tmp_path: Path) -> None:
    dataset = opened(two_tones(tmp_path / "a", 3))
    other = two_tones(tmp_path / "b", 1)
    (other / "low").rename(other / "middle")
    with pytest.raises(DataError) as caught:
        open_samples(dataset.source, other, "test", "classes", "float32", fitted(dataset))
    assert "b/middle/anna_0.wav: the class middle is not among the 2 known ones: high, low" in refusal(caught)


def test_recordings_without_targets(tmp_path: Path) -> None:
    dataset = opened(two_tones(tmp_path / "a", 6))
    stream = dataset.source.stream(tmp_path / "a", dataset.preprocessing, "float32")
    (block,) = stream.blocks
    assert (stream.id, stream.count, stream.has_lengths) == ("file", 12, True)
    assert block.ids[:2] == ("high/anna_0.wav", "high/anna_3.wav")
    np.testing.assert_array_equal(block.inputs, dataset.train.inputs)
    one = dataset.source.stream(tmp_path / "a" / "low" / "ben_1.wav", dataset.preprocessing, "float32")
    (alone,) = one.blocks
    assert alone.ids == ("ben_1.wav",)
    np.testing.assert_array_equal(alone.inputs[0], dataset.train.inputs[8])
    with pytest.raises(UsageError, match="leave --id out: samples are named by their files"):
        dataset.source.stream(tmp_path / "a", dataset.preprocessing, "float32", id="ring")


def test_blocks_of_recordings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = opened(two_tones(tmp_path, 6))
    monkeypatch.setattr("nnctl.data.formats.audio.block_rows", lambda numbers: 5)
    blocks = list(dataset.source.stream(tmp_path, dataset.preprocessing, "float32").blocks)
    assert [len(block.ids) for block in blocks] == [5, 5, 2]
    np.testing.assert_array_equal(np.concatenate([block.inputs for block in blocks]), dataset.train.inputs)


def test_a_network_of_other_arrays_takes_no_recordings(tmp_path: Path) -> None:
    two_tones(tmp_path / "a", 2)
    np.savez(tmp_path / "a.npz", x=np.ones((4, 5, 40)), y=[0, 1, 0, 1], lengths=[5, 5, 4, 3])
    dataset = opened(tmp_path / "a.npz")
    for opening in (
        lambda: datasets.source_for(tmp_path / "a", dataset.source).stream(
            tmp_path / "a", dataset.preprocessing, "float32"
        ),
        lambda: open_samples(dataset.source, tmp_path / "a", "test", "classes", "float32", fitted(dataset)),
    ):
        with pytest.raises(DataError, match="the network was trained on arrays of another format"):
            opening()


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"f_max": 5000.0}, "data.f_max: is above 4,000 Hz, half the sample rate help: leave it out"),
        ({"f_min": 4000.0}, "data.f_min: is 4,000 Hz, and the highest band ends at 4,000 Hz"),
        (
            {"n_fft": 128},
            "data.n_fft: is 128, and a frame has 200 samples at 8,000 Hz help: use 200 or more, or leave it out",
        ),
        ({"frame_length": 0.0001}, "data.frame_length: is less than 2 samples at 8,000 Hz"),
        ({"hop_length": 0.00001}, "data.hop_length: is less than a sample at 8,000 Hz"),
        ({"n_mels": 200}, "data.n_mels: "),
    ],
)
def test_keys_that_do_not_fit_the_rate(tmp_path: Path, keys: dict[str, Any], says: str) -> None:
    with pytest.raises(DataError) as caught:
        opened(two_tones(tmp_path, 2), **keys)
    assert says in refusal(caught)


@pytest.mark.parametrize("keys", [{"seconds": 0.01}, {"scale": 255}, {"shape": [5, 40]}, {"n_mels": 0}, {"floor": 0}])
def test_keys_that_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        source({"source": "a.wav", **keys})


def test_a_single_file_has_no_class(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(300, 0.1))
    with pytest.raises(DataError, match="a recording's class is the name of its folder"):
        opened(path)


def test_more_than_memory_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnctl.data.files.memory_limit", lambda: 1 << 20)
    for name in ("a", "b"):
        write_wav(tmp_path / name / "1.wav", tone(300, 60.0))
    with pytest.raises(DataError, match=r"as long as the longest, would take .* of memory"):
        opened(tmp_path)
    with pytest.raises(DataError, match=r"70 s each, would take .* of memory") as caught:
        opened(tmp_path, seconds=70)
    assert "set a lower limit, `seconds`" in refusal(caught)


def test_nothing_beyond_a_length_counts(tmp_path: Path) -> None:
    """What is cut off has no influence on what is kept."""
    first = Audio(source="x", seconds=0.1).read(two_tones(tmp_path / "a", 6)).train
    for file in (tmp_path / "a").rglob("*.wav"):
        content = bytearray(file.read_bytes())
        content[44 + 2 * 800 :] = b"\x55" * len(content[44 + 2 * 800 :])
        file.write_bytes(content)
    second = Audio(source="x", seconds=0.1).read(tmp_path / "a").train
    assert isinstance(first, Samples)
    assert isinstance(second, Samples)
    np.testing.assert_array_equal(first.inputs, second.inputs)
