"""The exponential moving average."""

from __future__ import annotations

from collections.abc import Sequence

from nnctl.averaging.ema import EMA
from tests.support.averaging_check import AveragingCheck


class TestEMA(AveragingCheck):
    kind = EMA
    cases = ({}, {"decay": 0.0}, {"decay": 0.6}, {"decay": 0.9, "warmup": False})
    refused = ({"decay": 1.0}, {"decay": -0.1}, {"decay": "0.9"}, {"warmup": 1})

    @staticmethod
    def reference(averaging: EMA, weights: Sequence[float]) -> float:
        """The sum of all weights, each times what the later steps have left of it."""
        decays = [
            min(averaging.decay, (1 + step) / (10 + step)) if averaging.warmup else averaging.decay
            for step in range(len(weights))
        ]
        total = 0.0
        for step, weight in enumerate(weights):
            part = weight if step == 0 else weight * (1 - decays[step])
            for later in decays[step + 1 :]:
                part *= later
            total += part
        return total
