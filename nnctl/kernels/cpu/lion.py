"""Lion over the flat parameter vector."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_element, kernel


@kernel(lambda parameters, gradients, *_: by_element(gradients, 0.5))
def step(
    begin: int,
    end: int,
    parameters: Array,
    gradients: Array,
    exp_avg: Array,
    learning_rate: float,
    beta1: float,
    beta2: float,
    weight_decay: float,
) -> None:
    """p -= learning_rate (sign(b1 m + (1 - b1) g) + weight_decay p); then m = b2 m + (1 - b2) g. All arrays (P,)."""
    dtype = parameters.dtype
    rate, zero, kept = dtype.type(learning_rate), dtype.type(0.0), dtype.type(1.0 - learning_rate * weight_decay)
    old1, new1 = dtype.type(beta1), dtype.type(1.0 - beta1)
    old2, new2 = dtype.type(beta2), dtype.type(1.0 - beta2)
    for i in range(begin, end):
        direction = old1 * exp_avg[i] + new1 * gradients[i]
        change = rate if direction > zero else -rate if direction < zero else zero
        exp_avg[i] = old2 * exp_avg[i] + new2 * gradients[i]
        parameters[i] = kept * parameters[i] - change
