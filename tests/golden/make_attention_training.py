"""Fifty training steps of other networks in PyTorch: initial weights, batches and the loss of every step.

A block of a transformer over characters, and an image made smaller and larger again, with norms of groups and samples.
Run by hand where torch is installed: `python -m tests.golden.make_attention_training`. Writes attention_training.npz
beside itself. Weights are in nnctl's layouts; arrays are named as in training.npz.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

from tests.golden.make_training import OPTIMIZERS, SAMPLES, train

STEPS, SLOTS, FEATURES, HEADS, CLASSES = 6, 9, 8, 2, 4


class Transformer(nn.Module):
    """Embedding, learnt positions, a block normalised first, and the mean of all steps."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(SLOTS, FEATURES)
        self.positions = nn.Parameter(torch.randn(STEPS, FEATURES) * 0.02)
        self.norm1 = nn.LayerNorm(FEATURES)
        self.attention = nn.MultiheadAttention(FEATURES, HEADS, batch_first=True)
        self.norm2 = nn.LayerNorm(FEATURES)
        self.up, self.down = nn.Linear(FEATURES, 16), nn.Linear(16, FEATURES)
        self.linear = nn.Linear(FEATURES, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.embedding(x.long()) + self.positions
        normal = self.norm1(x)
        mask = torch.triu(torch.ones(STEPS, STEPS, dtype=torch.bool), 1)
        x = x + self.attention(normal, normal, normal, attn_mask=mask, need_weights=False)[0]
        x = x + self.down(nn.functional.gelu(self.up(self.norm2(x))))
        return self.linear(x.mean(1))


class Images(nn.Module):
    """Norms of groups and of samples around a transposed convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(2, 4, 3, stride=2),
            nn.GroupNorm(2, 4),
            nn.Mish(),
            nn.ConvTranspose2d(4, 3, 2, stride=2),
            nn.InstanceNorm2d(3, affine=True),
            nn.SELU(),
            nn.AvgPool2d(2),
        )
        self.linear = nn.Linear(3 * 3 * 3, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        channels_last = self.body(x).permute(0, 2, 3, 1)
        return self.linear(channels_last.flatten(1))


def own_layout(name: str, tensor: torch.Tensor) -> np.ndarray:
    """As nnctl has it: (in, out), (KH, KW, C, O), of a transposed convolution (KH, KW, O, C).

    Embeddings and positions are as in PyTorch.
    """
    array = tensor.numpy()
    if array.ndim == 4:
        return np.ascontiguousarray(array.transpose(2, 3, 1, 0))
    return array.T if array.ndim == 2 and name not in ("embedding.weight", "positions") else array


def in_nnctls_order(network: nn.Module) -> dict[str, torch.Tensor]:
    """By the order of the config: PyTorch lists first what is in no layer, the positions."""
    first = {name: tensor for name, tensor in network.state_dict().items() if name == "embedding.weight"}
    return first | network.state_dict()


def main() -> None:
    arrays: dict[str, np.ndarray] = {}
    random = np.random.default_rng(7)
    targets = random.integers(0, CLASSES, size=SAMPLES)
    given = {
        "transformer": (Transformer, random.integers(0, SLOTS, size=(SAMPLES, STEPS)).astype(np.float32)),
        "images": (Images, random.normal(size=(SAMPLES, 7, 7, 2)).astype(np.float32)),
    }
    for name, (make, inputs) in given.items():
        arrays[f"{name}.inputs"], arrays[f"{name}.targets"] = inputs, targets
        torch.manual_seed(3)
        network = make()
        for key, tensor in in_nnctls_order(network).items():
            arrays[f"{name}.initial.{key}"] = own_layout(key, tensor)
        for optimizer in OPTIMIZERS:
            for dtype in (torch.float32, torch.float64):
                losses = train(make, network.state_dict(), optimizer, dtype, inputs, targets)
                arrays[f"{name}.{optimizer}.{str(dtype).removeprefix('torch.')}"] = losses
    np.savez_compressed(Path(__file__).with_name("attention_training.npz"), **arrays)


if __name__ == "__main__":
    main()
