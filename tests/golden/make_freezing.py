"""Twenty training steps of a network with frozen layers in PyTorch: initial weights, batches, losses, what is kept.

Run by hand where torch is installed: `python tests/golden/make_freezing.py`. Writes freezing.npz beside itself.
A frozen parameter has requires_grad=False, and a frozen batch norm is in evaluation, as one does it by hand.
Arrays are float64, in nnctl's layouts: a linear weight is (in, out), a convolution's (KH, KW, C, O), images
(N, H, W, C).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

SAMPLES, STEPS, BATCH = 40, 20, 8  # the samples are gone through four times, in their order
FROZEN = {"front": (0, 1), "middle": (1, 3), "all but the ends": (1, 3, 6, 7)}
OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.1),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1),
}


class ChannelsLastFlatten(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, 2, 3, 1).reshape(len(x), -1)


def network() -> nn.Sequential:
    return nn.Sequential(
        *(nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 3, 3), nn.Tanh()),
        *(ChannelsLastFlatten(), nn.Linear(48, 6), nn.PReLU(6), nn.Linear(6, 4)),
    )


def main() -> None:
    random = np.random.default_rng(7)
    inputs, targets = random.normal(size=(SAMPLES, 6, 6, 2)), random.integers(0, 4, size=SAMPLES)
    torch.manual_seed(3)
    start = network().double()
    nn.init.normal_(start[1].running_mean)
    nn.init.uniform_(start[1].running_var, 0.5, 2.0)
    arrays = {"inputs": inputs, "targets": targets, **kept(start, "initial")}
    for name, frozen in FROZEN.items():
        for optimizer in OPTIMIZERS:
            model = network().double()
            model.load_state_dict(start.state_dict())
            arrays[f"{name}.{optimizer}.losses"] = train(model, frozen, optimizer, inputs, targets)
            arrays |= kept(model, f"{name}.{optimizer}")
    np.savez_compressed(Path(__file__).with_name("freezing.npz"), **arrays)


def train(
    model: nn.Sequential, frozen: tuple[int, ...], optimizer: str, inputs: np.ndarray, targets: np.ndarray
) -> np.ndarray:
    for position in frozen:
        model[position].eval().requires_grad_(False)
    update = OPTIMIZERS[optimizer](parameter for parameter in model.parameters() if parameter.requires_grad)
    losses = []
    for step in range(STEPS):
        rows = slice(step * BATCH % SAMPLES, step * BATCH % SAMPLES + BATCH)
        x, target = torch.tensor(inputs[rows]).movedim(-1, 1), torch.tensor(targets[rows])
        loss = nn.functional.cross_entropy(model(x), target)
        update.zero_grad()
        loss.backward()
        update.step()
        losses.append(loss.item())
    return np.array(losses)


def kept(model: nn.Sequential, prefix: str) -> dict[str, np.ndarray]:
    """Parameters and running statistics as `prefix.position.name`."""
    state = {key: tensor for key, tensor in model.state_dict().items() if "num_batches" not in key}
    return {f"{prefix}.{key}": own_layout(tensor.numpy().copy()) for key, tensor in state.items()}


def own_layout(array: np.ndarray) -> np.ndarray:
    return array.transpose(2, 3, 1, 0) if array.ndim == 4 else array.T


if __name__ == "__main__":
    main()
