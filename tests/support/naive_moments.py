"""What Adam and AdamW have in common, as the paper has it (Kingma and Ba 2015, algorithm 1)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


def moments(o: Any, p: Float64, g: Float64, slots: Float64, rate: float, step: int) -> tuple[Float64, Float64]:
    """Parameters and slots after a step, without weight decay."""
    beta1, beta2 = o.betas
    m = beta1 * slots[0] + (1 - beta1) * g
    v = beta2 * slots[1] + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    return p - rate * m_hat / (np.sqrt(v_hat) + o.eps), np.array([m, v])
