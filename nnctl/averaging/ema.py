"""The exponential moving average."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.averaging.averaging import Averaging


class EMA(Averaging):
    """average = decay x average + (1 - decay) x weights after each step; after the first, the weights themselves.

    Running statistics are the network's own: they are an average of their own. Sources: Polyak and Juditsky 1992 for
    averaging, Tarvainen and Valpola 2017 ("Mean teachers") for this form, as in PyTorch's get_ema_multi_avg_fn.
    """

    type: Literal["ema"] = "ema"
    decay: float = Field(default=0.999, ge=0.0, lt=1.0)
    """Share of the average that is kept in a step: with 0.999 it is of about the last thousand."""
    warmup: bool = True
    """Whether the decay grows from step to step, (1 + step) / (10 + step) as long as that is less, so that a short run
    forgets how it began (TensorFlow's `num_updates`)."""

    def share(self, step: int, steps_per_epoch: int) -> float:
        if step == 0:
            return 1.0
        return 1.0 - (min(self.decay, (1 + step) / (10 + step)) if self.warmup else self.decay)

    def is_of_epochs(self, epoch: int) -> bool:
        return False
