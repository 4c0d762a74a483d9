"""LeCun's normal initializer."""

from __future__ import annotations

from nnctl.initializers.lecun_normal import LecunNormal
from tests.support.initializer_check import FAN_IN, NormalCheck


class TestLecunNormal(NormalCheck):
    kind = LecunNormal
    variance = 1 / FAN_IN
