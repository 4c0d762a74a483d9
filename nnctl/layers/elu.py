"""Exponential linear unit."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nnctl.layers.activation import Activation
from nnctl.layers.layer import Arrays, Pass


class ELU(Activation):
    """x where x > 0, else alpha (exp(x) - 1). Source: Clevert et al. 2016, eq. 15."""

    type: Literal["elu"] = "elu"
    initializer: ClassVar[str] = "he_normal"
    alpha: float = Field(default=1.0, ge=0.0)
    """Outputs go down to -alpha."""

    def forward(self, arrays: Arrays, run: Pass) -> None:
        run.kernels.elu.forward(arrays.inputs.ravel(), arrays.outputs.ravel(), self.alpha)

    def backward(self, arrays: Arrays, run: Pass) -> None:
        if arrays.d_inputs is not None:
            run.kernels.elu.backward(
                arrays.inputs.ravel(), arrays.d_outputs.ravel(), arrays.d_inputs.ravel(), self.alpha
            )
