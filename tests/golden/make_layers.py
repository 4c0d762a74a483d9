"""Write golden/layers/: outputs and gradients of the layers that PyTorch has, of the settings in their test files.

All are float64 in nnctl's layout: images (N, H, W, C), weights (KH, KW, C, O) or (in, out).
Run by hand where PyTorch is installed: python -m tests.golden.make_layers [KIND]...
"""

from __future__ import annotations

import json
import sys

import numpy as np
import torch
from torch import Tensor

from nnctl.kernels.device import CPU
from nnctl.layers.layer import Layer
from nnctl.spec import kinds
from tests.support.kind_check import Settings
from tests.support.kinds_have_tests import check_of
from tests.support.layer_check import LayerCheck
from tests.support.pytorch_layer_check import PyTorchLayerCheck

SAMPLES = 3


def pytorchs_layout(name: str, parameter: Tensor) -> Tensor:
    """A weight as (O, C, KH, KW), (O, C, K) or (out, in)."""
    if not name.startswith("weight"):
        return parameter
    orders = {4: (3, 2, 0, 1), 3: (2, 1, 0), 2: (1, 0)}
    return parameter.permute(orders[parameter.ndim])


def numbers(check: type[PyTorchLayerCheck], case: Settings, random: np.random.Generator) -> dict[str, np.ndarray]:
    """What is stored of a case."""
    settings = {key: value for key, value in case.items() if key != "inputs"}
    layer, shape = check().layer(case), tuple(case["inputs"])
    specs = [spec for spec in layer.plan(shape, CPU()).arrays if spec.role == "parameter"]
    inputs = torch.tensor(check.draw(layer, (SAMPLES, *shape), random), requires_grad=True)
    parameters = {spec.name: torch.tensor(random.normal(size=spec.shape), requires_grad=True) for spec in specs}
    as_pytorch = {name: pytorchs_layout(name, parameter) for name, parameter in parameters.items()}
    outputs = check.pytorch(inputs.movedim(-1, 1), as_pytorch, **settings).movedim(1, -1)
    d_outputs = torch.tensor(random.normal(size=outputs.shape))
    outputs.backward(d_outputs)
    found = {"inputs": inputs, "outputs": outputs, "d_inputs": inputs.grad, "d_outputs": d_outputs, **parameters}
    found |= {f"d_{name}": parameter.grad for name, parameter in parameters.items()}
    return {name: np.ascontiguousarray(tensor.detach().numpy()) for name, tensor in found.items()}


def main(names: list[str]) -> None:
    """names: of the kinds to make files for; all if there are none."""
    for name, kind in kinds(Layer).items():
        check = check_of(kind, LayerCheck)
        if not issubclass(check, PyTorchLayerCheck) or (names and name not in names):
            continue
        random = np.random.default_rng(2)
        arrays = {"settings": np.array(json.dumps(check.golden))}
        for index, case in enumerate(check.golden):
            arrays |= {f"{index}.{key}": array for key, array in numbers(check, case, random).items()}
        file = check.golden_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file, **arrays)


if __name__ == "__main__":
    main(sys.argv[1:])
