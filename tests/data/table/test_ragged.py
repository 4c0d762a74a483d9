"""Sequences of different lengths, against lists."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nnctl.data.table.ragged import Ragged

LISTS = st.lists(st.lists(st.integers(0, 4), max_size=5), min_size=1, max_size=6)


def lists(ragged: Ragged) -> list[list[int]]:
    assert len(ragged.values) == ragged.counts.sum()
    return [part.tolist() for part in np.split(ragged.values, np.cumsum(ragged.counts)[:-1])]


@given(LISTS, st.data())
def test_take(own: list[list[int]], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(-len(own), len(own) - 1), min_size=1))
    assert lists(Ragged.of(own).take(np.array(rows))) == [own[row] for row in rows]


@given(LISTS, st.lists(st.lists(st.integers(0, 9), max_size=3), min_size=5, max_size=5))
def test_expanded(own: list[list[int]], parts: list[list[int]]) -> None:
    expected = [[value for number in sequence for value in parts[number]] for sequence in own]
    assert lists(Ragged.of(own).expanded(Ragged.of(parts))) == expected


@given(LISTS, st.integers(1, 6))
def test_padded(own: list[list[int]], length: int) -> None:
    padded = Ragged.of(own).padded(length, "float32")
    assert (padded.dtype, padded.flags.c_contiguous) == (np.dtype("float32"), True)
    assert padded.tolist() == [[*sequence, *[0] * length][:length] for sequence in own]
