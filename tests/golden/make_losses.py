"""Write losses.npz: values and gradients of every loss in PyTorch, in float64.

Run by hand where PyTorch is installed: python tests/golden/make_losses.py
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

SAMPLES, WIDTH = 6, 5
# each gives a loss per sample: (N,)
FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    "cross_entropy": lambda z, t, **settings: functional.cross_entropy(z, t, reduction="none", **settings),
    "binary_cross_entropy": lambda z, t: functional.binary_cross_entropy_with_logits(z, t, reduction="none").mean(1),
    "mse": lambda y, t: functional.mse_loss(y, t, reduction="none").mean(1),
    "mae": lambda y, t: functional.l1_loss(y, t, reduction="none").mean(1),
    "huber": lambda y, t, delta=1.0: functional.huber_loss(y, t, reduction="none", delta=delta).mean(1),
    "squared_error": lambda y, t: 0.5 * functional.mse_loss(y, t, reduction="none").sum(1),
    "hinge": lambda z, t: functional.relu(1 - (2 * t - 1) * z).mean(1),
}
# type and settings as a config has them; spread: the outputs' standard deviation
CASES: list[dict[str, Any]] = [
    {"type": "cross_entropy", "spread": 2.0},
    {"type": "cross_entropy", "spread": 2.0, "label_smoothing": 0.1},
    {"type": "cross_entropy", "spread": 300.0, "label_smoothing": 0.7},
    {"type": "binary_cross_entropy", "spread": 2.0},
    {"type": "binary_cross_entropy", "spread": 300.0},
    {"type": "mse", "spread": 1.0},
    {"type": "mae", "spread": 1.0},
    {"type": "huber", "spread": 1.0},
    {"type": "huber", "spread": 1.0, "delta": 0.3},
    {"type": "squared_error", "spread": 1.0},
    {"type": "hinge", "spread": 2.0},
]


def targets_for(kind: str, random: np.random.Generator) -> np.ndarray:
    if kind == "cross_entropy":
        return random.integers(0, WIDTH, SAMPLES)
    if kind in ("binary_cross_entropy", "hinge"):
        return random.integers(0, 2, (SAMPLES, WIDTH)).astype(np.float64)
    return random.normal(size=(SAMPLES, WIDTH))


def main() -> None:
    random = np.random.default_rng(2)
    arrays: dict[str, np.ndarray] = {"cases": np.array(json.dumps(CASES))}
    for index, case in enumerate(CASES):
        settings = {key: value for key, value in case.items() if key not in ("type", "spread")}
        targets = targets_for(case["type"], random)
        outputs = torch.tensor(case["spread"] * random.normal(size=(SAMPLES, WIDTH)), requires_grad=True)
        losses = FUNCTIONS[case["type"]](outputs, torch.tensor(targets), **settings)
        losses.mean().backward()
        arrays |= {
            f"{index}.outputs": outputs.detach().numpy(),
            f"{index}.targets": targets,
            f"{index}.losses": losses.detach().numpy(),
            f"{index}.d_outputs": outputs.grad.numpy(),
        }
    np.savez(Path(__file__).with_name("losses.npz"), **arrays)


if __name__ == "__main__":
    main()
