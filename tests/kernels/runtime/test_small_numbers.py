"""Numbers too small for full precision count as 0 in every thread that runs a program, and nowhere else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnctl.kernels import cpu
from nnctl.kernels.runtime import program as programs
from nnctl.kernels.runtime.program import record
from tests.support.threads import threads

SMALL = {np.float32: 1e-40, np.float64: 1e-310}


@pytest.mark.parametrize("dtype", SMALL)
@pytest.mark.parametrize("count", [1, 2])
def test_they_become_0_whoever_computes_them(count: int, dtype: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "RANGE", 5)
    least = np.finfo(dtype).tiny
    read, written, usual = (np.full(4096, number, dtype) for number in (SMALL[dtype], 1.5 * least, 4 * least))
    with threads(count):
        with record() as program:
            cpu.sgd.step(read, np.zeros_like(read), 1.0, 0.0)
            cpu.sgd.step(written, np.full_like(written, least), 1.0, 0.0)  # half of the least would remain
            cpu.sgd.step(usual, np.full_like(usual, least), 1.0, 0.0)
        program.run()
    assert not read.any()
    assert not written.any()
    assert (usual == 3 * least).all()


@pytest.mark.parametrize("dtype", SMALL)
def test_others_have_them_before_and_after(dtype: Any) -> None:
    numbers = np.full(4096, np.finfo(dtype).tiny, dtype)
    assert (numbers / 2).all()
    with threads(2):
        cpu.sgd.step(numbers, np.zeros_like(numbers), 1.0, 0.0)
    assert (numbers / 2).all()


def test_moments_whose_gradients_are_gone_end_at_0() -> None:
    """They would stay for ever: 0.9 times the smallest number rounds to that number."""
    assert np.float32(0.9) * np.float32(1e-45) != 0
    parameters, gradients = np.ones(64, np.float32), np.zeros(64, np.float32)
    moments, squares = np.full(64, 1e-3, np.float32), np.full(64, 1e-6, np.float32)
    with record() as program:
        cpu.adam.step(parameters, gradients, moments, squares, 0.001, 1, 0.9, 0.999, 1e-8, 0.0, False)
    program.run(800)
    assert moments[0] < 1e-38
    assert not moments[moments < np.finfo(np.float32).tiny].any()
    program.run(200)
    assert not moments.any()
