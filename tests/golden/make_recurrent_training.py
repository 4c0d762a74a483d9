"""Fifty training steps of recurrent networks in PyTorch: initial weights, batches and the loss of every step.

Two layers in both directions and a linear one over what they end with. Run by hand where torch is installed:
`python -m tests.golden.make_recurrent_training`. Writes recurrent_training.npz beside itself. Weights are in nnctl's
layout, (in, out); arrays are named as in training.npz.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

from tests.golden.make_training import OPTIMIZERS, SAMPLES, train

STEPS, FEATURES, HIDDEN, CLASSES = 6, 5, 8, 4


class Recurrent(nn.Module):
    """The outputs of both directions where each ends, and a linear layer."""

    def __init__(self, kind: type[nn.RNNBase]) -> None:
        super().__init__()
        self.recurrent = kind(FEATURES, HIDDEN, num_layers=2, bidirectional=True, batch_first=True)
        self.linear = nn.Linear(2 * HIDDEN, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        sequence, _ = self.recurrent(x)
        return self.linear(torch.cat([sequence[:, -1, :HIDDEN], sequence[:, 0, HIDDEN:]], dim=1))


KINDS: dict[str, type[nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


def main() -> None:
    arrays: dict[str, np.ndarray] = {}
    random = np.random.default_rng(7)
    inputs = random.normal(size=(SAMPLES, STEPS, FEATURES)).astype(np.float32)
    targets = random.integers(0, CLASSES, size=SAMPLES)
    for name, kind in KINDS.items():
        arrays[f"{name}.inputs"], arrays[f"{name}.targets"] = inputs, targets
        torch.manual_seed(3)
        start = Recurrent(kind).state_dict()
        arrays |= {f"{name}.initial.{key}": tensor.numpy().T for key, tensor in start.items()}
        for optimizer in OPTIMIZERS:
            for dtype in (torch.float32, torch.float64):
                losses = train(lambda kind=kind: Recurrent(kind), start, optimizer, dtype, inputs, targets)
                arrays[f"{name}.{optimizer}.{str(dtype).removeprefix('torch.')}"] = losses
    np.savez_compressed(Path(__file__).with_name("recurrent_training.npz"), **arrays)


if __name__ == "__main__":
    main()
