"""Images made larger."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor
from typing import Any

import numpy as np

from nnctl.layers.operation import StepContext
from nnctl.layers.upsample2d import Upsample2D
from tests.support.layer_check import Float64
from tests.support.naive_windows import both
from tests.support.pytorch_layer_check import PyTorchLayerCheck


def shares(place: int, scale: int, size: int) -> list[tuple[int, float]]:
    """The pixels along an axis that a bilinear output is made of, each with its share."""
    centre = max((place + 0.5) / scale - 0.5, 0)
    first = floor(centre)
    return [(first, 1 - (centre - first)), (min(first + 1, size - 1), centre - first)]


class TestUpsample2D(PyTorchLayerCheck):
    kind = Upsample2D
    cases = (
        {"inputs": [3, 4, 2], "scale": 2},
        {"inputs": [3, 2, 19], "scale": [1, 3]},
        {"inputs": [3, 4, 2], "scale": 2, "mode": "bilinear"},
        {"inputs": [1, 3, 2], "scale": [3, 2], "mode": "bilinear"},
    )
    refused = ({}, {"scale": 0}, {"scale": 1.5}, {"scale": [2]}, {"scale": 2, "mode": "cubic"})
    golden = (
        {"inputs": [3, 2, 2], "scale": [2, 3]},
        {"inputs": [3, 4, 2], "scale": [3, 2], "mode": "bilinear"},
    )

    @staticmethod
    def reference(layer: Upsample2D, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        tall, wide = both(layer.scale)
        samples, height, width, channels = inputs.shape
        outputs = np.zeros((samples, height * tall, width * wide, channels))
        for row, column in np.ndindex(outputs.shape[1:3]):
            if layer.mode == "nearest":
                outputs[:, row, column] = inputs[:, row // tall, column // wide]
                continue
            for h, down in shares(row, tall, height):
                for w, across in shares(column, wide, width):
                    outputs[:, row, column] += down * across * inputs[:, h, w]
        return outputs

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], scale: Any, mode: str = "nearest") -> Any:
        from torch.nn import functional

        return functional.interpolate(inputs, scale_factor=tuple(both(scale)), mode=mode)
