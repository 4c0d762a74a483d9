"""One step of each optimizer as its formula stands in the papers and in PyTorch's documentation, in float64 NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
# (optimizer, parameters, gradients, slots, learning_rate, step) -> (parameters, slots)
Step = Callable[[Any, Float64, Float64, Float64, float, int], tuple[Float64, Float64]]


def sgd(o: Any, p: Float64, g: Float64, slots: Float64, rate: float, step: int) -> tuple[Float64, Float64]:
    g = g + o.weight_decay * p
    if o.momentum == 0:
        return p - rate * g, slots
    velocity = o.momentum * slots[0] + g
    direction = g + o.momentum * velocity if o.nesterov else velocity
    return p - rate * direction, np.array([velocity])


def adam(o: Any, p: Float64, g: Float64, slots: Float64, rate: float, step: int) -> tuple[Float64, Float64]:
    return _moments(o, p, g + o.weight_decay * p, slots, rate, step)


def adamw(o: Any, p: Float64, g: Float64, slots: Float64, rate: float, step: int) -> tuple[Float64, Float64]:
    return _moments(o, p - rate * o.weight_decay * p, g, slots, rate, step)


def _moments(o: Any, p: Float64, g: Float64, slots: Float64, rate: float, step: int) -> tuple[Float64, Float64]:
    beta1, beta2 = o.betas
    m = beta1 * slots[0] + (1 - beta1) * g
    v = beta2 * slots[1] + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    return p - rate * m_hat / (np.sqrt(v_hat) + o.eps), np.array([m, v])


def rmsprop(o: Any, p: Float64, g: Float64, slots: Float64, rate: float, step: int) -> tuple[Float64, Float64]:
    g = g + o.weight_decay * p
    square = o.alpha * slots[0] + (1 - o.alpha) * g**2
    direction = g / (np.sqrt(square) + o.eps)
    if o.momentum == 0:
        return p - rate * direction, np.array([square])
    velocity = o.momentum * slots[1] + direction
    return p - rate * velocity, np.array([square, velocity])


def adagrad(o: Any, p: Float64, g: Float64, slots: Float64, rate: float, step: int) -> tuple[Float64, Float64]:
    g = g + o.weight_decay * p
    square = slots[0] + g**2
    return p - rate * g / (np.sqrt(square) + o.eps), np.array([square])


STEPS: dict[str, Step] = {"adagrad": adagrad, "adam": adam, "adamw": adamw, "rmsprop": rmsprop, "sgd": sgd}
