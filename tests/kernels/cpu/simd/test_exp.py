"""exp and its kin: against extended precision, at their ends, and the same bits wherever an element lies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnctl import random
from nnctl.kernels import cpu
from nnctl.kernels.cpu.simd import exp as exponential
from nnctl.kernels.kernel import Array, Kernel, by_sample, kernel
from tests.support.threads import threads

pytestmark = pytest.mark.slow

Floats = NDArray[np.floating]
Long = NDArray[Any]  # of np.longdouble
DTYPES = [np.float32, np.float64]


@kernel(lambda inputs, _: by_sample(inputs.size, 1.0))
def exp(begin: int, end: int, inputs: Array, outputs: Array) -> None:
    for i in range(begin, end):
        outputs[i] = exponential.exp(inputs[i])


@kernel(lambda inputs, _: by_sample(inputs.size, 1.0))
def expm1(begin: int, end: int, inputs: Array, outputs: Array) -> None:
    for i in range(begin, end):
        outputs[i] = exponential.expm1(inputs[i])


@kernel(lambda inputs, _: by_sample(inputs.size, 1.0))
def tanh(begin: int, end: int, inputs: Array, outputs: Array) -> None:
    for i in range(begin, end):
        outputs[i] = exponential.tanh(inputs[i])


@kernel(lambda inputs, _: by_sample(inputs.size, 1.0))
def logistic(begin: int, end: int, inputs: Array, outputs: Array) -> None:
    for i in range(begin, end):
        outputs[i] = exponential.logistic(inputs[i])


@kernel(lambda inputs, _: by_sample(inputs.size, 1.0))
def log1p(begin: int, end: int, inputs: Array, outputs: Array) -> None:
    for i in range(begin, end):
        outputs[i] = exponential.log1p(inputs[i])


@kernel(lambda inputs, _: by_sample(inputs.size, 1.0))
def log(begin: int, end: int, inputs: Array, outputs: Array) -> None:
    for i in range(begin, end):
        outputs[i] = exponential.log(inputs[i])


@kernel(lambda inputs, _: by_sample(inputs.size, 1.0))
def phi(begin: int, end: int, inputs: Array, outputs: Array) -> None:
    for i in range(begin, end):
        outputs[i] = exponential.normal(inputs[i])[0]


@kernel(lambda inputs, _: by_sample(inputs.size, 1.0))
def bell(begin: int, end: int, inputs: Array, outputs: Array) -> None:
    for i in range(begin, end):
        outputs[i] = exponential.normal(inputs[i])[1]


def phi_truly(x: Long) -> Long:
    """The normal distribution function: its series near 0, else Laplace's continued fraction of the tail."""
    a = np.abs(x)
    near = np.minimum(a, 2)
    term, total = near.copy(), near.copy()
    for k in range(1, 60):
        term *= near * near / (2 * k + 1)
        total += term
    density = np.exp(-a * a / 2) / np.sqrt(8 * np.arctan(np.longdouble(1)))
    far = np.maximum(a, 2)
    fraction = far.copy()
    for k in range(300, 0, -1):
        fraction = far + k / fraction
    tail = np.where(a < 2, 0.5 - density * total, density / fraction)
    return np.asarray(np.where(x < 0, tail, 1 - tail))


# function, what it truly is, least and largest inputs by dtype, by how many units in the last place it may err
CASES: dict[str, tuple[Kernel, Callable[[Long], Long], dict[type, tuple[float, float]], float]] = {
    "exp": (exp, np.exp, {np.float32: (-105, 88.72), np.float64: (-750, 709.78)}, 1.2),
    "expm1": (expm1, np.expm1, {np.float32: (-30, 0), np.float64: (-60, 0)}, 1.3),
    "tanh": (tanh, np.tanh, {np.float32: (-12, 12), np.float64: (-25, 25)}, 2.7),
    "logistic": (
        logistic,
        lambda x: 1 / (1 + np.exp(-x)),
        {np.float32: (-105, 30), np.float64: (-750, 50)},
        2.5,
    ),
    "log1p": (log1p, np.log1p, {np.float32: (0, 1), np.float64: (0, 1)}, 1.7),
    "log": (log, np.log, {np.float32: (2.0**-126, 0.5), np.float64: (2.0**-1022, 0.5)}, 1.5),
    "phi": (phi, phi_truly, {np.float32: (-15, 8), np.float64: (-39, 10)}, 7.0),
    "bell": (bell, lambda x: np.exp(-x * x / 2), {np.float32: (-15, 15), np.float64: (-40, 40)}, 1.4),
}


