"""The mean of each channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from nnctl.kernels.device import CPU
from nnctl.layers.global_avg_pool import GlobalAvgPool
from nnctl.layers.operation import ShapeError, StepContext
from tests.support.layer_check import Float64
from tests.support.pytorch_layer_check import PyTorchLayerCheck
from tests.support.sequence_check import FEATURES, STEPS, SequenceCheck


class TestGlobalAvgPool(SequenceCheck, PyTorchLayerCheck):
    kind = GlobalAvgPool
    cases = ({"inputs": [STEPS, FEATURES]}, {"inputs": [3, 4, 19]}, {"inputs": [1, 1, 2]})
    golden = ({"inputs": [6, 3]}, {"inputs": [4, 3, 2]})

    @staticmethod
    def reference(
        layer: GlobalAvgPool, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext
    ) -> Float64:
        return inputs.reshape(len(inputs), -1, inputs.shape[-1]).mean(axis=1)

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any]) -> Any:
        return inputs.flatten(2).mean(2)


def test_a_row_of_features_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"needs sequences or images: \(steps, channels\)"):
        GlobalAvgPool().plan((7,), CPU())


def test_images_with_lengths_are_refused() -> None:
    with pytest.raises(ShapeError, match="needs images, and its inputs are sequences with a length each"):
        GlobalAvgPool().plan((7, 3, 2), CPU()).steps(np.arange(1, 8))
