"""Dropout of whole channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nnctl.kernels.device import CPU
from nnctl.layers.operation import ShapeError, StepContext
from nnctl.layers.spatial_dropout import SpatialDropout
from tests.support.layer_check import Float64, LayerCheck, a_step, build, check_layer
from tests.support.splitmix import splitmix64


class TestSpatialDropout(LayerCheck):
    kind = SpatialDropout
    cases = (
        {"inputs": [3, 4, 2]},
        {"inputs": [5, 140], "p": 0.9},
        {"inputs": [6, 3], "p": 0.0},
    )
    refused = ({"p": 1.0}, {"p": -0.1})
    without_pytorch = "its mask is another"

    @staticmethod
    def reference(
        layer: SpatialDropout, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext
    ) -> Float64:
        if not step.training:
            return inputs.copy()
        key, channels = int(step.key("spatial_dropout")), inputs.shape[-1]
        outputs = inputs / (1 - layer.p)
        for n in range(len(inputs)):
            for c in range(channels):
                if (splitmix64(key, n * channels + c) >> 11) / 2**53 < layer.p:
                    outputs[n, ..., c] = 0.0
        return outputs

    def test_evaluation_changes_nothing(self) -> None:
        check_layer(SpatialDropout(), (3, 4, 2), self.reference, training=False)


def dropped(p: float = 0.5, **counters: Any) -> np.ndarray[Any, Any]:
    """Which channels of which samples are 0 at all pixels, (20, 50); the others are 0 at none."""
    built = build(SpatialDropout(p=p), (2, 3, 50), samples=20).forward(replace(a_step(), **counters))
    zeros = built.arrays.outputs == 0
    assert (zeros.all(axis=(1, 2)) == zeros.any(axis=(1, 2))).all()
    return np.asarray(zeros.all(axis=(1, 2)))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_the_share_of_channels_is_p(p: float) -> None:
    share = np.mean([dropped(p, step=step).mean() for step in range(10)])
    assert abs(share - p) <= 4 * np.sqrt(p * (1 - p) / 10_000)


@pytest.mark.parametrize("counter", ["seed", "epoch", "step", "path"])
def test_each_counter_makes_another_mask(counter: str) -> None:
    one, other = (dropped(**{counter: (at,) if counter == "path" else at}) for at in (10, 11))
    assert 0.4 < np.mean(one == other) < 0.6  # independent masks agree on half


def test_a_dropped_nan_is_gone() -> None:
    built = build(SpatialDropout(p=0.9), (4, 3))
    built.arrays.inputs[...] = np.nan
    outputs = built.forward(a_step()).arrays.outputs
    assert (outputs == 0).any()


def test_a_row_of_features_is_refused() -> None:
    with pytest.raises(ShapeError, match="at least two axes"):
        SpatialDropout().plan((4,), CPU())