def of(function: Kernel, inputs: Floats) -> Floats:
    outputs = np.full_like(inputs, 7)
    function(inputs, outputs)
    return outputs


def inputs_of(name: str, dtype: type[np.floating], many: int) -> Floats:
    """Evenly spread, random, and of all sizes down to the smallest numbers there are."""
    least, largest = CASES[name][2][dtype]
    generator = random.generator(4, "exponential test", many)
    sizes = np.finfo(dtype).smallest_subnormal * 2.0 ** np.arange(0, 1100, 0.37).astype(np.longdouble)
    small = sizes[sizes < min(1, largest - least)].astype(dtype)
    spread = np.concatenate([np.linspace(least, largest, many), generator.uniform(least, largest, many)]).astype(dtype)
    inputs = np.concatenate([spread, small, -small, np.zeros(1, dtype)])
    return inputs[(inputs >= least) & (inputs <= largest)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
def test_units_in_the_last_place(name: str, dtype: type[np.floating]) -> None:
    """What is too small for full precision is 0: nnctl/kernels/runtime/small_numbers.py."""
    function, truly, _, bound = CASES[name]
    inputs = inputs_of(name, dtype, 20_000 if name == "phi" else 200_000)
    with np.errstate(under="ignore", over="ignore"):
        expected = truly(inputs.astype(np.longdouble))
        unit = np.spacing(np.abs(expected).astype(dtype)).astype(np.longdouble)
    outputs, least = of(function, inputs), np.finfo(dtype).tiny
    errors = np.abs(outputs - expected) / unit
    is_small = np.abs(expected) < least
    assert not outputs[np.abs(expected) < least * (1 - bound * np.finfo(dtype).eps)].any()
    errors[is_small & (outputs == 0)] = 0  # just below the least number, a rounding up may leave it
    worst = np.argmax(errors)
    assert errors[worst] <= bound, f"{name}({inputs[worst]!r})"


INF, NAN = np.inf, np.nan


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("name", "inputs", "outputs"),
    [
        ("exp", [INF, 1e5, -INF, -1e5, NAN, 0.0, -0.0], [INF, INF, 0, 0, NAN, 1, 1]),
        ("expm1", [-INF, -1e30, NAN, 0.0], [-1, -1, NAN, 0]),
        ("tanh", [INF, 1e30, -INF, -1e30, NAN, 0.0], [1, 1, -1, -1, NAN, 0]),
        ("logistic", [INF, 1e30, -INF, -1e30, NAN, 0.0], [1, 1, 0, 0, NAN, 0.5]),
        ("log1p", [NAN, 0.0], [NAN, 0]),
        ("phi", [INF, 1e30, -INF, -1e30, NAN, 0.0], [1, 1, 0, 0, NAN, 0.5]),
        ("bell", [INF, 1e30, -INF, -1e30, NAN, 0.0], [0, 0, 0, 0, NAN, 1]),
    ],
)
def test_the_ends(name: str, inputs: list[float], outputs: list[float], dtype: type[np.floating]) -> None:
    for copies in (1, 40):  # in the loop's tail, in its vectors
        found = of(CASES[name][0], np.repeat(np.array(inputs, dtype), copies))
        np.testing.assert_array_equal(found, np.repeat(np.array(outputs, dtype), copies))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_nan_stays_one_whatever_its_bits(dtype: type[np.floating]) -> None:
    integer: Any = np.uint32 if dtype == np.float32 else np.uint64
    bits = np.full(1, np.nan, dtype).view(integer) | np.arange(1000).astype(integer)
    for name in CASES:
        assert np.isnan(of(CASES[name][0], bits.view(dtype))).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_exp_where_it_overflows_and_underflows(dtype: type[np.floating]) -> None:
    limits = np.finfo(dtype)
    largest = np.log(limits.max).astype(dtype)
    around = np.array([np.nextafter(largest, 0), np.nextafter(np.nextafter(largest, INF), INF)], dtype)
    assert np.isfinite(of(exp, around)).tolist() == [True, False]
    smallest = np.log(limits.tiny.astype(np.longdouble)).astype(dtype)
    least, none = of(exp, np.array([smallest * dtype(1 - 1e-6), smallest * dtype(1 + 1e-6)], dtype))
    assert limits.tiny <= least < dtype(1.01) * limits.tiny
    assert none == 0


