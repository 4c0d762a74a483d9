"""Layer normalisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.layer_norm import LayerNorm
from tests.support.layer_check import Float64
from tests.support.norm_check import NormCheck, normalized


class TestLayerNorm(NormCheck):
    kind = LayerNorm
    cases = (
        {"inputs": [7]},
        {"inputs": [1]},
        {"inputs": [70], "bias": False},
        {"inputs": [5, 3], "eps": 0.1},
        {"inputs": [2, 3, 4]},
    )
    refused = ({"eps": 0.0}, {"weight": False}, {"features": 3})
    golden = (
        {"inputs": [6]},
        {"inputs": [4, 5], "eps": 1e-3},
        {"inputs": [3, 4, 5], "bias": False},
    )

    @staticmethod
    def of_sample(layer: LayerNorm, sample: Float64) -> Float64:
        return np.array([normalized(step, layer.eps) for step in sample])

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], eps: float = 1e-5, bias: bool = True) -> Any:
        from torch.nn import functional

        return functional.layer_norm(inputs.movedim(1, -1), inputs.shape[1:2], **parameters, eps=eps).movedim(-1, 1)
