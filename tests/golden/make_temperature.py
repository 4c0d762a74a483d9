"""Write golden/temperature.npz: logits, and the temperatures for which PyTorch's cross-entropies of them are least.

Run by hand where PyTorch is installed: python -m tests.golden.make_temperature
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

SAMPLES = 80


def main() -> None:
    random = np.random.default_rng(11)
    outputs = random.normal(0, 3, (SAMPLES, 4))
    classes = np.argmax(outputs / 2 + random.gumbel(size=outputs.shape), 1)
    ones = (random.random(outputs.shape) < 1 / (1 + np.exp(-outputs / 1.6))).astype(np.float64)
    weights = random.integers(1, 6, SAMPLES) / 2
    logits, own = torch.tensor(outputs), torch.tensor(weights)

    def of_classes(temperature: Any) -> Any:
        return functional.cross_entropy(logits / temperature, torch.tensor(classes), reduction="none")

    def of_ones(temperature: Any) -> Any:
        losses = functional.binary_cross_entropy_with_logits(logits / temperature, torch.tensor(ones), reduction="none")
        return losses.mean(dim=1)

    arrays = {"outputs": outputs, "classes": classes, "binary": ones, "weights": weights}
    for name, losses in (("classes", of_classes), ("binary", of_ones)):
        for weighted in (False, True):
            arrays[f"{name}.{'weighted' if weighted else 'plain'}"] = np.array(_least(losses, own if weighted else 1.0))
    np.savez(Path(__file__).with_name("temperature.npz"), **arrays)


def _least(losses: Any, weights: Any) -> tuple[float, float]:
    """The temperature, and the mean loss with it."""
    logarithm = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [logarithm], max_iter=500, tolerance_grad=1e-14, tolerance_change=1e-16, line_search_fn="strong_wolfe"
    )

    def mean() -> Any:
        own = losses(torch.exp(logarithm))
        return (own * weights).sum() / (torch.ones_like(own) * weights).sum()

    def closure() -> Any:
        optimizer.zero_grad()
        loss = mean()
        loss.backward()
        return loss

    optimizer.step(closure)
    return float(torch.exp(logarithm).detach()), float(mean().detach())


if __name__ == "__main__":
    main()