@pytest.mark.parametrize("dtype", DTYPES)
def test_tanh_is_odd_and_keeps_the_sign_of_zero(dtype: type[np.floating]) -> None:
    inputs = inputs_of("tanh", dtype, 10_000)
    assert of(tanh, -inputs).tobytes() == (-of(tanh, inputs)).tobytes()
    assert np.signbit(of(tanh, np.array([-0.0, 0.0], dtype))).tolist() == [True, False]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
def test_bits_do_not_depend_on_length_and_place(name: str, dtype: type[np.floating]) -> None:
    function = CASES[name][0]
    inputs = random.generator(5, "places", 0).permutation(inputs_of(name, dtype, 2000))[:400]
    alone = np.concatenate([of(function, inputs[i : i + 1]) for i in range(len(inputs))])
    for length in range(150):
        at = 7 * length % 67
        assert of(function, inputs[at : at + length]).tobytes() == alone[at : at + length].tobytes()
    with threads(3):
        assert of(function, inputs).tobytes() == alone.tobytes()


# Kernels that compute each element by itself: how they are called.
ACTIVATIONS: dict[str, Callable[[Floats, Floats], None]] = {
    "tanh": cpu.tanh.forward,
    "sigmoid": cpu.sigmoid.forward,
    "silu": cpu.silu.forward,
    "d silu": lambda x, y: cpu.silu.backward(x, np.full_like(x, 3), y),
    "gelu": cpu.gelu.forward,
    "d gelu": lambda x, y: cpu.gelu.backward(x, np.full_like(x, 3), y),
    "elu": lambda x, y: cpu.elu.forward(x, y, 0.7, 1.1),
    "d elu": lambda x, y: cpu.elu.backward(x, np.full_like(x, 3), y, 0.7, 1.1),
    "mish": cpu.mish.forward,
    "d mish": lambda x, y: cpu.mish.backward(x, np.full_like(x, 3), y),
    "d hard_swish": lambda x, y: cpu.hard_swish.backward(x, np.full_like(x, 3), y),
    "softplus": cpu.softplus.forward,
    "d softplus": lambda x, y: cpu.softplus.backward(x, np.full_like(x, 3), y),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_bits_of_activations_do_not_depend_on_length_and_place(name: str, dtype: type[np.floating]) -> None:
    inputs = (3 * random.generator(6, "activations", 0).normal(size=200)).astype(dtype)

    def outputs_of(part: Floats) -> bytes:
        outputs = np.full_like(part, 7)
        ACTIVATIONS[name](part, outputs)
        return outputs.tobytes()

    alone = [outputs_of(inputs[i : i + 1]) for i in range(len(inputs))]
    for length in (*range(40), 63, 64, 65, 127, 130):
        at = 7 * length % 67
        assert outputs_of(inputs[at : at + length]) == b"".join(alone[at : at + length])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("classes", [1, 2, 3, 10, 17, 100])
def test_bits_of_a_row_do_not_depend_on_the_others(classes: int, dtype: type[np.floating]) -> None:
    generator = random.generator(7, "rows", classes)
    rows = (3 * generator.normal(size=(13, classes))).astype(dtype)
    targets = generator.integers(0, classes, 13)
    wanted = generator.integers(0, 2, rows.shape).astype(dtype)

    def results_of(first: int, last: int) -> list[bytes]:
        part = rows[first:last]
        shares, ignored, losses, binary = (
            np.empty_like(part),
            np.empty_like(part),
            np.ones(len(part)),
            np.ones(len(part)),
        )
        cpu.softmax.forward(part, shares)
        cpu.cross_entropy.evaluate(part, targets[first:last], np.ones(1, int), losses, ignored, 0.1)
        cpu.binary_cross_entropy.evaluate(part, wanted[first:last], np.ones(1, int), binary, ignored, 0.0)
        return [shares.tobytes(), losses.tobytes(), binary.tobytes()]

    alone = [results_of(i, i + 1) for i in range(13)]
    for last in range(1, 14):
        assert results_of(0, last) == [b"".join(parts) for parts in zip(*alone[:last], strict=True)]
