"""Zeros everywhere."""

from __future__ import annotations

import numpy as np

from nnctl.initializers.zeros import Zeros
from tests.support.initializer_check import InitializerCheck, fill


class TestZeros(InitializerCheck):
    kind = Zeros

    def test_zeros(self) -> None:
        np.testing.assert_array_equal(fill("zeros", (2, 3)), np.zeros((2, 3)))
