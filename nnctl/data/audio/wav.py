"""WAV: sound as numbers, PCM or floats, in a RIFF file.

Own code and no library: libsndfile, and so soundfile, reads a truncated file as a shorter one, without a word.

Source: IBM and Microsoft 1991, "Multimedia Programming Interface and Data Specifications 1.0"; Microsoft 2007,
"Multiple Channel Audio Data and WAVE Files" (WAVE_FORMAT_EXTENSIBLE).
"""

from __future__ import annotations

import shlex
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

import numpy as np

from nnctl.data.files import file_error, require_file
from nnctl.data.source import Array
from nnctl.errors import DataError
from nnctl.regular_file import reading, shown
from nnctl.text import counted

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
KINDS = {(PCM, 8): "u1", (PCM, 16): "<i2", (PCM, 24): "24", (PCM, 32): "<i4", (FLOAT, 32): "<f4", (FLOAT, 64): "<f8"}
CODECS = {2: "MS ADPCM", 6: "A-law", 7: "mu-law", 17: "IMA ADPCM", 49: "GSM 6.10", 80: "MPEG", 85: "MP3", 255: "AAC"}
OTHERS = {
    b"RIFX": "big-endian WAV",
    b"RF64": "RF64",
    b"FORM": "AIFF",
    b"fLaC": "FLAC",
    b"OggS": "Ogg",
    b"ID3": "MP3",
    b"\xff\xfb": "MP3",
}
MOST_CHUNKS = 1000
MOST_CHANNELS = 1024
LEAST_RATE, LARGEST_RATE = 1000, 1_000_000  # Hz
UNKNOWN_SIZES = (0xFFFFFFFF, 0x7FFFFFFF, 0xFFFFF000)  # what programs write that cannot go back to the header
LOUDEST = 64.0  # floats lie between -1 and 1; a peak above is some way off, one far above is in other units


@dataclass(frozen=True)
class Header:
    """What a WAV file says of its sound."""

    rate: int
    """Samples per second."""
    channels: int
    kind: str
    """Of its numbers: NumPy's word, or 24 for whole numbers of three bytes."""
    samples: int
    """In each channel; one or more."""
    start: int
    """Where they begin in the file, in bytes."""

    @property
    def width(self) -> int:
        """Bytes of one sample of all channels."""
        return self.channels * (3 if self.kind == "24" else np.dtype(self.kind).itemsize)


def read_header(path: Path) -> Header:
    """The header of a WAV file that holds as much sound as it says. Raises DataError."""
    size = require_file(path)
    with reading(path, DataError), path.open("rb") as file:
        opening = file.read(12)
        if 4 <= len(opening) < 12 and opening.startswith(b"RIFF"):
            raise _damaged(path, "its header is cut off")
        if len(opening) < 12 or opening[:4] != b"RIFF" or opening[8:] != b"WAVE":
            _refuse_other_file(path, opening)
        layout = None
        for _ in range(MOST_CHUNKS):
            chunk = file.read(8)
            if len(chunk) < 8:
                break
            name, length = struct.unpack("<4sI", chunk)
            start = file.tell()
            if name == b"fmt ":
                layout = _layout(path, file.read(min(length, 40)))
            elif name == b"data":
                if layout is None:
                    raise _damaged(path, "its sound comes before its format")
                riff_end = 8 + int.from_bytes(opening[4:8], "little")
                if (length in UNKNOWN_SIZES and size - start < length) or (not length and riff_end <= start < size):
                    raise file_error(path, "does not say how long it is: it was written into a pipe", _convert(path))
                return _with_samples(path, *layout, start, length, size - start)
            file.seek(start + length + length % 2)
    raise _damaged(path, "has no sound in it" if layout else "has no format in it")


