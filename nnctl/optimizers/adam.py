"""Adam."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.optimizers.moments import Moments


class Adam(Moments):
    """Steps along the gradient's running mean, scaled by that of its square, with g += weight_decay p.

    Source: Kingma and Ba 2015, algorithm 1, in the form that PyTorch uses.
    """

    type: Literal["adam"] = "adam"
    decoupled: ClassVar[bool] = False
