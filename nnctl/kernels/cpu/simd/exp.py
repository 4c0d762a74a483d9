"""exp and related functions of one number, without branches, tables or calls, so that LLVM vectorises loops over them.

Each computes in the dtype of its argument, float32 or float64. An element has the same bits wherever it lies in an
array, and on every processor that fuses: only what is written as `mul_add` is fused.

The reduction exp(x) = 2^n exp(r), r = x - n log 2 with log 2 in two parts: Cody and Waite 1980, "Software Manual for
the Elementary Functions", chapter 6. The polynomials are minimax, by Remez' algorithm: Muller 2016, "Elementary
Functions", chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from nnctl.kernels.compiler.emitted import emitted
from nnctl.kernels.compiler.jit import ir
from nnctl.kernels.kernel import compiled


def _emitted(emit: Callable[..., Any]) -> Callable[..., float]:
    """As `emitted`, of numbers of one dtype, which is the result's."""
    return cast(Callable[..., float], emitted(lambda kind, *_: kind)(emit))


def _llvm(builder: Any, name: str, *values: Any) -> Any:
    """The value of an intrinsic function of LLVM."""
    kind = values[0].type
    function = builder.module.declare_intrinsic(f"llvm.{name}", [kind], ir.FunctionType(kind, [kind] * len(values)))
    return builder.call(function, values)


