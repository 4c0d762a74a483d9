"""What holds for every activation: large inputs, NaN, and the initializer it asks for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import DTypeLike, NDArray

from nnctl.initializers.initializer import Initializer
from nnctl.layers.activation import Activation
from nnctl.layers.layer import Layer
from nnctl.spec import kinds
from tests.support.layer_check import a_step, build

NAMES = sorted(kinds(Activation))
LARGE = [-1e4, -800.0, -100.0, -30.0, 0.0, 30.0, 100.0, 800.0, 1e4]

# at LARGE: what the outputs tend to
LIMITS = {
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "elu": lambda x: np.where(x > 0, x, np.where(x < 0, -1.0, 0.0)),
    "gelu": lambda x: np.maximum(x, 0),
    "silu": lambda x: np.maximum(x, 0),
    "sigmoid": lambda x: np.where(x == 0, 0.5, x > 0),
    "tanh": np.sign,
    "softplus": lambda x: np.where(x == 0, np.log(2.0), np.maximum(x, 0)),
    "softmax": lambda x: (x == 1e4).astype(float),
    "step": lambda x: (x >= 0).astype(float),
}


def test_every_activation_is_here() -> None:
    assert set(LIMITS) == set(NAMES)
    assert all(issubclass(kind, Layer) for kind in kinds(Activation).values())


def at(name: str, inputs: list[float], dtype: DTypeLike = np.float64) -> tuple[NDArray[Any], NDArray[Any]]:
    """outputs and d_inputs of one sample, d_outputs all 1."""
    layer = kinds(Activation)[name]()
    built = build(layer, (len(inputs),), samples=1, dtype=dtype)
    arrays = built.arrays
    arrays.inputs[0] = inputs
    arrays.d_outputs[...] = 1
    built.both_ways(a_step())
    assert arrays.d_inputs is not None
    return arrays.outputs[0], arrays.d_inputs[0]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_inputs_stay_finite(name: str, dtype: DTypeLike) -> None:
    outputs, d_inputs = at(name, LARGE, dtype)
    np.testing.assert_allclose(outputs, LIMITS[name](np.array(LARGE)), rtol=1e-6, atol=1e-11)
    assert np.isfinite(d_inputs).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_nan_is_not_hidden(name: str) -> None:
    outputs, _ = at(name, [1.0, np.nan, -1.0])
    assert np.isnan(outputs[1])


@pytest.mark.parametrize("name", NAMES)
def test_the_initializer_exists(name: str) -> None:
    assert kinds(Activation)[name].initializer in kinds(Initializer)


@pytest.mark.parametrize(
    ("name", "at_input", "expected"),  # expected: mpmath with 40 digits
    [
        ("gelu", -9.0, -1.015729565358456583e-18),
        ("softplus", -50.0, 1.9287498479639177829e-22),
        ("sigmoid", -700.0, 9.8596765437597708567e-305),
        ("elu", -1e-12, -9.9999999999949997989e-13),
    ],
)
def test_small_tails_keep_their_digits(name: str, at_input: float, expected: float) -> None:
    """Where 1 - (almost 1) would leave nothing."""
    np.testing.assert_allclose(at(name, [at_input])[0], expected, rtol=1e-12)


def test_probabilities_add_to_one() -> None:
    outputs, d_inputs = at("softmax", [1.0, 2.0, 3.0, 1000.0])
    assert outputs.sum() == pytest.approx(1.0, abs=1e-15)
    np.testing.assert_allclose(d_inputs, 0.0, atol=1e-15)  # their sum never changes


def test_the_threshold_is_passed_at_zero() -> None:
    assert at("step", [-1e-300, -0.0, 0.0, 1e-300])[0].tolist() == [0.0, 1.0, 1.0, 1.0]
