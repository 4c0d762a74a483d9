"""Stochastic weight averaging."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.averaging.averaging import Averaging


class SWA(Averaging):
    """The mean of the weights at the ends of epochs, from one epoch on; before it, the weights themselves.

    Then the running statistics of batch norms are made anew by a pass over the training samples, before the mean is
    validated or kept. Source: Izmailov et al. 2018, "Averaging weights leads to wider optima and better
    generalization", algorithm 1, in the form that PyTorch uses.
    """

    type: Literal["swa"] = "swa"
    start: int = Field(ge=1, le=1_000_000)
    """The first epoch whose weights are averaged."""

    def share(self, step: int, steps_per_epoch: int) -> float:
        epoch, left = divmod(step + 1, steps_per_epoch)
        return 0.0 if left else 1.0 / max(1, epoch - self.start + 1)

    def is_of_epochs(self, epoch: int) -> bool:
        return epoch >= self.start
