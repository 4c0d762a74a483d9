"""Make batch_norm.npz, PyTorch's numbers of batch normalisation: `python tests/golden/make_batch_norm.py` with torch.

Layers, float64: inputs and d_outputs of several steps, outputs, d_inputs, gradients and running statistics of each, and
the same in evaluation after them. Trainings, float32 and float64: initial weights, the loss of fifty steps, and what is
kept after them. Arrays are in nnctl's layouts: images (N, H, W, C), weights (in, out) or (KH, KW, C, O).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

LAYERS = {"row": (6, 5), "sequence": (4, 7, 3), "image": (3, 4, 5, 2)}  # in nnctl's layout
SAMPLES, STEPS, BATCH = 40, 50, 8  # the samples are gone through ten times, in their order


class ChannelsLast(nn.Module):
    """A batch norm of images or sequences whose channels are last."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(channels, momentum=0.2, eps=1e-3)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x.reshape(-1, x.shape[-1])).reshape(x.shape)


class ChannelsLastFlatten(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, 2, 3, 1).reshape(len(x), -1)


def layer_numbers(name: str, shape: tuple[int, ...]) -> Iterator[tuple[str, Any]]:
    """Three steps in training, one in evaluation."""
    layer = ChannelsLast(shape[-1]).double()
    for parameter in ("weight", "bias"):
        nn.init.normal_(getattr(layer.norm, parameter))
        yield f"{name}/{parameter}", getattr(layer.norm, parameter).detach().numpy().copy()
    for step in range(4):
        layer.train(step < 3)
        layer.zero_grad()
        inputs = (3 * torch.randn(shape, dtype=torch.float64) + 2).requires_grad_()
        d_outputs = torch.randn(shape, dtype=torch.float64)
        outputs = layer(inputs)
        outputs.backward(d_outputs)
        found = {"inputs": inputs, "d_outputs": d_outputs, "outputs": outputs, "d_inputs": inputs.grad}
        found |= {"d_weight": layer.norm.weight.grad, "d_bias": layer.norm.bias.grad}
        found |= {"running_mean": layer.norm.running_mean, "running_var": layer.norm.running_var}
        for key, tensor in found.items():
            yield f"{name}/{step}/{key}", tensor.detach().numpy().copy()


def mlp() -> nn.Sequential:
    return nn.Sequential(
        *(nn.Linear(12, 16), nn.BatchNorm1d(16), nn.ReLU()),
        *(nn.Linear(16, 8, bias=False), nn.BatchNorm1d(8), nn.Tanh()),
        nn.Linear(8, 4),
    )


def cnn() -> nn.Sequential:
    return nn.Sequential(
        *(nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(4, 6, 3, bias=False), nn.BatchNorm2d(6), nn.ReLU()),
        ChannelsLastFlatten(),
        nn.Linear(24, 4),
    )


def training_numbers(name: str, make: Any, shape: tuple[int, ...]) -> Iterator[tuple[str, Any]]:
    random = np.random.default_rng(7)
    inputs = random.normal(size=(SAMPLES, *shape)).astype(np.float32)
    targets = random.integers(0, 4, size=SAMPLES)
    yield f"{name}/inputs", inputs
    yield f"{name}/targets", targets
    start = make().state_dict()
    yield from kept(f"{name}/initial", start)
    for dtype in (torch.float32, torch.float64):
        model = make().to(dtype)
        model.load_state_dict(start)
        update = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
        losses = []
        for step in range(STEPS):
            rows = slice(step * BATCH % SAMPLES, step * BATCH % SAMPLES + BATCH)
            loss = nn.functional.cross_entropy(model(laid(inputs[rows], dtype)), torch.tensor(targets[rows]))
            update.zero_grad()
            loss.backward()
            update.step()
            losses.append(loss.item())
        precision = str(dtype).removeprefix("torch.")
        yield f"{name}/{precision}/losses", np.array(losses)
        yield from kept(f"{name}/{precision}", model.state_dict())
        with torch.no_grad():
            yield f"{name}/{precision}/evaluated", model.eval()(laid(inputs, dtype)).numpy()


def laid(inputs: Any, dtype: torch.dtype) -> Tensor:
    x = torch.tensor(inputs, dtype=dtype)
    return x.permute(0, 3, 1, 2) if x.ndim == 4 else x


def kept(prefix: str, state: dict[str, Tensor]) -> Iterator[tuple[str, Any]]:
    for key, tensor in state.items():
        if not key.endswith("num_batches_tracked"):
            array = tensor.numpy().copy()
            yield f"{prefix}/{key}", array.transpose(2, 3, 1, 0) if array.ndim == 4 else array.T


def main() -> None:
    torch.manual_seed(0)
    arrays: dict[str, Any] = {}
    for name, shape in LAYERS.items():
        arrays |= layer_numbers(name, shape)
    for name, make, inputs in (("mlp", mlp, (12,)), ("cnn", cnn, (8, 8, 2))):
        arrays |= training_numbers(name, make, inputs)
    np.savez_compressed(Path(__file__).with_name("batch_norm.npz"), **arrays)


if __name__ == "__main__":
    main()
