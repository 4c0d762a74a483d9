"""Instance normalisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from nnctl.kernels.device import CPU
from nnctl.layers.instance_norm import InstanceNorm
from nnctl.layers.operation import ShapeError
from tests.support.layer_check import Float64, a_step, build
from tests.support.norm_check import NormCheck, normalized


class TestInstanceNorm(NormCheck):
    kind = InstanceNorm
    cases = (
        {"inputs": [5, 3], "eps": 0.1},
        {"inputs": [3, 4, 2], "bias": False},
    )
    refused = ({"eps": 0.0}, {"weight": False}, {"groups": 2})
    golden = (
        {"inputs": [4, 5], "eps": 1e-3},
        {"inputs": [3, 4, 2], "bias": False},
    )

    @staticmethod
    def of_sample(layer: InstanceNorm, sample: Float64) -> Float64:
        return np.stack([normalized(channel, layer.eps) for channel in sample.T], axis=1)

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], eps: float = 1e-5, bias: bool = True) -> Any:
        from torch.nn import functional

        return functional.instance_norm(inputs, **parameters, eps=eps)

    def test_one_step_has_no_variance(self) -> None:
        """PyTorch refuses it; a sequence of length 1 must not end a training."""
        arrays = build(InstanceNorm(), (1, 4)).both_ways(a_step()).arrays
        np.testing.assert_array_equal(arrays.outputs, np.broadcast_to(arrays.parameters["bias"], (3, 1, 4)))
        assert arrays.d_inputs is not None
        assert not arrays.d_inputs.any()

    def test_a_row_of_features_is_refused(self) -> None:
        with pytest.raises(ShapeError, match="at least two axes"):
            InstanceNorm().plan((4,), CPU())
