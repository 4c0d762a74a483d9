"""LeCun's uniform initializer."""

from __future__ import annotations

from nnctl.initializers.lecun_uniform import LecunUniform
from tests.support.initializer_check import FAN_IN, UniformCheck


class TestLecunUniform(UniformCheck):
    kind = LecunUniform
    variance = 1 / FAN_IN
