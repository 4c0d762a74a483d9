"""Emitted functions: what their operands are, and what they return."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnctl.kernels.compiler.emitted import Elements, emitted
from nnctl.kernels.compiler.jit import compiled


@emitted("intp")
def difference(builder: Any, pair: Any, value: Any) -> Any:
    first, second = pair
    return builder.add(builder.sub(first, second), value)


@emitted()
def set_first(builder: Any, array: Elements, value: Any) -> None:
    builder.store(value, array.pointer)


@emitted(lambda kind, *_: kind)
def doubled(builder: Any, value: Any) -> Any:
    return builder.fadd(value, value)


@compiled
def difference_of(first: int, second: int, value: int) -> int:
    return difference((first, second), value)  # type: ignore[no-any-return]


@compiled
def set_first_of(array: np.ndarray, value: float) -> None:
    set_first(array, array.dtype.type(value))


@compiled
def doubled_of(value: float) -> float:
    return doubled(value)  # type: ignore[no-any-return]


def test_tuples_and_integers() -> None:
    assert difference_of(7, 3, 100) == 104


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arrays(dtype: str) -> None:
    array = np.zeros(3, dtype)
    set_first_of(array, 2.5)
    assert array.tolist() == [2.5, 0.0, 0.0]


def test_the_result_has_the_type_of_an_operand() -> None:
    assert doubled_of(1.5) == 3.0
