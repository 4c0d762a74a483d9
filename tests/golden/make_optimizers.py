"""Write golden/optimizers/: 20 steps of every optimizer in PyTorch, in float64, with the settings in its test file.

Run by hand where PyTorch is installed: python -m tests.golden.make_optimizers [KIND]...
"""

from __future__ import annotations

import json
import sys

import numpy as np
import torch

from nnctl.optimizers.optimizer import Optimizer
from nnctl.spec import kinds
from tests.support.kind_check import Settings
from tests.support.kinds_have_tests import check_of
from tests.support.optimizer_check import OptimizerCheck, PyTorchOptimizerCheck

STEPS, SIZE = 20, 9


def trace(
    check: type[PyTorchOptimizerCheck], settings: Settings, start: np.ndarray, gradients: np.ndarray
) -> np.ndarray:
    """The parameters after each step: (STEPS, SIZE)."""
    own = {key: value for key, value in settings.items() if key != "learning_rate"}
    parameter = torch.nn.Parameter(torch.tensor(start))
    optimizer = check.pytorch([parameter], lr=settings["learning_rate"], foreach=False, **own)
    trace = []
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient)
        optimizer.step()
        trace.append(parameter.detach().numpy().copy())
    return np.stack(trace)


def main() -> None:
    torch.set_default_dtype(torch.float64)  # in which nadam keeps a product
    random = np.random.default_rng(1)
    start = random.normal(size=SIZE)
    gradients = random.normal(size=(STEPS, SIZE)) * 10.0 ** random.integers(-3, 3, size=SIZE)
    gradients[:, 0] = 0.0
    gradients[:7, 1] = 0.0
    for name, optimizer in kinds(Optimizer).items():
        check = check_of(optimizer, OptimizerCheck)
        if not issubclass(check, PyTorchOptimizerCheck) or (sys.argv[1:] and name not in sys.argv[1:]):
            continue
        arrays = {"settings": np.array(json.dumps(check.golden))}
        for index, settings in enumerate(check.golden):
            arrays |= {
                f"{index}.start": start,
                f"{index}.gradients": gradients,
                f"{index}.trace": trace(check, settings, start, gradients),
            }
        file = check.golden_file()
        file.parent.mkdir(exist_ok=True)
        np.savez(file, **arrays)


if __name__ == "__main__":
    main()
