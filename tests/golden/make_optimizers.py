"""Write optimizers.npz: 20 steps of every optimizer in PyTorch, in float64, on one fixed sequence of gradients.

Run by hand where PyTorch is installed: python tests/golden/make_optimizers.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

STEPS, SIZE = 20, 9
MAKERS = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop,
    "adagrad": torch.optim.Adagrad,
}
# type and settings as a config has them
CASES: list[dict[str, Any]] = [
    {"type": "sgd", "learning_rate": 0.1},
    {"type": "sgd", "learning_rate": 0.1, "weight_decay": 0.2},
    {"type": "sgd", "learning_rate": 0.05, "momentum": 0.9},
    {"type": "sgd", "learning_rate": 0.05, "momentum": 0.9, "weight_decay": 0.1},
    {"type": "sgd", "learning_rate": 0.05, "momentum": 0.8, "nesterov": True},
    {"type": "sgd", "learning_rate": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1},
    {"type": "adam", "learning_rate": 0.001},
    {"type": "adam", "learning_rate": 0.01, "weight_decay": 0.3},
    {"type": "adam", "learning_rate": 0.02, "betas": [0.7, 0.95], "eps": 1e-3},
    {"type": "adam", "learning_rate": 0.02, "betas": [0.0, 0.9]},
    {"type": "adamw", "learning_rate": 0.01},
    {"type": "adamw", "learning_rate": 0.01, "weight_decay": 0.5, "betas": [0.8, 0.99], "eps": 1e-6},
    {"type": "rmsprop", "learning_rate": 0.01},
    {"type": "rmsprop", "learning_rate": 0.02, "alpha": 0.9, "eps": 1e-4, "weight_decay": 0.2},
    {"type": "rmsprop", "learning_rate": 0.01, "momentum": 0.9},
    {"type": "rmsprop", "learning_rate": 0.01, "momentum": 0.5, "alpha": 0.95, "weight_decay": 0.1},
    {"type": "adagrad", "learning_rate": 0.01},
    {"type": "adagrad", "learning_rate": 0.1, "eps": 1e-3, "weight_decay": 0.2},
]


def run(case: dict[str, Any], start: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """The parameters after each step: (STEPS, SIZE)."""
    settings = {key: value for key, value in case.items() if key not in ("type", "learning_rate")}
    parameter = torch.nn.Parameter(torch.tensor(start))
    optimizer = MAKERS[case["type"]]([parameter], lr=case["learning_rate"], foreach=False, **settings)
    trace = []
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient)
        optimizer.step()
        trace.append(parameter.detach().numpy().copy())
    return np.stack(trace)


def main() -> None:
    random = np.random.default_rng(1)
    start = random.normal(size=SIZE)
    gradients = random.normal(size=(STEPS, SIZE)) * 10.0 ** random.integers(-3, 3, size=SIZE)
    gradients[:, 0] = 0.0
    gradients[:7, 1] = 0.0
    traces = np.stack([run(case, start, gradients) for case in CASES])
    file = Path(__file__).with_name("optimizers.npz")
    np.savez(file, cases=np.array(json.dumps(CASES)), start=start, gradients=gradients, traces=traces)


if __name__ == "__main__":
    main()
