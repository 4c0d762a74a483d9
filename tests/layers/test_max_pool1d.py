"""Max pooling over steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from nnctl.kernels.device import CPU
from nnctl.layers.max_pool1d import MaxPool1D
from nnctl.layers.operation import ShapeError, StepContext
from tests.support.kind_check import Settings
from tests.support.layer_check import Float64
from tests.support.naive_windows import pooled_steps
from tests.support.pytorch_layer_check import PyTorchLayerCheck
from tests.support.sequence_check import FEATURES, STEPS, SequenceCheck

INPUTS = [STEPS, FEATURES]


class TestMaxPool1D(SequenceCheck, PyTorchLayerCheck):
    kind = MaxPool1D
    cases = (
        {"inputs": INPUTS, "kernel_size": 2},
        {"inputs": INPUTS, "kernel_size": 3, "stride": 2, "padding": "same"},
        {"inputs": INPUTS, "kernel_size": 3, "stride": 1, "padding": "same"},
        {"inputs": INPUTS, "kernel_size": 3, "stride": 1, "padding": 2},
        {"inputs": [7, 19], "kernel_size": 2, "stride": 3},
    )
    refused = ({}, {"kernel_size": 0}, {"kernel_size": 2, "stride": 0}, {"kernel_size": 2, "padding": "causal"})
    golden = (
        {"inputs": [6, 3], "kernel_size": 2},
        {"inputs": [6, 3], "kernel_size": 3, "stride": 2, "padding": 1},
    )

    def least(self, case: Settings) -> int:
        padding = case.get("padding", "valid")
        return 1 if padding == "same" else int(case["kernel_size"]) - (0 if padding == "valid" else 2 * padding)

    @staticmethod
    def reference(layer: MaxPool1D, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        return pooled_steps(layer, inputs, np.nanmax)

    @staticmethod
    def pytorch(
        inputs: Any, parameters: Mapping[str, Any], kernel_size: int, stride: Any = None, padding: int = 0
    ) -> Any:
        from torch.nn import functional

        return functional.max_pool1d(inputs, kernel_size, stride, padding)


@pytest.mark.parametrize(
    ("padding", "shape", "what"),
    [
        (0, (4, 4, 1), "needs sequences, two axes a sample: (steps, features)"),
        (0, (2, 4), "kernel_size 3 is larger than its inputs' number of steps, 2"),
        (3, (7, 4), "padding 3 is not smaller than kernel_size 3: a window would see no inputs"),
    ],
)
def test_a_shape_that_does_not_fit(padding: int, shape: tuple[int, ...], what: str) -> None:
    with pytest.raises(ShapeError) as raised:
        MaxPool1D(kernel_size=3, padding=padding).plan(shape, CPU())
    assert raised.value.what == what
    assert raised.value.help
