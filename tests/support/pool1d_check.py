"""What every pooling layer over steps must do."""

from __future__ import annotations

from abc import ABC

import pytest

from nnctl.kernels.device import CPU
from nnctl.layers.operation import ShapeError
from tests.support.kind_check import Settings
from tests.support.pytorch_layer_check import PyTorchLayerCheck
from tests.support.sequence_check import FEATURES, STEPS, SequenceCheck

INPUTS = [STEPS, FEATURES]


class Pool1DCheck(SequenceCheck, PyTorchLayerCheck, ABC):
    """A window over real steps alone, with the padding of the other axes' pools."""

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

    @pytest.mark.parametrize(
        ("padding", "shape", "what"),
        [
            (0, (4, 4, 1), "needs sequences, two axes a sample: (steps, features)"),
            (0, (2, 4), "kernel_size 3 is larger than its inputs' number of steps, 2"),
            (3, (7, 4), "padding 3 is not smaller than kernel_size 3: a window would see no inputs"),
        ],
    )
    def test_a_shape_that_does_not_fit(self, padding: int, shape: tuple[int, ...], what: str) -> None:
        with pytest.raises(ShapeError) as raised:
            self.layer({"kernel_size": 3, "padding": padding}).plan(shape, CPU())
        assert raised.value.what == what
        assert raised.value.help
