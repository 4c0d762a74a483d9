"""He's uniform initializer."""

from __future__ import annotations

from nnctl.initializers.he_uniform import HeUniform
from tests.support.initializer_check import FAN_IN, UniformCheck


class TestHeUniform(UniformCheck):
    kind = HeUniform
    variance = 2 / FAN_IN
