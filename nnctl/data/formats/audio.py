"""Recordings: WAV files in folders of classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from nnctl.data.arrays.file_format import FileFormat
from nnctl.data.arrays.preprocessing import ArrayPreprocessing
from nnctl.data.arrays.stream import RawInputs
from nnctl.data.audio.log_mel import LogMel
from nnctl.data.audio.recordings import (
    Recording,
    all_features,
    are_silent,
    note_on_padding,
    note_on_silence,
    notes_on,
    padded,
    usual_rate,
)
from nnctl.data.class_folders import FileKind, class_folders, files_named, require_classes
from nnctl.data.files import file_error, require_memory
from nnctl.data.source import Array, Contents, Samples
from nnctl.data.stream import block_rows
from nnctl.errors import DataError, Problem
from nnctl.regular_file import reading, shown


class Audio(FileFormat):
    """A folder of WAV files in folders that have the names of their classes: `yes/1.wav`, or `train/yes/1.wav` and
    `test/yes/1.wav`.

    Each recording becomes a sequence of log-mel features: (T, n_mels), with its own length.
    """

    format: Literal["audio"] = "audio"
    files: ClassVar[FileKind] = FileKind((".wav", ".wave"), ".wav file")
    suffixes: ClassVar[tuple[str, ...]] = files.suffixes
    other_files: ClassVar[str] = "a folder of WAV files in folders of their classes"
    standardize: bool = True
    """Subtract the training samples' mean and divide by their standard deviation, in each band."""
    sample_rate: int | None = Field(default=None, ge=1000, le=1_000_000)
    """Samples per second; recordings with others are resampled. Unset: that of most recordings to train on."""
    seconds: float | None = Field(default=None, gt=0.0)
    """The longest that a recording may be: longer ones are cut. Unset: the longest to train on."""
    frame_length: float = Field(default=0.025, gt=0.0, le=10.0)
    """Seconds of a frame, of which a step's features are computed."""
    hop_length: float = Field(default=0.010, gt=0.0, le=10.0)
    """Seconds from the beginning of a frame to that of the next."""
    n_fft: int | None = Field(default=None, ge=2, le=1 << 16)
    """Samples of the Fourier transform of a frame. Unset: the power of 2 that holds a frame."""
    n_mels: int = Field(default=40, ge=1, le=1024)
    """Bands: the features of a step."""
    f_min: float = Field(default=0.0, ge=0.0)
    """Where the lowest band begins, in Hz."""
    f_max: float | None = Field(default=None, gt=0.0)
    """Where the highest band ends, in Hz. Unset: half the sample rate."""
    floor: float = Field(default=1e-6, gt=0.0)
    """The least power of a band, of which the logarithm is taken: what is quieter counts as silence."""

    @model_validator(mode="after")
    def _is_a_frame_long(self) -> Self:
        if self.seconds is not None and self.seconds < self.frame_length:
            raise ValueError(f"seconds is {self.seconds:g}, shorter than a frame; use {self.frame_length:g} or more")
        return self

    def read(self, path: Path) -> Contents:
        """The recordings of a folder's splits, or all as training samples.

        inputs: (N, T, n_mels) float32; targets: (N,), the names of the classes; names: of the files.
        """
        with reading(path, DataError):
            is_folder = path.is_dir()
            path.stat()
        if not is_folder:
            help = "name the folder that holds the folders of classes; `nnctl predict` takes a single recording"
            raise file_error(path, "is one file, and a recording's class is the name of its folder", help)
        folders = class_folders(path, self.files)
        if path == Path(self.source):
            require_classes(path, folders, "recordings")
        recordings = {split: [Recording.of(file) for file in own.files] for split, own in folders.splits.items()}
        first = next(iter(recordings.values()))  # those to train on, where there are any
        mel = self._log_mel(first)
        most = self._most_frames(mel) or max(recording.frames(mel) for recording in first)
        parts = {}
        for split, own in folders.splits.items():
            inputs, lengths, silent = self._inputs(recordings[split], mel, most, own.folder)
            notes = (folders.note,) if folders.note else ()
            if quiet := [own.names[row] for row in np.flatnonzero(silent)]:
                notes = (*notes, note_on_silence(quiet, len(own.files)))
            parts[split] = Samples(
                inputs,
                np.array(own.classes),
                origin=shown(own.folder),
                lengths=lengths,
                notes=(*notes, *notes_on(recordings[split], mel, most)),
                names=own.names,
                found={"sample_rate": mel.rate, "seconds": mel.samples(most) / mel.rate},
            )
        if self.seconds is None and (note := note_on_padding(first, mel)):
            split = next(iter(parts))
            parts[split] = replace(parts[split], notes=(*parts[split].notes, note))
        files = tuple(file for own in folders.splits.values() for file in own.files)
        return Contents(parts.get("train"), parts.get("test"), parts.get("validation"), files)

    def raw_inputs_of(self, paths: Sequence[Path]) -> RawInputs:
        """The features of recordings, and of all in folders and below, in the order of their names."""
        self._require_trained(shown(paths[0]))
        files, names, ignored = files_named(paths, self.files)
        recordings = [Recording.of(file) for file in files]
        mel = self._log_mel(recordings)
        steps = self._most_frames(mel) or 0
        lengths = np.array([recording.frames(mel, steps) for recording in recordings])
        return RawInputs(
            (len(recordings), steps, self.n_mels),
            _pieces(recordings, mel, lengths, steps),
            lengths,
            (*ignored, *notes_on(recordings, mel, steps)),
            tuple(names),
        )

    def infer(self, samples: Samples) -> Self:
        """With the sample rate, and the length of the longest recording."""
        return self.model_copy(update=dict(samples.found))

    def validate_samples(
        self, samples: Samples, train: Samples | None = None, preprocessing: ArrayPreprocessing | None = None
    ) -> Samples:
        if preprocessing is not None:
            self._require_trained(samples.origin)
        return super().validate_samples(samples, train, preprocessing)

    def _require_trained(self, origin: str) -> None:
        """Refuse recordings for a network that was trained on other arrays: how to make such of them is not known."""
        if self.seconds is None:
            what = "holds recordings, and the network was trained on arrays of another format"
            raise DataError(Problem(what, file=origin, help="give samples of the format that it was trained on"))

    def _log_mel(self, recordings: Sequence[Recording]) -> LogMel:
        """How features are computed. recordings: of which most have the sample rate, where it is not set.

        Raises DataError where keys do not fit the sample rate.
        """
        rate = self.sample_rate or usual_rate(recordings)
        frame, hop = round(self.frame_length * rate), round(self.hop_length * rate)
        f_max = rate / 2 if self.f_max is None else self.f_max
        n_fft = self.n_fft or 1 << max(1, (frame - 1).bit_length())
        problems = [
            Problem(what, path=f"data.{key}", help=help)
            for key, is_wrong, what, help in (
                ("frame_length", frame < 2, f"is less than 2 samples at {rate:,} Hz", "use 0.025"),
                ("hop_length", hop < 1, f"is less than a sample at {rate:,} Hz", "use 0.01"),
                ("f_max", f_max > rate / 2, f"is above {rate / 2:,.0f} Hz, half the sample rate", "leave it out"),
                (
                    "f_min",
                    self.f_min >= f_max,
                    f"is {self.f_min:,g} Hz, and the highest band ends at {f_max:,g} Hz",
                    "use a lower one, or leave it out",
                ),
                (
                    "n_fft",
                    n_fft < frame,
                    f"is {n_fft:,}, and a frame has {frame:,} samples at {rate:,} Hz",
                    f"use {frame} or more, or leave it out",
                ),
            )
            if is_wrong
        ]
        if problems:
            raise DataError(*problems)
        return LogMel(rate, frame, hop, n_fft, self.n_mels, self.f_min, f_max, self.floor)

    def _most_frames(self, mel: LogMel) -> int | None:
        """Of a recording, where its length is limited."""
        return None if self.seconds is None else mel.frames(round(self.seconds * mel.rate))

    def _inputs(
        self, recordings: Sequence[Recording], mel: LogMel, most: int, folder: Path
    ) -> tuple[Array, Array, Array]:
        """(N, most, n_mels) float32, the lengths, (N,), and which are silent, (N,). Raises DataError."""
        mel.filters()
        lengths = np.array([recording.frames(mel, most) for recording in recordings])
        needed = 4 * self.n_mels * (2 * len(recordings) * most + int(lengths.sum()))  # features, inputs, a copy of them
        length = "as long as the longest" if self.seconds is None else f"{self.seconds:,g} s each"
        what = f"the features of its {len(recordings):,} recordings, {length},"
        limit = "set a limit, `seconds`" if self.seconds is None else "set a lower limit, `seconds`"
        require_memory(folder, needed, what, f"{limit}, or use fewer recordings")
        features = all_features(recordings, mel, most)
        return padded(features, lengths, most), lengths, are_silent(features, lengths, mel)


def _pieces(recordings: Sequence[Recording], mel: LogMel, lengths: Array, steps: int) -> Iterator[Array]:
    most = block_rows(steps * mel.n_mels)
    for first in range(0, len(recordings), most):
        chosen = slice(first, first + most)
        features = np.concatenate([recording.features(mel, steps) for recording in recordings[chosen]])
        yield padded(features, lengths[chosen], steps)
