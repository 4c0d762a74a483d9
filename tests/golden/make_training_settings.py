"""Twenty training steps with settings of their own for some parameters, or averaged weights, in PyTorch.

Run by hand where torch is installed: `python tests/golden/make_training_settings.py`. Writes training_settings.npz
beside itself: inputs, targets, the weights at the start, and for each case what is kept after the last step, and of
averaged weights their averages. An epoch is five steps. Arrays are float64, in nnctl's layout: a linear weight is
(in, out).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, update_bn

SAMPLES, EPOCHS, BATCH = 40, 4, 8
CLIP_VALUE, FROZEN_EPOCHS, EMA_DECAY, SWA_START = 0.02, 2, 0.9, 3
NAMES = {"0": "layers.0", "1": "layers.1", "2": "layers.1.activation", "3": "layers.2"}


def network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.PReLU(5), nn.Linear(5, 3)).double()


def sgd(parameters) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=0.05, momentum=0.9)


def adamw(parameters) -> torch.optim.Optimizer:
    return torch.optim.AdamW(parameters, lr=0.01, weight_decay=0.1)


def by_layer(model: nn.Sequential, make: Callable) -> torch.optim.Optimizer:
    """The first layer learns slowly, the last one decays."""
    rate = make(model.parameters()).param_groups[0]["lr"]
    return make(
        [
            {"params": model[0].parameters(), "lr": 0.1 * rate},
            {"params": model[1].parameters()},
            {"params": model[2].parameters()},
            {"params": model[3].parameters(), "weight_decay": 0.3},
        ]
    )


def without_decay(model: nn.Sequential, make: Callable) -> torch.optim.Optimizer:
    """Biases and norms do not decay."""
    alone = [model[0].bias, *model[1].parameters(), model[3].bias]
    others = [p for p in model.parameters() if all(p is not one for one in alone)]
    return make([{"params": others, "weight_decay": 0.1}, {"params": alone, "weight_decay": 0.0}])


def main() -> None:
    random = np.random.default_rng(11)
    inputs, targets = random.normal(size=(SAMPLES, 6)), random.integers(0, 3, size=SAMPLES)
    torch.manual_seed(4)
    start = network().state_dict()
    arrays = {"inputs": inputs, "targets": targets, **kept(start, "initial")}
    for name, make in (("sgd", sgd), ("adamw", adamw)):
        for case, setting in {
            "clip_value": {"clip": CLIP_VALUE},
            "by_layer": {"groups": by_layer},
            "without_decay": {"groups": without_decay},
            "freeze": {"frozen": (0, 1, 2)},
            "ema": {"average": get_ema_multi_avg_fn(EMA_DECAY)},
            "swa": {"average": None},
        }.items():
            model, averaged = train(start, make, inputs, targets, **setting)
            arrays |= kept(model.state_dict(), f"{case}.{name}")
            if averaged is not None:
                arrays |= kept(averaged.module.state_dict(), f"{case}.{name}.averaged")
    np.savez_compressed(Path(__file__).with_name("training_settings.npz"), **arrays)


def batches(inputs: np.ndarray, targets: np.ndarray) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    for first in range(0, SAMPLES, BATCH):
        rows = slice(first, first + BATCH)
        yield torch.tensor(inputs[rows]), torch.tensor(targets[rows])


def train(start, make, inputs, targets, *, clip=None, groups=None, frozen=(), **averaging):
    """The network after the last step, and the average of its weights, if there is one."""
    model = network()
    model.load_state_dict(start)
    update = make(model.parameters()) if groups is None else groups(model, make)
    averaged = AveragedModel(model, multi_avg_fn=averaging["average"]) if averaging else None
    for epoch in range(1, EPOCHS + 1):
        for position in frozen:
            model[position].train(epoch > FROZEN_EPOCHS).requires_grad_(epoch > FROZEN_EPOCHS)
        for x, target in batches(inputs, targets):
            loss = nn.functional.cross_entropy(model(x), target)
            update.zero_grad()
            loss.backward()
            if clip is not None:
                nn.utils.clip_grad_value_(model.parameters(), clip)
            update.step()
            if averaged is not None and averaging["average"] is not None:
                averaged.update_parameters(model)
        if averaged is not None and averaging["average"] is None and epoch >= SWA_START:
            averaged.update_parameters(model)
    if averaged is not None and averaging["average"] is None:
        update_bn(batches(inputs, targets), averaged)
    return model, averaged


def kept(state: dict[str, torch.Tensor], prefix: str) -> dict[str, np.ndarray]:
    """Parameters and running statistics by their names in nnctl, behind the prefix."""
    found = {}
    for key, tensor in state.items():
        position, _, name = key.partition(".")
        if name != "num_batches_tracked":
            own = "slope" if position == "2" else name
            found[f"{prefix}/{NAMES[position]}.{own}"] = tensor.numpy().T.copy()
    return found


if __name__ == "__main__":
    main()
