"""Values that the config gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnctl.initializers.values import Values
from tests.support.initializer_check import InitializerCheck, fill, make


class TestValues(InitializerCheck):
    kind = Values
    refused = ({}, {"values": 1.0})

    def test_they_are_taken_as_they_are(self) -> None:
        np.testing.assert_array_equal(fill([[0.15, 0.25], [0.2, 3]], (2, 2)), [[0.15, 0.25], [0.2, 3.0]])

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ([[1.0, 2.0]], r"expected values of shape \(2, 2\), got \(1, 2\)"),
            ([[1.0, 2.0], [3.0]], "rows of equal length"),
            ([[1.0, 2.0], 3.0], "rows of equal length"),
            ([[1.0, 2.0], [3.0, "4"]], "finite numbers"),
            ([[1.0, 2.0], [3.0, True]], "finite numbers"),
            ([[1.0, 2.0], [3.0, None]], "finite numbers"),
            ([[1.0, 2.0], [3.0, float("nan")]], "finite numbers"),
            ([[1.0, 2.0], [3.0, float("-inf")]], "finite numbers"),
            ([[1.0, 2.0], [3.0, 10**400]], "finite numbers"),
        ],
        ids=str,
    )
    def test_values_that_do_not_fit_are_refused(self, value: Any, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            make(value).check((2, 2))
        with pytest.raises(ValueError, match=message):
            fill(value, (2, 2))
