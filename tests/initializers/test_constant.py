"""One number everywhere."""

from __future__ import annotations

import numpy as np

from nnctl.initializers.constant import Constant
from tests.support.initializer_check import InitializerCheck, fill


class TestConstant(InitializerCheck):
    kind = Constant
    refused = ({}, {"value": "1"})

    def test_a_number_stands_for_it(self) -> None:
        np.testing.assert_array_equal(fill(0.35, (2, 3)), np.full((2, 3), 0.35))
        np.testing.assert_array_equal(fill(2, (2,)), [2.0, 2.0])

    def test_it_is_float64(self) -> None:
        assert fill({"type": "constant", "value": 1}, (4,)).dtype == np.float64
