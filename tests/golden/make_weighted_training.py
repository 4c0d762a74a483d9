"""Twenty weighted training steps of small networks in PyTorch: what was trained on, the losses, the weights at the end.

Run by hand where torch is installed: `python tests/golden/make_weighted_training.py`. Writes weighted_training.npz
beside itself. A loss is sum(w loss) / sum(w) over the batch, w the weight of the row times that of its class: that of
PyTorch's own CrossEntropyLoss(weight=...) where rows have none. Arrays are in nnctl's layout: a linear weight is
(in, out).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

SAMPLES, STEPS, BATCH = 40, 20, 8  # the samples are gone through four times, in their order
CLASS_WEIGHTS = {"cross_entropy": [0.4, 1.0, 7.5], "binary_cross_entropy": [0.6, 9.0], "mse": None}
OUTPUTS = {"cross_entropy": 3, "binary_cross_entropy": 1, "mse": 2}


def main() -> None:
    random = np.random.default_rng(5)
    inputs = random.normal(size=(SAMPLES, 6))
    rows = np.where(random.random(SAMPLES) < 0.25, 0.0, random.exponential(2.0, SAMPLES))
    targets = {
        "cross_entropy": random.integers(0, 3, SAMPLES),
        "binary_cross_entropy": random.integers(0, 2, (SAMPLES, 1)).astype(np.float64),
        "mse": random.normal(size=(SAMPLES, 2)),
    }
    arrays: dict[str, np.ndarray] = {"inputs": inputs, "rows": rows}
    for loss, wanted in targets.items():
        torch.manual_seed(3)
        start = network(loss).state_dict()
        arrays[f"{loss}.targets"] = wanted
        arrays[f"{loss}.classes"] = np.array(CLASS_WEIGHTS[loss] or [])
        for number, tensor in enumerate(start.values()):
            arrays[f"{loss}.initial.{number}"] = tensor.numpy().T
        for weighted in ("rows", "classes", "both") if CLASS_WEIGHTS[loss] else ("rows",):
            own = np.ones(SAMPLES) if weighted == "classes" else rows
            losses, end = train(loss, start, inputs, wanted, own, by_class=weighted != "rows")
            arrays |= {f"{loss}.{weighted}.losses": losses, f"{loss}.{weighted}.end": end}
    np.savez_compressed(Path(__file__).with_name("weighted_training.npz"), **arrays)


def network(loss: str) -> nn.Sequential:
    return nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, OUTPUTS[loss])).double()


def train(loss, start, inputs, targets, rows, *, by_class) -> tuple[np.ndarray, np.ndarray]:
    """The loss of each step, and the last weights, in nnctl's order."""
    model = network(loss)
    model.load_state_dict(start)
    update = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    classes = torch.tensor(CLASS_WEIGHTS[loss], dtype=torch.float64) if by_class else None
    losses = []
    for step in range(STEPS):
        batch = slice(step * BATCH % SAMPLES, step * BATCH % SAMPLES + BATCH)
        x, target, weights = torch.tensor(inputs[batch]), torch.tensor(targets[batch]), torch.tensor(rows[batch])
        outputs = model(x)
        if loss == "cross_entropy" and classes is not None and (rows == 1).all():
            total = nn.CrossEntropyLoss(weight=classes)(outputs, target)
        else:
            each = each_loss(loss, outputs, target)
            if classes is not None:
                weights = weights * classes[target.long().flatten()]
            total = (weights * each).sum() / weights.sum()
        update.zero_grad()
        total.backward()
        update.step()
        losses.append(total.item())
    return np.array(losses), np.concatenate([p.detach().numpy().T.ravel() for p in model.parameters()])


def each_loss(loss, outputs, target) -> torch.Tensor:
    if loss == "cross_entropy":
        return functional.cross_entropy(outputs, target, reduction="none")
    if loss == "mse":
        return functional.mse_loss(outputs, target, reduction="none").mean(1)
    return functional.binary_cross_entropy_with_logits(outputs, target, reduction="none").mean(1)


if __name__ == "__main__":
    main()
