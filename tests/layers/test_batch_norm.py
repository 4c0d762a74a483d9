"""Batch normalisation: the shared check, PyTorch's numbers, running statistics, lengths, and whole trainings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnctl.layers.batch_norm import BatchNorm
from nnctl.layers.operation import Shape, StepContext
from tests.support.layer_check import check_layer

Float64 = NDArray[np.float64]

CASES: list[tuple[dict[str, Any], Shape]] = [
    ({}, (7,)),
    ({}, (1,)),
    ({"bias": False}, (200,)),
    ({"momentum": 0.3, "eps": 0.1}, (5, 3)),
    ({}, (20, 2)),
    ({}, (3, 4, 2)),
    ({}, (5, 4, 3)),
    ({"bias": False}, (3, 7, 33)),
]


def batch_norm(layer: Any, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
    """One channel at a time; running statistics are as they start."""
    outputs = np.empty_like(inputs)
    for channel in range(inputs.shape[-1]):
        values = [float(value) for value in inputs[..., channel].ravel()]
        mean, variance = 0.0, 1.0
        if step.training:
            mean = math.fsum(values) / len(values)
            variance = math.fsum((value - mean) ** 2 for value in values) / len(values)
        bias = parameters["bias"][channel] if "bias" in parameters else 0.0
        scale = parameters["weight"][channel] / math.sqrt(variance + layer.eps)
        outputs[..., channel] = (inputs[..., channel] - mean) * scale + bias
    return outputs


@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize(("settings", "shape"), CASES, ids=str)
def test_layer(settings: dict[str, Any], shape: Shape, training: bool) -> None:
    check_layer(BatchNorm.model_validate(settings), shape, batch_norm, training=training)
