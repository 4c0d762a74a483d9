"""Decimal numbers as float64, rounded as Python's float() rounds them."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnctl.kernels.compiler.emitted import emitted
from nnctl.kernels.compiler.jit import ir
from nnctl.kernels.kernel import compiled

MOST_DIGITS = 18  # of a significand: an int64 holds them
MOST_EXPONENT = 300
BIAS = 1023  # of the exponent of a float64
FRACTION_BITS = 52  # of it
EXACT = 1 << FRACTION_BITS + 1  # integers up to it are exact in float64
MOST_EXACT_POWER = 22  # so are powers of ten up to this one

_EXACT_POWERS = np.array([10.0**power for power in range(MOST_EXACT_POWER + 1)])


def _leading_bits(power: int) -> int:
    """The first 63 bits of a power of ten; those that follow are cut off."""
    size = int(10 ** abs(power))
    return (1 << 62 + size.bit_length()) // size if power < 0 else size << 63 >> size.bit_length()


_LEADING_BITS = np.array([_leading_bits(power) for power in range(-MOST_EXPONENT, MOST_EXPONENT + 1)])


@compiled
def decimal_number(significand: int, exponent: int) -> float:
    """significand * 10^exponent, the nearest float64; NaN where that is not certain, as for one of 300 with 17 digits.

    0 <= significand < 10^18. Exact powers and integers: Clinger 1990, "How to read floating point numbers accurately".
    Others are a product of 126 bits, whose error may only matter next to the middle between two float64s: Lemire 2021,
    "Number parsing at a gigabyte per second", section 5.
    """
    if significand == 0:
        return 0.0
    if significand <= EXACT and -MOST_EXACT_POWER <= exponent <= MOST_EXACT_POWER:
        if exponent < 0:
            return float(significand / _EXACT_POWERS[-exponent])
        return float(significand * _EXACT_POWERS[exponent])
    if not -MOST_EXPONENT <= exponent <= MOST_EXPONENT:
        return np.nan
    shift = _leading_zeros(significand) - 1
    product = _high_product(significand << shift, _LEADING_BITS[exponent + MOST_EXPONENT])
    # floor(log2(10^exponent)) is exponent * 217706 / 2^16, rounded down, for these exponents
    power = ((exponent * 217706) >> 16) + 1 - shift
    spare = 10 if product >= 1 << 62 else 9
    power += spare + FRACTION_BITS + BIAS
    rest = product & ((1 << spare) - 1)  # the true one is at least this, and less than this and 2
    half = 1 << (spare - 1)
    if half - 1 <= rest <= half or not 1 <= power <= 2 * BIAS - 1:
        return np.nan
    fraction = (product >> spare) - (1 << FRACTION_BITS)
    return float(_float_of_bits((power << FRACTION_BITS) + fraction + (1 if rest > half else 0)))


@emitted("int64")
def _leading_zeros(builder: Any, value: Any) -> Any:
    return builder.ctlz(value, ir.Constant(ir.IntType(1), 1))


@emitted("int64")
def _high_product(builder: Any, a: Any, b: Any) -> Any:
    """a * b / 2^63, rounded down. 0 <= a, b."""
    wide = ir.IntType(128)
    product = builder.mul(builder.zext(a, wide), builder.zext(b, wide))
    return builder.trunc(builder.lshr(product, ir.Constant(wide, 63)), a.type)


@emitted("float64")
def _float_of_bits(builder: Any, bits: Any) -> Any:
    return builder.bitcast(bits, ir.DoubleType())
