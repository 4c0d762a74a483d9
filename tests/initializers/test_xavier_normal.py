"""Xavier's normal initializer."""

from __future__ import annotations

from nnctl.initializers.xavier_normal import XavierNormal
from tests.support.initializer_check import FAN_IN, FAN_OUT, NormalCheck


class TestXavierNormal(NormalCheck):
    kind = XavierNormal
    variance = 2 / (FAN_IN + FAN_OUT)
