"""Curves of runs: few different values, so that many are equal, and some NaN."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hypothesis import strategies as st

EPOCHS = 9
values = st.sampled_from([0.0, 0.25, 0.5, 1.0, 1e6, math.nan])
curves = st.lists(values, min_size=1, max_size=EPOCHS)
earlier_curves = st.lists(curves, max_size=9)


def mirrored(curves: Sequence[Sequence[float]]) -> list[list[float]]:
    """The same, where higher is better."""
    return [[-value for value in curve] for curve in curves]
