"""The orthogonal initializer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.initializers.orthogonal import Orthogonal
from tests.support.initializer_check import InitializerCheck, fill


class TestOrthogonal(InitializerCheck):
    kind = Orthogonal
    refused = ({"gain": 0}, {"gain": -1.0})

    @pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (2, 3, 5), (1, 1)])
    def test_rows_or_columns_are_at_right_angles(self, shape: tuple[int, ...]) -> None:
        filled = fill({"type": "orthogonal", "gain": 3.0}, shape)
        assert filled.shape == shape
        matrix = filled.reshape(-1, shape[-1])
        fewer = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
        np.testing.assert_allclose(fewer @ fewer.T, 9 * np.eye(len(fewer)), atol=1e-12)

    @given(st.integers(2, 5), st.integers(2, 4))
    def test_gates_are_square_matrices_side_by_side(self, size: int, gates: int) -> None:
        filled = fill("orthogonal", (size, gates * size))
        for gate in np.split(filled, gates, axis=1):
            np.testing.assert_allclose(gate @ gate.T, np.eye(size), atol=1e-12)

    def test_the_values_depend_on_the_stream_alone(self) -> None:
        np.testing.assert_array_equal(fill("orthogonal"), fill("orthogonal"))
        assert (fill("orthogonal") != fill("orthogonal", seed=6)).any()

    def test_directions_are_evenly_distributed(self) -> None:
        """The signs of the first entries: a QR decomposition alone has those of a diagonal always alike."""
        first = [fill("orthogonal", (4, 4), seed)[0, 0] > 0 for seed in range(60)]
        assert 15 < sum(first) < 45
