"""Cosine and sine, without branches, tables or calls, as in exp.py."""

from __future__ import annotations

from math import factorial

from nnctl.kernels.cpu.simd.exp import mul_add, polynomial
from nnctl.kernels.kernel import compiled

# of the square of an angle up to pi / 4, where what is left out of the series is below 2^-55
_COSINE_TERMS = tuple((-1) ** k / factorial(2 * k) for k in range(9))
_SINE_TERMS = tuple((-1) ** k / factorial(2 * k + 1) for k in range(9))
_cosine, _sine_by_angle = polynomial(_COSINE_TERMS, _COSINE_TERMS), polynomial(_SINE_TERMS, _SINE_TERMS)


@compiled
def cosine_and_sine(angle: float) -> tuple[float, float]:
    """Of an angle in radians, float64, from -pi to pi: those of its fourth part, for the double angle, twice."""
    quarter = 0.25 * angle
    square = quarter * quarter
    cosine, sine = _cosine(square), quarter * _sine_by_angle(square)
    for _ in range(2):
        cosine, sine = mul_add(-2.0 * sine, sine, 1.0), 2.0 * sine * cosine
    return cosine, sine
