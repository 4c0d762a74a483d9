"""Every initializer: its mean, its variance, its range, the same values for the same stream."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from nnctl import random
from nnctl.initializers.initializer import Initializer, OneInitializer
from nnctl.spec import kinds

SHAPE = (200, 300)
FAN_IN, FAN_OUT = 200, 300
VARIANCES = {
    "he_normal": 2 / FAN_IN,
    "he_uniform": 2 / FAN_IN,
    "lecun_normal": 1 / FAN_IN,
    "lecun_uniform": 1 / FAN_IN,
    "normal": 0.01**2,
    "xavier_normal": 2 / (FAN_IN + FAN_OUT),
    "xavier_uniform": 2 / (FAN_IN + FAN_OUT),
}


def make(value: Any) -> Initializer:
    found: Initializer = TypeAdapter(OneInitializer).validate_python(value)
    return found


def fill(value: Any, shape: tuple[int, ...] = SHAPE, seed: int = 5) -> NDArray[np.float64]:
    return make(value).fill(shape, FAN_IN, FAN_OUT, random.generator(seed, "initializer test"))


def test_every_kind_is_tested() -> None:
    assert set(kinds(Initializer)) == {*VARIANCES, "zeros", "constant", "values"}


@pytest.mark.parametrize("kind", VARIANCES)
def test_mean_and_variance(kind: str) -> None:
    filled, deviation = fill(kind), math.sqrt(VARIANCES[kind])
    assert filled.shape == SHAPE
    assert filled.dtype == np.float64
    assert abs(filled.mean()) < 4 * deviation / math.sqrt(filled.size)
    assert filled.std() == pytest.approx(deviation, rel=0.015)


@pytest.mark.parametrize("kind", [kind for kind in VARIANCES if kind.endswith("uniform")])
def test_uniform_values_fill_their_range_evenly(kind: str) -> None:
    filled, bound = fill(kind), math.sqrt(3 * VARIANCES[kind])
    assert np.abs(filled).max() <= bound
    counts, _ = np.histogram(filled, 10, (-bound, bound))
    np.testing.assert_allclose(counts / filled.size, 0.1, atol=0.006)


@pytest.mark.parametrize("kind", [kind for kind in VARIANCES if kind.endswith("normal")])
def test_normal_values_are_not_truncated(kind: str) -> None:
    scaled = np.abs(fill(kind)) / math.sqrt(VARIANCES[kind])
    for distance in (1.0, 2.0, 3.0):
        assert (scaled > distance).mean() == pytest.approx(math.erfc(distance / math.sqrt(2)), abs=0.006)
    assert scaled.max() > 3.5


@pytest.mark.parametrize("kind", VARIANCES)
def test_the_values_depend_on_the_stream_alone(kind: str) -> None:
    np.testing.assert_array_equal(fill(kind), fill(kind))
    assert (fill(kind) != fill(kind, seed=6)).all()


def test_constants() -> None:
    np.testing.assert_array_equal(fill("zeros", (2, 3)), np.zeros((2, 3)))
    np.testing.assert_array_equal(fill(0.35, (2, 3)), np.full((2, 3), 0.35))
    np.testing.assert_array_equal(fill(2, (2,)), [2.0, 2.0])
    assert fill({"type": "constant", "value": 1}, (4,)).dtype == np.float64


def test_normal_takes_its_std() -> None:
    assert fill({"type": "normal", "std": 3.0}).std() == pytest.approx(3.0, rel=0.015)
    with pytest.raises(ValidationError):
        make({"type": "normal", "std": 0.0})


def test_values_are_taken_as_they_are() -> None:
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
def test_values_that_do_not_fit_are_refused(value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(value).check((2, 2))
    with pytest.raises(ValueError, match=message):
        fill(value, (2, 2))


@pytest.mark.parametrize("value", ["he", True, {"type": "constant"}, {"type": "constant", "value": "1"}], ids=str)
def test_what_is_no_initializer_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        make(value)
