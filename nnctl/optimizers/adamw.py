"""Adam with decoupled weight decay."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nnctl.optimizers.moments import Moments


class AdamW(Moments):
    """Adam, with p *= 1 - learning_rate weight_decay before each step in place of a term in the gradient.

    Source: Loshchilov and Hutter 2019, algorithm 2, in the form that PyTorch uses.
    """

    type: Literal["adamw"] = "adamw"
    weight_decay: float = Field(default=0.01, ge=0.0)
    """Strength of the pull of every parameter towards zero, apart from the gradient."""
    decoupled: ClassVar[bool] = True
