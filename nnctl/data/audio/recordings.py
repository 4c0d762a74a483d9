"""Recordings: WAV files as features, all at one sample rate, and what there is to say of them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from nnctl.data.audio import feature_cache
from nnctl.data.audio.log_mel import LogMel
from nnctl.data.audio.resampling import needed_samples, resample, resampled_length
from nnctl.data.audio.wav import Header, read_header, read_signal
from nnctl.data.files import file_error, sha256
from nnctl.data.source import Array
from nnctl.text import listed, share

PADDED = 8  # times as long as the average: then what the longest takes is worth a word
VERSION = 1  # of how features are computed: a new one where a bit of them changes


@dataclass(frozen=True)
class Recording:
    """A WAV file of which the header was read."""

    path: Path
    header: Header

    @classmethod
    def of(cls, path: Path) -> Recording:
        """Raises DataError for what is no sound WAV file."""
        return cls(path, read_header(path))

    def samples(self, rate: int) -> int:
        """How many there are at this rate."""
        return resampled_length(self.header.samples, self.header.rate, rate)

    def frames(self, mel: LogMel, most: int | None = None) -> int:
        """How many its features have, `most` of them at most."""
        own = mel.frames(self.samples(mel.rate))
        return own if most is None else min(own, most)

    def features(self, mel: LogMel, most: int | None = None) -> Array:
        """(frames, n_mels) float32. Raises DataError."""
        frames = self.frames(mel, most)
        needed = needed_samples(mel.samples(frames), self.header.rate, mel.rate)
        signal = resample(read_signal(self.path, self.header, needed), self.header.rate, mel.rate)
        return mel.features(signal, frames)


def usual_rate(recordings: Sequence[Recording]) -> int:
    """The sample rate that most have; of several the lowest."""
    counts = Counter(recording.header.rate for recording in recordings)
    return min(counts, key=lambda rate: (-counts[rate], rate))


def all_features(recordings: Sequence[Recording], mel: LogMel, most: int | None) -> Array:
    """The features of all, one recording after the other, (frames of all, n_mels) float32, computed or kept.

    most: frames of each. Raises DataError.
    """
    frames = [recording.frames(mel, most) for recording in recordings]
    digests = [sha256(recording.path) for recording in recordings]
    known = [VERSION, np.__version__, asdict(mel), list(zip(digests, frames, strict=True))]
    key = hashlib.sha256(json.dumps(known).encode()).hexdigest()
    features = feature_cache.load(key, (sum(frames), mel.n_mels))
    if features is None:
        features = np.concatenate([recording.features(mel, most) for recording in recordings])
        for recording, digest in zip(recordings, digests, strict=True):
            if sha256(recording.path) != digest:
                raise file_error(recording.path, "changed while it was read", "wait until it is written, and try again")
        feature_cache.store(key, features)
    return features


def padded(features: Array, lengths: Array, steps: int) -> Array:
    """A sample each, (N, steps, n_mels) float32, 0 beyond its length. features: of all, one after the other.

    lengths: (N,), of each, `steps` at most.
    """
    out = np.zeros((len(lengths), steps, features.shape[1]), np.float32)
    out[np.arange(steps) < lengths[:, np.newaxis]] = features
    return out


def are_silent(features: Array, lengths: Array, mel: LogMel) -> Array:
    """Which recordings have no band above the floor, (N,) truth values. features, lengths: as in `padded`."""
    is_quiet = (features <= np.float32(np.log(mel.floor))).all(axis=1)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return np.asarray(np.logical_and.reduceat(is_quiet, starts))


def note_on_silence(names: Sequence[str], total: int) -> str:
    """names: of those that are silent, among so many."""
    are = "is" if len(names) == 1 else "are"
    return f"{share(len(names), total, 'recordings')} {are} silent, no band is above `floor`: {listed(names, 3)}"


def notes_on(recordings: Sequence[Recording], mel: LogMel, most: int) -> tuple[str, ...]:
    """What is done to recordings that are not alike. most: frames, to which longer ones are cut."""
    total, what = len(recordings), "recordings"
    notes = []
    if mixed := sum(recording.header.channels > 1 for recording in recordings):
        are = "has" if mixed == 1 else "have"
        notes.append(f"{share(mixed, total, what)} {are} several channels: their mean is taken")
    rates = Counter(recording.header.rate for recording in recordings if recording.header.rate != mel.rate)
    if rates:
        others = listed(f"{rate:,} Hz" for rate in sorted(rates))
        are = "is" if rates.total() == 1 else "are"
        notes.append(f"{share(rates.total(), total, what)} {are} resampled from {others} to {mel.rate:,} Hz")
    if short := sum(recording.samples(mel.rate) < mel.frame for recording in recordings):
        are = "is" if short == 1 else "are"
        notes.append(f"{share(short, total, what)} {are} shorter than a frame, and filled up with silence")
    if cut := sum(recording.frames(mel) > most for recording in recordings):
        are = "is" if cut == 1 else "are"
        limit = f"{mel.samples(most) / mel.rate:.4g} s"
        notes.append(f"{share(cut, total, what)} {are} cut to {limit}, the longest that the network takes (`seconds`)")
    return tuple(notes)


def note_on_padding(recordings: Sequence[Recording], mel: LogMel) -> str:
    """What to say where most of the samples would be padding, because of a few long recordings; else nothing."""
    frames = [recording.frames(mel) for recording in recordings]
    if sum(frames) * PADDED > max(frames) * len(frames):
        return ""
    longest = max(recordings, key=lambda recording: recording.frames(mel))
    seconds = sorted(recording.samples(mel.rate) / mel.rate for recording in recordings)
    return (
        f"{longest.path.name} lasts {seconds[-1]:.3g} s, and half of the recordings at most "
        f"{seconds[len(seconds) // 2]:.3g} s: training is faster with a limit, `seconds`"
    )
