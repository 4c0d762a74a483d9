"""What every layer with weights may say of their training: for how long they are frozen, how fast they learn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from nnctl.layers.layer import Layer


class Freezable(Layer):
    """Base of the layers that have weights, or hold layers that may have some."""

    freeze: bool | Annotated[int, Field(ge=1, le=1_000_000)] = False
    """Whether its weights, and those of the layers inside it, stay as they are; a number: for so many epochs, and then
    they train. It computes as in evaluation as long."""
    learning_rate_scale: float | None = Field(default=None, gt=0.0)
    """The learning rate of its weights is so many times that of the run; of the layers inside it, too, that say nothing
    else."""
    weight_decay: float | None = Field(default=None, ge=0.0)
    """The weight decay of its weights in the place of the optimizer's; of the layers inside it, too, that say nothing
    else."""


def frozen_epochs(layer: Layer) -> float:
    """For how many epochs its config freezes it: infinity for all, 0 for none."""
    if not isinstance(layer, Freezable):
        return 0.0
    return {False: 0.0, True: math.inf}[layer.freeze] if isinstance(layer.freeze, bool) else float(layer.freeze)


@dataclass(frozen=True)
class Training:
    """How the weights of a layer in its place are trained. frozen_epochs: infinity where they are not.

    learning_rate_scale: times the run's learning rate. weight_decay: None for the optimizer's.
    """

    frozen_epochs: float = 0.0
    learning_rate_scale: float = 1.0
    weight_decay: float | None = None

    def of(self, layer: Layer) -> Training:
        """Of a layer that is inside one with this training, or its activation."""
        if not isinstance(layer, Freezable):
            return self
        scale, decay = layer.learning_rate_scale, layer.weight_decay
        return Training(
            max(self.frozen_epochs, frozen_epochs(layer)),
            self.learning_rate_scale if scale is None else scale,
            self.weight_decay if decay is None else decay,
        )