@_emitted
def mul_add(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """a b + c, rounded once where the processor can."""
    return _llvm(builder, "fmuladd", a, b, c)


@_emitted
def with_sign(builder: Any, size: Any, sign: Any) -> Any:
    """size, with the sign of `sign`."""
    return _llvm(builder, "copysign", size, sign)


@_emitted
def _power(builder: Any, shifted: Any) -> Any:
    """2^n from n + _SHIFT, whose last bits are those of n + bias, the exponent's."""
    width, mantissa = (32, 23) if shifted.type == ir.FloatType() else (64, 52)
    integer = ir.IntType(width)
    bits = builder.shl(builder.bitcast(shifted, integer), ir.Constant(integer, mantissa))
    return builder.bitcast(bits, shifted.type)


def _constant(single: float, double: float) -> Callable[..., float]:
    """A function of a number: a constant, for float32 or float64 as the number is."""
    return _emitted(lambda builder, like: ir.Constant(like.type, single if like.type == ir.FloatType() else double))


def polynomial(single: tuple[float, ...], double: tuple[float, ...]) -> Callable[..., float]:
    """A function of a number: the polynomial with these coefficients, from the constant one on, for its dtype."""

    def horner(builder: Any, x: Any) -> Any:
        *others, total = (ir.Constant(x.type, number) for number in (single if x.type == ir.FloatType() else double))
        for coefficient in reversed(others):
            total = _llvm(builder, "fmuladd", total, x, coefficient)
        return total

    return _emitted(horner)


# So large that adding it rounds to an integer, which is in the last bits, with the exponent's bias.
_SHIFT = _constant(1.5 * 2.0**23 + 127, 1.5 * 2.0**52 + 1023)
_LOG2_E = _constant(1.4426950408889634, 1.4426950408889634)
_LN2_HIGH = _constant(0.693359375, 6.93147180369123816490e-01)  # few digits, so that n times it is exact
_LN2_LOW = _constant(-2.12194440054690583e-4, 1.90821492927058770002e-10)

_HUGE = _constant(89.0, 710.0)  # exp is infinite
_TINY = _constant(-104.0, -746.0)  # exp is 0
_MINUS_ONE = _constant(-18.0, -38.0)  # exp - 1 is -1
_HALFWAY = _constant(64.0, 512.0)
_GROW = _constant(2.0**64, 2.0**512)
_SHRINK = _constant(2.0**-64, 2.0**-512)

# (exp(r) - 1 - r) / r^2 for |r| < log(2) / 2 and a little more, within 2^-28 and 2^-58 of exp(r).
_EXP_TAIL = polynomial(
    (0.5, 0.166665181517601, 0.04166620224714279, 0.008369018323719501, 0.001395070692524314),
    (
        0.5000000000000012,
        0.166666666666667,
        0.04166666666651498,
        0.008333333333307076,
        0.001388888894718554,
        0.00019841269917686194,
        2.480148972308914e-05,
        2.755721601334891e-06,
        2.76313713350003e-07,
        2.511795638577938e-08,
    ),
)


@compiled
def _reduced(x: float) -> tuple[float, float]:
    """n + _SHIFT and r, where x = n log 2 + r and |r| <= log(2) / 2."""
    shifted = mul_add(x, _LOG2_E(x), _SHIFT(x))
    n = shifted - _SHIFT(x)
    return shifted, mul_add(n, -_LN2_LOW(x), mul_add(n, -_LN2_HIGH(x), x))


@compiled
def _exp_of_sum(x: float, low: float) -> float:
    """exp(x + low), low small beside 1. Scaled in two steps: 2^n may overflow where exp(x) does not."""
    x = _HUGE(x) if x > _HUGE(x) else x
    x = _TINY(x) if x < _TINY(x) else x  # NaN stays
    shifted, r = _reduced(x)
    r += low
    mantissa = type(x)(1) + mul_add(r * r, _EXP_TAIL(r), r)
    half, rest = (_HALFWAY(x), _GROW(x)) if x > type(x)(0) else (-_HALFWAY(x), _SHRINK(x))
    return mantissa * _power(shifted - half) * rest


@compiled
def exp(x: float) -> float:
    """exp(x)."""
    return _exp_of_sum(x, -type(x)(0))


@compiled
def expm1(x: float) -> float:
    """exp(x) - 1 for x <= 0, accurate near 0."""
    x = _MINUS_ONE(x) if x < _MINUS_ONE(x) else x
    shifted, r = _reduced(x)
    power = _power(shifted)
    return mul_add(power, mul_add(r * r, _EXP_TAIL(r), r), power - type(x)(1))


@compiled
def tanh(x: float) -> float:
    """The hyperbolic tangent."""
    t = expm1(type(x)(-2) * abs(x))
    return with_sign(t / (type(x)(2) + t), x)


@compiled
def logistic(x: float) -> float:
    """1 / (1 + exp(-x)), accurate for small results too."""
    one = type(x)(1)
    t = exp(-abs(x))
    return (t if x < type(x)(0) else one) / (one + t)


# (2 artanh(s) - 2 s) / s^3 over s^2, |s| <= (sqrt 2 - 1) / (sqrt 2 + 1), within 2^-30 and 2^-59 of 2 artanh(s).
_LOG_TAIL = polynomial(
    (0.6666677594184875, 0.399774968624115, 0.2987304925918579),
    (
        0.6666666666666735,
        0.3999999999941132,
        0.2857142874322034,
        0.22222198479833713,
        0.18183569558623508,
        0.15313907514290429,
        0.14797467935988765,
    ),
)
_SQRT2_LESS_1 = _constant(0.41421356237309503, 0.41421356237309503)


@compiled
def log1p(x: float) -> float:
    """log(1 + x) for 0 <= x <= 1, accurate near 0.

    1 + x, halved where it is above sqrt 2, is (1 + s) / (1 - s). Source: fdlibm, e_log.c, Sun Microsystems 1993.
    """
    zero, one, two = type(x)(0), type(x)(1), type(x)(2)
    high, low = (_LN2_HIGH(x), _LN2_LOW(x)) if x > _SQRT2_LESS_1(x) else (zero, zero)
    f = type(x)(0.5) * (x - one) if x > _SQRT2_LESS_1(x) else x
    s = f / (two + f)
    square = s * s
    return high + (f - mul_add(s, mul_add(-square, _LOG_TAIL(square), f), -low))


# Phi(-a) exp(a^2 / 2) (a + k) over t = (a - k) / (a + k), 0 <= a <= _FAR, within 2^-28 and 2^-57 of itself.
# Source of the form: Shepherd and Laframboise 1981, "Chebyshev approximation of (1+2x) exp(x^2) erfc(x)".
_NORMAL_K = _constant(3.4, 5.5)
_NORMAL = polynomial(
    (
        0.7417708039283752,
        -0.5555784702301025,
        0.29945558309555054,
        -0.10190591216087341,
        0.010374526493251324,
        0.007627908140420914,
        -0.002449615392833948,
        -0.0007888303371146321,
        0.00033373638871125877,
        0.00013036979362368584,
    ),
    (
        0.7737696342764068,
        -0.6851834205743381,
        0.5355964890624947,
        -0.3670490652936198,
        0.21787243285795865,
        -0.1097030899587182,
        0.04509758081490977,
        -0.013923510565679318,
        0.0024429826743526738,
        0.00026960400087435663,
        -0.0003245226508417226,
        7.141485102310486e-05,
        1.6319979453394814e-05,
        -1.211889935737047e-05,
        4.4635269200792986e-07,
        1.483865607497062e-06,
        -2.677755629193133e-07,
        -1.7759534139992707e-07,
        5.025121909325803e-08,
        2.293978643184225e-08,
        -5.652858455195903e-09,
        -2.58001324905782e-09,
    ),
)
_FAR = _constant(14.5, 39.0)  # Phi(-a) is 0
_TO_FEW_BITS = _constant(1.5 * 2.0**15, 1.5 * 2.0**32)  # added and subtracted again: the square of the rest is exact


@compiled
def normal(x: float) -> tuple[float, float]:
    """Phi(x), the normal distribution function, and exp(-x^2 / 2), both accurate where they are small."""
    one, half = type(x)(1), type(x)(0.5)
    a = abs(x)
    a = _FAR(x) if a > _FAR(x) else a
    few = (a + _TO_FEW_BITS(x)) - _TO_FEW_BITS(x)
    bell = _exp_of_sum(-half * few * few, -half * (a - few) * (a + few))
    below, above = a - _NORMAL_K(x), a + _NORMAL_K(x)
    u = one / above
    t = below * u
    t = mul_add(mul_add(-t, above, below), u, t)
    tail = bell * (u * _NORMAL(t))
    return (tail if x < type(x)(0) else one - tail), bell


@_emitted
def _mantissa(builder: Any, x: Any) -> Any:
    """m of x = m 2^n, 1 <= m < 2, of a positive normal number."""
    width, digits, bias = (32, 23, 127) if x.type == ir.FloatType() else (64, 52, 1023)
    integer = ir.IntType(width)
    bits = builder.and_(builder.bitcast(x, integer), ir.Constant(integer, (1 << digits) - 1))
    return builder.bitcast(builder.or_(bits, ir.Constant(integer, bias << digits)), x.type)


@_emitted
def _exponent(builder: Any, x: Any) -> Any:
    """n of x = m 2^n: its bits become the last ones of 2^digits, which is then subtracted."""
    width, digits, bias = (32, 23, 127) if x.type == ir.FloatType() else (64, 52, 1023)
    integer = ir.IntType(width)
    bits = builder.lshr(builder.bitcast(x, integer), ir.Constant(integer, digits))
    shifted = builder.or_(bits, ir.Constant(integer, (bias + digits) << digits))
    return builder.fsub(builder.bitcast(shifted, x.type), ir.Constant(x.type, 2.0**digits + bias))


@compiled
def log(x: float) -> float:
    """log(x) of a normal number, 0 < x <= 1/2: n log 2 + log(m), which lose no digits to each other there."""
    n = _exponent(x)
    found = mul_add(n, _LN2_HIGH(x), mul_add(n, _LN2_LOW(x), log1p(_mantissa(x) - type(x)(1))))
    return x if x != x else found  # NaN stays
