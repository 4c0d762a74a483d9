"""Write golden/losses/: values and gradients of every loss in PyTorch, in float64, of the settings in its test file.

Run by hand where PyTorch is installed: python -m tests.golden.make_losses
"""

from __future__ import annotations

import json

import numpy as np
import torch

from nnctl.losses.loss import Loss
from nnctl.spec import kinds
from tests.support.kinds_have_tests import check_of
from tests.support.loss_check import LossCheck

SAMPLES, WIDTH = 6, 5


def targets_of(loss: type[Loss], random: np.random.Generator) -> np.ndarray:
    if loss.targets == "classes":
        return random.integers(0, WIDTH, SAMPLES)
    if loss.targets == "binary":
        return random.integers(0, 2, (SAMPLES, WIDTH)).astype(np.float64)
    return random.normal(size=(SAMPLES, WIDTH))


def main() -> None:
    for loss in kinds(Loss).values():
        check = check_of(loss, LossCheck)
        random = np.random.default_rng(2)
        arrays = {"settings": np.array(json.dumps(check.golden))}
        for index, case in enumerate(check.golden):
            settings = {key: value for key, value in case.items() if key != "spread"}
            targets = targets_of(loss, random)
            outputs = torch.tensor(case["spread"] * random.normal(size=(SAMPLES, WIDTH)), requires_grad=True)
            losses = check.pytorch(outputs, torch.tensor(targets), **settings)
            losses.mean().backward()
            arrays |= {
                f"{index}.outputs": outputs.detach().numpy(),
                f"{index}.targets": targets,
                f"{index}.losses": losses.detach().numpy(),
                f"{index}.d_outputs": outputs.grad.numpy(),
            }
        file = check.golden_file()
        file.parent.mkdir(exist_ok=True)
        np.savez(file, **arrays)


if __name__ == "__main__":
    main()
