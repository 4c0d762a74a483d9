"""Softsign."""

from __future__ import annotations

from nnctl.layers.softsign import Softsign

from tests.support.activation_check import ElementwiseCheck
from tests.support.layer_check import Array, Float64


class TestSoftsign(ElementwiseCheck):
    kind = Softsign
    cases = ({"inputs": [3, 4, 2]}, {"inputs": [7], "sharpness": 0.3})
    refused = ({"sharpness": 0.0},)
    without_pytorch = "its sharpness is fixed there"

    @staticmethod
    def formula(layer: Softsign, x: float) -> float:
        return x / (1 + layer.sharpness * abs(x))

    @staticmethod
    def limits(x: Float64) -> Array:
        return x / (1 + abs(x))
