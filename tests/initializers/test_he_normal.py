"""He's normal initializer."""

from __future__ import annotations

from nnctl.initializers.he_normal import HeNormal
from tests.support.initializer_check import FAN_IN, NormalCheck


class TestHeNormal(NormalCheck):
    kind = HeNormal
    variance = 2 / FAN_IN
