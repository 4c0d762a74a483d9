"""Log-mel features of a sound by librosa, for tests/data/audio/test_log_mel.py.

    python -m venv librosa && librosa/bin/pip install librosa==0.11.0 && librosa/bin/python -m tests.golden.make_log_mel

Frames begin at the first sample and are as long as the transform, since librosa puts shorter ones in its middle.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("log_mel.npz")
RATE, FRAME, HOP, BANDS, LOW, HIGH, FLOOR = 8000, 200, 80, 20, 50.0, 3800.0, 1e-6


def main() -> None:
    import librosa

    random = np.random.default_rng(0)
    times = np.arange(1000) / RATE
    signal = np.linspace(0, 0.5, 1000) * np.sin(2 * np.pi * (200 + 12_000 * times) * times)
    signal += random.normal(0, 0.01, 1000)
    power = librosa.feature.melspectrogram(
        y=signal, sr=RATE, n_fft=FRAME, hop_length=HOP, window="hann", center=False, power=2.0,
        n_mels=BANDS, fmin=LOW, fmax=HIGH, htk=True, norm=None, dtype=np.float64,
    )  # fmt: skip
    np.savez_compressed(FILE, signal=signal, features=np.log(np.maximum(power, FLOOR)).T)


if __name__ == "__main__":
    main()
