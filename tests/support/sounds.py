"""WAV files, written byte by byte from their description, and small data sets of recordings."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
RATE = 8000


def chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def wav_bytes(
    data: bytes, tag: int = PCM, channels: int = 1, rate: int = RATE, bits: int = 16, before: bytes = b""
) -> bytes:
    """A WAV file around bytes of sound. before: chunks between the format and the sound."""
    width = channels * bits // 8
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * width, width, bits)
    body = b"WAVE" + chunk(b"fmt ", form) + before + chunk(b"data", data)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def pcm16(signal: Array) -> bytes:
    """Numbers in -1 … 1, (n,) or (n, channels), as whole ones of 16 bits."""
    return np.round(np.clip(signal, -1, 1) * 32767).astype("<i2").tobytes()


def write_wav(path: Path, signal: Array, rate: int = RATE) -> Path:
    """A file of 16 bits. signal: (n,) or (n, channels), in -1 … 1."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(wav_bytes(pcm16(signal), channels=1 if signal.ndim == 1 else signal.shape[1], rate=rate))
    return path


def tone(hertz: float, seconds: float, rate: int = RATE, seed: int = 0) -> Array:
    """A sine with a little noise, (n,)."""
    count = round(seconds * rate)
    noise = np.random.default_rng(seed).normal(size=count)
    return np.asarray(0.5 * np.sin(2 * np.pi * hertz * np.arange(count) / rate) + 0.01 * noise)


def two_tones(folder: Path, count: int = 6, split: str = "") -> Path:
    """Recordings of two classes, `low/anna_0.wav`, `high/ben_1.wav`, …, of 0.1 s and more."""
    for name, hertz in (("low", 300.0), ("high", 1500.0)):
        for number in range(count):
            file = f"{('anna', 'ben', 'carla')[number % 3]}_{number}.wav"
            write_wav(folder / split / name / file, tone(hertz, 0.1 + 0.02 * number, seed=number))
    return folder
