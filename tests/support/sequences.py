"""A recurrent run over sequences of different lengths, with what must survive a kill: dropout, a schedule, a clip."""

from __future__ import annotations

from pathlib import Path

import numpy as np

SAMPLES, STEPS, FEATURES, EPOCHS = 48, 7, 3, 200
CONFIG = f"""
name: recurrent
seed: 5
data: {{source: sequences.npz, validation: 0.25}}
layers:
  - {{type: KIND, hidden_size: 12, num_layers: 2, bidirectional: true, dropout: 0.3}}
  - {{type: dropout, p: 0.2}}
  - {{type: linear, out_features: 2}}
loss: cross_entropy
optimizer: adam
learning_rate: 0.003
schedule: {{type: cosine, warmup: 2}}
batch_size: 7
epochs: {EPOCHS}
clip_norm: 1.0
"""


def write_recurrent_run(folder: Path, kind: str) -> Path:
    """The config of a kind of layer, with its data beside it: whether a sequence's length is odd."""
    random = np.random.default_rng(3)
    inputs, lengths = random.normal(size=(SAMPLES, STEPS, FEATURES)), random.integers(1, STEPS + 1, SAMPLES)
    np.savez(folder / "sequences.npz", x=inputs, y=lengths % 2, lengths=lengths)
    config = folder / "config.yaml"
    config.write_text(CONFIG.replace("KIND", kind))
    return config
