"""Fifty training steps of small networks in PyTorch: initial weights, batches and the loss of every step.

Run by hand where torch is installed: `python tests/golden/make_training.py`. Writes training.npz beside itself, with
the first two, and training_<name>.npz for each of the others.
Arrays are in nnctl's layouts: a linear weight is (in, out), a convolution's (KH, KW, C, O), images are (N, H, W, C).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

SAMPLES, STEPS, BATCH = 40, 50, 8  # the samples are gone through ten times, in their order


def mlp() -> nn.Sequential:
    return nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 8), nn.Tanh(), nn.Linear(8, 4))


def cnn() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 6, 3),
        nn.ReLU(),
        _ChannelsLastFlatten(),
        nn.Linear(24, 4),
    )


def norm() -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(12, 16), nn.LayerNorm(16), nn.PReLU(), nn.Linear(16, 8), nn.PReLU(8), nn.Linear(8, 4)
    )


def conv1d() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv1d(3, 4, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool1d(2),
        nn.Conv1d(4, 6, 3, dilation=2),
        nn.Tanh(),
        nn.AdaptiveAvgPool1d(1),
        nn.Flatten(),
        nn.Linear(6, 4),
    )


def depthwise() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1, groups=2),
        nn.ReLU(),
        nn.Conv2d(4, 6, 1, stride=2),
        nn.Tanh(),
        nn.Conv2d(6, 6, 3, groups=6),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(6, 4),
    )


class _ChannelsLastFlatten(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.permute(0, 2, 3, 1).reshape(len(x), -1)


OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
}


def main() -> None:
    arrays: dict[str, np.ndarray] = {}
    random = np.random.default_rng(7)
    for name, make, shape in (("mlp", mlp, (12,)), ("cnn", cnn, (8, 8, 2)), ("norm", norm, (12,))):
        inputs = random.normal(size=(SAMPLES, *shape)).astype(np.float32)
        targets = random.integers(0, 4, size=SAMPLES)
        arrays[f"{name}.inputs"], arrays[f"{name}.targets"] = inputs, targets
        torch.manual_seed(3)
        start = make().state_dict()
        for key, tensor in start.items():
            arrays[f"{name}.initial.{key}"] = _own_layout(tensor)
        for optimizer in OPTIMIZERS:
            for dtype in (torch.float32, torch.float64):
                losses = train(make, start, optimizer, dtype, inputs, targets)
                arrays[f"{name}.{optimizer}.{str(dtype).removeprefix('torch.')}"] = losses
    np.savez_compressed(Path(__file__).with_name("training.npz"), **arrays)
    for name, make, shape in (("conv1d", conv1d, (12, 3)), ("depthwise", depthwise, (6, 6, 2))):
        _write_own_file(name, make, shape)


def _write_own_file(name, make, shape) -> None:
    """training_<name>.npz, with the numbers of one network."""
    random = np.random.default_rng(7)
    inputs = random.normal(size=(SAMPLES, *shape)).astype(np.float32)
    arrays = {f"{name}.inputs": inputs, f"{name}.targets": random.integers(0, 4, size=SAMPLES)}
    torch.manual_seed(3)
    start = make().state_dict()
    arrays |= {f"{name}.initial.{key}": _own_layout(tensor) for key, tensor in start.items()}
    for optimizer in OPTIMIZERS:
        for dtype in (torch.float32, torch.float64):
            losses = train(make, start, optimizer, dtype, inputs, arrays[f"{name}.targets"])
            arrays[f"{name}.{optimizer}.{str(dtype).removeprefix('torch.')}"] = losses
    np.savez_compressed(Path(__file__).with_name(f"training_{name}.npz"), **arrays)


def train(make, start, optimizer, dtype, inputs, targets) -> np.ndarray:
    model = make().to(dtype)
    model.load_state_dict({key: tensor.to(dtype) for key, tensor in start.items()})
    update = OPTIMIZERS[optimizer](model.parameters())
    losses = []
    for step in range(STEPS):
        rows = slice(start_of(step), start_of(step) + BATCH)
        x, target = torch.tensor(inputs[rows], dtype=dtype), targets[rows]
        if x.ndim > 2:
            x = x.movedim(-1, 1)
        loss = nn.functional.cross_entropy(model(x), torch.tensor(target))
        update.zero_grad()
        loss.backward()
        update.step()
        losses.append(loss.item())
    return np.array(losses)


def start_of(step: int) -> int:
    return step * BATCH % SAMPLES


def _own_layout(tensor: torch.Tensor) -> np.ndarray:
    array = tensor.numpy()
    return array.transpose(2, 3, 1, 0) if array.ndim == 4 else array.T  # of (O, C, K) that is (K, C, O)


if __name__ == "__main__":
    main()
