"""Small runs, one of which starts with the weights of another."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.support.command import report_of

LAYERS = """layers:
  - {type: linear, out_features: 6, activation: {type: prelu}}
  - batch_norm
  - {type: residual, layers: [{type: linear, out_features: 6}, tanh]}
  - {type: linear, out_features: CLASSES}
"""
CONFIG = f"""name: NAME
data: {{source: NAME.npz, validation: 0.25}}
{LAYERS}loss: cross_entropy
epochs: 2
batch_size: 8
learning_rate: 0.01
"""
CHECKPOINT = "runs/old/checkpoints/best.safetensors"
OF = {
    "layers.0": {"layers.0.weight", "layers.0.bias", "layers.0.activation.slope"},
    "layers.1": {f"layers.1.{name}" for name in ("weight", "bias", "running_mean", "running_var")},
    "layers.2": {"layers.2.layers.0.weight", "layers.2.layers.0.bias"},
    "layers.3": {"layers.3.weight", "layers.3.bias"},
}
"""By layer, what a checkpoint has of it."""


def write_run(folder: Path, name: str, classes: list[int], text: str = CONFIG) -> None:
    """A config NAME.yaml with samples of these classes; text: the config."""
    random = np.random.default_rng(classes[0])
    np.savez(folder / f"{name}.npz", x=random.normal(size=(48, 5)), y=np.resize(classes, 48))
    (folder / f"{name}.yaml").write_text(text.replace("NAME", name).replace("CLASSES", str(len(classes))))


def write_runs(folder: Path) -> None:
    """`old`, which is trained, and configs of `new` and `others`: five classes, and four others."""
    write_run(folder, "old", [0, 1, 2, 3])
    write_run(folder, "new", [0, 1, 2, 3, 4])
    write_run(folder, "others", [4, 5, 6, 7])
    report_of("train", "old.yaml", "-q", cwd=folder)
