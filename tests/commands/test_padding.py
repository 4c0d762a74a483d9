"""Padding changes no bit of a trained network, whatever its layers are: whole trainings, arrays of two widths."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from nnctl.commands.train import train

CONFIG = """\
data: {{source: sequences.npz, standardize: true, validation: 0.25}}
layers:
{layers}
loss: cross_entropy
precision: float64
learning_rate: 0.01
batch_size: 20
epochs: 2
"""
SAMPLES, LONGEST, WIDER = 60, 9, 40
"""More samples a batch than sums have chunks, and more steps with padding than without in each choice by size."""

TO_CLASSES = ["mean_over_steps", "{type: linear, out_features: 3}"]
NETWORKS = {
    "norms": [
        "{type: linear, out_features: 6}",
        "{type: batch_norm, activation: relu}",
        "{type: linear, out_features: 6, activation: gelu}",
        "layer_norm",
        "{type: group_norm, groups: 2}",
        "instance_norm",
        "{type: prelu, per_channel: true}",
        "batch_norm",
        *TO_CLASSES,
    ],
    "convolutions": [
        "{type: conv1d, out_channels: 6, kernel_size: 3, padding: same, activation: relu}",
        "{type: max_pool1d, kernel_size: 2}",
        "{type: conv1d, out_channels: 6, kernel_size: 2, padding: causal, groups: 2}",
        "batch_norm",
        "{type: avg_pool1d, kernel_size: 2, padding: same}",
        "{type: parallel, branches: [[global_avg_pool], [global_max_pool], [sum_over_steps]]}",
        "{type: linear, out_features: 3}",
    ],
    "transformer": [
        "{type: linear, out_features: 8}",
        "positions",
        "{type: residual, layers: [layer_norm, {type: attention, heads: 2}]}",
        "{type: residual, layers: [layer_norm, {type: linear, out_features: 16, activation: gelu}, "
        "{type: linear, out_features: 8}]}",
        *TO_CLASSES,
    ],
    "recurrent": [
        "{type: gru, hidden_size: 5, bidirectional: true, return: sequence}",
        "{type: lstm, hidden_size: 5, num_layers: 2, dropout: 0.3}",
        "{type: linear, out_features: 3}",
    ],
    "random": [
        "{type: random_mask, steps: 3, features: 2}",
        "{type: random_shift, steps: 2}",
        "gaussian_noise",
        "{type: linear, out_features: 6}",
        "{type: dropout, p: 0.3}",
        "{type: spatial_dropout, p: 0.3}",
        "{type: activity_penalty, l1: 0.01}",
        *TO_CLASSES,
    ],
    "target a step": [
        "{type: conv1d, out_channels: 6, kernel_size: 3, padding: same}",
        "batch_norm",
        "{type: dropout, p: 0.2}",
        "{type: linear, out_features: 3}",
    ],
}


def trained(folder: Path, layers: list[str], width: int, fill: float) -> dict[str, NDArray[np.generic]]:
    """The last checkpoint's tensors of a training on sequences in so many steps, with `fill` beyond their lengths."""
    random, folder = np.random.default_rng(5), folder / str(width)
    folder.mkdir()
    lengths = random.integers(1, LONGEST + 1, SAMPLES)
    inputs, targets = np.full((SAMPLES, width, 5), fill), np.full((SAMPLES, width), -7)
    for number, length in enumerate(lengths):
        inputs[number, :length] = random.normal(size=(length, 5))
        targets[number, :length] = random.integers(0, 3, length)
    if layers is not NETWORKS["target a step"]:
        targets = lengths % 3
    np.savez(folder / "sequences.npz", x=inputs, y=targets, lengths=lengths)
    (folder / "run.yaml").write_text(CONFIG.format(layers="\n".join(f"  - {layer}" for layer in layers)))
    train(folder / "run.yaml", run=folder / "run")
    return dict(load_file(folder / "run" / "checkpoints" / "last.safetensors"))


@pytest.mark.parametrize(
    "name", [name if name == "norms" else pytest.param(name, marks=pytest.mark.slow) for name in NETWORKS]
)
def test_padding_changes_no_bit_of_a_trained_network(tmp_path: Path, name: str) -> None:
    narrow, wide = (trained(tmp_path, NETWORKS[name], *of) for of in ((LONGEST, 0.0), (WIDER, np.nan)))
    assert narrow.keys() == wide.keys()
    for tensor, expected in narrow.items():
        got = wide[tensor][tuple(slice(size) for size in expected.shape)]  # a vector a step: the first ones
        assert np.isfinite(expected).all(), tensor
        assert got.tobytes() == expected.tobytes(), tensor
