"""Make layers.npz, the golden numbers of every layer that PyTorch has: `python tests/golden/make_layers.py` with torch.

For each case the file holds its settings as JSON (`<case>/settings`), its inputs, parameters and d_outputs, and
PyTorch's outputs, d_inputs and gradients, all float64 in nnctl's layout: images (N, H, W, C), weights (KH, KW, C, O).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  # as PyTorch's own documentation calls it

IMAGE, ROW = (2, 3, 6, 5), (3, 6)  # PyTorch's layout: (N, C, H, W)

# case: settings, shape of the inputs, shape of the weight or None, function
CASES: dict[str, tuple[dict[str, Any], tuple[int, ...], tuple[int, ...] | None, Callable[..., Tensor]]] = {
    "linear": ({"type": "linear", "out_features": 4}, ROW, (4, 6), F.linear),
    "linear without bias": (
        {"type": "linear", "out_features": 4, "bias": False},
        ROW,
        (4, 6),
        lambda x, weight: F.linear(x, weight),
    ),
    "conv2d": ({"type": "conv2d", "out_channels": 4, "kernel_size": 3}, IMAGE, (4, 3, 3, 3), F.conv2d),
    "conv2d same": (
        {"type": "conv2d", "out_channels": 2, "kernel_size": [2, 4], "padding": "same"},
        IMAGE,
        (2, 3, 2, 4),
        lambda x, weight, bias: F.conv2d(F.pad(x, (1, 2, 0, 1)), weight, bias),
    ),
    "conv2d strided": (
        {"type": "conv2d", "out_channels": 2, "kernel_size": 5, "padding": 2, "stride": [2, 3], "bias": False},
        IMAGE,
        (2, 3, 5, 5),
        lambda x, weight: F.conv2d(x, weight, padding=2, stride=(2, 3)),
    ),
    "conv2d dilated": (
        {"type": "conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1, "stride": 2, "dilation": [2, 1]},
        IMAGE,
        (2, 3, 3, 3),
        lambda x, weight, bias: F.conv2d(x, weight, bias, padding=1, stride=2, dilation=(2, 1)),
    ),
    "max_pool2d": ({"type": "max_pool2d", "kernel_size": 2}, IMAGE, None, lambda x: F.max_pool2d(x, 2)),
    "max_pool2d padded": (
        {"type": "max_pool2d", "kernel_size": [3, 2], "stride": [2, 1], "padding": 1},
        IMAGE,
        None,
        lambda x: F.max_pool2d(x, (3, 2), stride=(2, 1), padding=1),
    ),
    "avg_pool2d": ({"type": "avg_pool2d", "kernel_size": 2}, IMAGE, None, lambda x: F.avg_pool2d(x, 2)),
    "avg_pool2d padded": (
        {"type": "avg_pool2d", "kernel_size": [3, 2], "stride": [2, 1], "padding": 1},
        IMAGE,
        None,
        lambda x: F.avg_pool2d(x, (3, 2), stride=(2, 1), padding=1, count_include_pad=False),
    ),
    "flatten": ({"type": "flatten"}, ROW, None, lambda x: torch.flatten(x, 1)),
    "relu": ({"type": "relu"}, IMAGE, None, F.relu),
    "leaky_relu": ({"type": "leaky_relu", "slope": 0.2}, IMAGE, None, lambda x: F.leaky_relu(x, 0.2)),
    "elu": ({"type": "elu", "alpha": 0.7}, IMAGE, None, lambda x: F.elu(x, 0.7)),
    "gelu": ({"type": "gelu"}, IMAGE, None, F.gelu),
    "silu": ({"type": "silu"}, IMAGE, None, F.silu),
    "sigmoid": ({"type": "sigmoid"}, IMAGE, None, torch.sigmoid),
    "tanh": ({"type": "tanh"}, IMAGE, None, torch.tanh),
    "softplus": ({"type": "softplus"}, IMAGE, None, F.softplus),
    "softmax": ({"type": "softmax"}, IMAGE, None, lambda x: F.softmax(x, dim=1)),
}


def channels_last(tensor: Tensor) -> np.ndarray[Any, Any]:
    """(N, C, H, W) as (N, H, W, C); rows stay."""
    array = tensor.detach().numpy()
    return np.ascontiguousarray(array.transpose(0, 2, 3, 1) if array.ndim == 4 else array)


def weight_layout(tensor: Tensor) -> np.ndarray[Any, Any]:
    """(O, C, KH, KW) as (KH, KW, C, O); (out, in) as (in, out)."""
    array = tensor.detach().numpy()
    return np.ascontiguousarray(array.transpose(2, 3, 1, 0) if array.ndim == 4 else array.T)


def embed_columns(inputs: Tensor, **weights: Tensor) -> Tensor:
    """The last columns are slot numbers; each becomes a row of its weight."""
    others, slots = inputs[:, : -len(weights)], inputs[:, -len(weights) :].long()
    vectors = [F.embedding(slots[:, column], weight) for column, weight in enumerate(weights.values())]
    return torch.cat([others, *vectors], dim=1)


def numbers_of(
    case: str,
    settings: dict[str, Any],
    inputs: Tensor,
    parameters: dict[str, Tensor],
    function: Callable[..., Tensor],
) -> dict[str, Any]:
    """What the file holds of a case."""
    for tensor in (inputs, *parameters.values()):
        tensor.requires_grad_()
    outputs = function(inputs, **parameters)
    d_outputs = torch.randn_like(outputs)
    outputs.backward(d_outputs)
    assert inputs.grad is not None
    images = {"inputs": inputs, "outputs": outputs, "d_inputs": inputs.grad, "d_outputs": d_outputs}
    found = {name: channels_last(tensor) for name, tensor in images.items()}
    for name, tensor in parameters.items():
        layout = weight_layout if name == "weight" else channels_last
        assert tensor.grad is not None
        found |= {name: layout(tensor), f"d_{name}": layout(tensor.grad)}
    return {f"{case}/settings": np.array(json.dumps(settings))} | {
        f"{case}/{name}": array for name, array in found.items()
    }


def main() -> None:
    torch.manual_seed(0)
    arrays: dict[str, Any] = {}
    for case, (settings, shape, weight_shape, function) in CASES.items():
        inputs = 2 * torch.randn(shape, dtype=torch.float64)
        parameters: dict[str, Tensor] = {}
        if weight_shape is not None:
            parameters["weight"] = torch.randn(weight_shape, dtype=torch.float64)
            if settings.get("bias", True):
                parameters["bias"] = torch.randn(weight_shape[0], dtype=torch.float64)
        arrays |= numbers_of(case, settings, inputs, parameters, function)
    columns: list[dict[str, Any]] = [
        {"name": "street", "slots": 5, "size": 3},
        {"name": "roof", "slots": 2, "size": 1},
    ]
    slots = [torch.randint(0, column["slots"], (7, 1)) for column in columns]
    inputs = torch.cat([torch.randn(7, 4, dtype=torch.float64), *slots], dim=1)
    parameters = {
        column["name"]: torch.randn(column["slots"], column["size"], dtype=torch.float64) for column in columns
    }
    settings = {"type": "embed_columns", "columns": columns}
    arrays |= numbers_of("embed_columns", settings, inputs, parameters, embed_columns)
    np.savez_compressed(Path(__file__).with_name("layers.npz"), **arrays)


if __name__ == "__main__":
    main()
