"""Xavier's uniform initializer."""

from __future__ import annotations

from nnctl.initializers.xavier_uniform import XavierUniform
from tests.support.initializer_check import FAN_IN, FAN_OUT, UniformCheck


class TestXavierUniform(UniformCheck):
    kind = XavierUniform
    variance = 2 / (FAN_IN + FAN_OUT)