def read_signal(path: Path, header: Header, most: int) -> Array:
    """The first samples, `most` of them at most, (n,) float64: the mean over the channels, whole numbers divided so
    that they lie in -1 … 1. Raises DataError.
    """
    count = min(most, header.samples)
    with reading(path, DataError), path.open("rb") as file:
        numbers = _numbers(path, file, header, count)
    if numbers.dtype.kind == "f":
        peak = np.abs(numbers).max()
        if not np.isfinite(peak):
            raise file_error(path, "has NaN or infinite samples", "record it again, or take it out of the folder")
        if peak > LOUDEST:
            what = f"its samples reach {peak:,.6g}, and floats in a WAV file lie between -1 and 1"
            raise file_error(path, what, "save whole numbers as such, or divide floats by the largest they may be")
    return np.asarray(numbers.reshape(count, header.channels).mean(axis=1, dtype=np.float64))


def _numbers(path: Path, file: IO[bytes], header: Header, count: int) -> Array:
    file.seek(header.start)
    content = file.read(count * header.width)
    if len(content) < count * header.width:
        raise _damaged(path, "changed while it was read")
    if header.kind == "24":
        whole = np.zeros((count * header.channels, 4), np.uint8)  # the lowest byte stays 0
        whole[:, 1:] = np.frombuffer(content, np.uint8).reshape(-1, 3)
        return np.asarray(whole.view("<i4")[:, 0] / 2.0**31)
    numbers = np.frombuffer(content, header.kind)
    if header.kind == "u1":
        return (numbers.astype(np.float64) - 128) / 128
    return numbers.astype(np.float64) / 2.0 ** (8 * numbers.itemsize - 1) if numbers.dtype.kind == "i" else numbers


def _layout(path: Path, body: bytes) -> tuple[int, int, str]:
    """Rate, channels and the kind of numbers, from the chunk that tells them."""
    if len(body) < 16:
        raise _damaged(path, "its format is cut off")
    tag, channels, rate, _, width, bits = struct.unpack_from("<HHIIHH", body)
    if tag == EXTENSIBLE and len(body) >= 26:
        (tag,) = struct.unpack_from("<H", body, 24)
    if tag not in (PCM, FLOAT):
        what = f"is compressed ({CODECS.get(tag, f'codec {tag}')}), which nnctl does not read"
        raise file_error(path, what, _convert(path))
    if (tag, bits) not in KINDS:
        what = f"has {'samples' if tag == PCM else 'floats'} of {bits} bits, which nnctl does not read"
        raise file_error(path, what, _convert(path))
    if not (1 <= channels <= MOST_CHANNELS and LEAST_RATE <= rate <= LARGEST_RATE and width == channels * bits // 8):
        numbers = f"{counted(channels, 'channel')}, {rate:,} Hz, {bits} bits and {width:,} bytes a sample"
        raise _damaged(path, f"its header says {numbers}")
    return rate, channels, KINDS[tag, bits]


def _with_samples(path: Path, rate: int, channels: int, kind: str, start: int, length: int, present: int) -> Header:
    """length: bytes of sound that the header promises. present: bytes that follow it."""
    header = Header(rate, channels, kind, 0, start)
    if present < length:
        follow = "follows" if present == 1 else "follow"
        what = f"is truncated: its header says {length:,} bytes of sound, {counted(present, 'byte')} {follow}"
        raise file_error(path, what, "fetch it again, or take it out of the folder")
    if length == 0:
        raise file_error(path, "holds no sound: it has 0 samples", "take it out of the folder, or record it again")
    if length % header.width:
        raise _damaged(path, f"its {length:,} bytes of sound are no whole number of samples of {header.width}")
    return Header(rate, channels, kind, length // header.width, start)


def _refuse_other_file(path: Path, opening: bytes) -> NoReturn:
    for magic, name in OTHERS.items():
        if opening.startswith(magic):
            raise file_error(path, f"is {name}, not a WAV file", _convert(path))
    what = f"is not a WAV file: it begins with {opening[:8].hex(' ')}"
    raise file_error(path, what, "take it out of the folder, or give it the ending of its format")


def _damaged(path: Path, what: str) -> DataError:
    return file_error(path, f"is damaged: {what}", "fetch it again, or take it out of the folder")


def _convert(path: Path) -> str:
    own, made = shlex.quote(shown(path)), shlex.quote(shown(path.with_stem(f"{path.stem}-pcm").with_suffix(".wav")))
    return f"convert it, and put the new file in its place: `ffmpeg -i {own} -c:a pcm_s16le {made}`"
