"""x tanh(log(1 + exp(x))), both directions, over flat arrays of any length.

With t = exp(-|x|), tanh(log(1 + exp(x))) = n / d: n = 1 + 2 t and d = n + 2 t^2 where x > 0, else n = t (t + 2) and
d = n + 2. Nothing overflows, and no digits are lost where the result is small.
"""

from __future__ import annotations

from nnctl.kernels.cpu.simd.exp import exp, mul_add
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda inputs, *_: by_sample(inputs.size, 0.4))
def forward(begin: int, end: int, inputs: Array, outputs: Array) -> None:
    """outputs = inputs tanh(log(1 + exp(inputs))). All (size,)."""
    zero, one, two = inputs.dtype.type(0), inputs.dtype.type(1), inputs.dtype.type(2)
    for i in range(begin, end):
        x = inputs[i]
        t = exp(-abs(x))
        n = mul_add(two, t, one) if x > zero else t * (t + two)
        rest = two * t * t if x > zero else two
        outputs[i] = x * (n / (n + rest))


@kernel(lambda inputs, *_: by_sample(inputs.size, 0.6))
def backward(begin: int, end: int, inputs: Array, d_outputs: Array, d_inputs: Array) -> None:
    """d_inputs = d_outputs (h + inputs (1 - h^2) sigmoid(inputs)), h = n / d, 1 - h^2 = (d - n) (d + n) / d^2.

    All (size,).
    """
    zero, one, two = inputs.dtype.type(0), inputs.dtype.type(1), inputs.dtype.type(2)
    for i in range(begin, end):
        x = inputs[i]
        t = exp(-abs(x))
        n = mul_add(two, t, one) if x > zero else t * (t + two)
        rest = two * t * t if x > zero else two
        share = one / (n + rest)
        sigmoid = (one if x > zero else t) / (one + t)
        d_inputs[i] = d_outputs[i] * share * mul_add(x * sigmoid * rest, (n + n + rest) * share, n)
