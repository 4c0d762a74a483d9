"""Hashes of samples: alike where their inputs are alike, however many bytes a sample has."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.data.scaling import Scaling
from nnctl.data.splits.duplicates import row_hashes
from nnctl.data.splits.selection import Split


@pytest.mark.parametrize("size", [1, 6, 12, 225, 784])
@pytest.mark.parametrize("words", [1, 1 << 14])
def test_alike_where_the_bytes_are(size: int, words: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnctl.data.splits.duplicates.WORDS", words)
    inputs = np.random.default_rng(0).integers(0, 256, (40, size, 1), np.uint8)
    inputs[7] = inputs[3]
    hashes = row_hashes(Split(inputs, np.zeros(40), scaling=Scaling("float32", 255.0)))
    _, first = np.unique(inputs, axis=0, return_inverse=True)
    alike = first.reshape(-1)
    assert ((hashes[:, np.newaxis] == hashes) == (alike[:, np.newaxis] == alike)).all()
    assert hashes[7] == hashes[3]


def test_of_rows_that_are_shared() -> None:
    inputs = np.random.default_rng(0).integers(0, 256, (40, 5, 5), np.uint8)
    rows = np.arange(0, 40, 3)
    whole, part = row_hashes(Split(inputs, np.zeros(40))), row_hashes(Split(inputs, np.zeros(len(rows)), rows=rows))
    np.testing.assert_array_equal(part, whole[rows])
