"""Max pooling over steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.max_pool1d import MaxPool1D
from nnctl.layers.operation import StepContext
from tests.support.layer_check import Float64
from tests.support.naive_windows import pooled_steps
from tests.support.pool1d_check import Pool1DCheck


class TestMaxPool1D(Pool1DCheck):
    kind = MaxPool1D

    @staticmethod
    def reference(layer: MaxPool1D, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        return pooled_steps(layer, inputs, np.nanmax)

    @staticmethod
    def pytorch(
        inputs: Any, parameters: Mapping[str, Any], kernel_size: int, stride: Any = None, padding: int = 0
    ) -> Any:
        from torch.nn import functional

        return functional.max_pool1d(inputs, kernel_size, stride, padding)
