"""The quantile function of the normal distribution, without branches, tables or calls, as in exp.py.

Source: Wichura 1988, "Algorithm AS 241: the percentage points of the normal distribution", PPND16, without the far
tails, which a uniform number of 32 bits does not reach.
"""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.simd.exp import log, mul_add, polynomial
from nnctl.kernels.kernel import compiled

_CENTRE = (
    3.3871328727963665,
    133.14166789178438,
    1971.5909503065513,
    13731.69376550946,
    45921.95393154987,
    67265.7709270087,
    33430.57558358813,
    2509.0809287301227,
)
_CENTRE_BELOW = (
    1.0,
    42.31333070160091,
    687.1870074920579,
    5394.196021424751,
    21213.794301586597,
    39307.89580009271,
    28729.085735721943,
    5226.495278852854,
)
_TAIL = (
    1.4234371107496835,
    4.630337846156546,
    5.769497221460691,
    3.6478483247632045,
    1.2704582524523684,
    0.2417807251774506,
    0.022723844989269184,
    0.0007745450142783414,
)
_TAIL_BELOW = (
    1.0,
    2.053191626637759,
    1.6763848301838038,
    0.6897673349851,
    0.14810397642748008,
    0.015198666563616457,
    0.0005475938084995345,
    1.0507500716444169e-09,
)
_centre, _centre_below = polynomial(_CENTRE, _CENTRE), polynomial(_CENTRE_BELOW, _CENTRE_BELOW)
_tail, _tail_below = polynomial(_TAIL, _TAIL), polynomial(_TAIL_BELOW, _TAIL_BELOW)


@compiled
def normal_quantile(p: float) -> float:
    """The number that a standard normal variable is below with probability p. p: float64, 2e-11 < p < 1 - 2e-11."""
    q = p - 0.5
    near = mul_add(-q, q, 0.180625)
    far = np.sqrt(-log(min(p, 1.0 - p))) - 1.6
    tail = _tail(far) if q > 0.0 else -_tail(far)
    is_near = abs(q) <= 0.425
    above = q * _centre(near) if is_near else tail
    below = _centre_below(near) if is_near else _tail_below(far)
    return above / below


@compiled
def normal_of(bits: np.uint64) -> float:
    """A standard normal number, up to 6.3 in size, of the first 32 of 64 random bits."""
    return normal_quantile((np.float64(bits >> np.uint64(32)) + 0.5) * 2.0**-32)
