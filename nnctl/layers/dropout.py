"""Dropout."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.layers.layer import Array, Arrays, Layer, LayerPlan, Pass, Shape


class Dropout(Layer):
    """In training each input is 0 with probability p, else input / (1 - p); in evaluation nothing changes.

    The mask is computed from (seed, epoch, step, layer), never stored. Source: Srivastava et al. 2014, section 10.
    """

    type: Literal["dropout"] = "dropout"
    p: float = Field(default=0.5, ge=0.0, lt=1.0)
    """Probability that an input is dropped."""

    def plan(self, inputs: Shape) -> LayerPlan:
        return LayerPlan(outputs=inputs)

    def forward(self, arrays: Arrays, run: Pass) -> None:
        self._mask(arrays.inputs, arrays.outputs, run)

    def backward(self, arrays: Arrays, run: Pass) -> None:
        if arrays.d_inputs is not None:
            self._mask(arrays.d_outputs, arrays.d_inputs, run)

    def _mask(self, source: Array, target: Array, run: Pass) -> None:
        if run.training:
            run.kernels.dropout.mask(source.ravel(), target.ravel(), self.p, run.key("dropout"))
        else:
            run.kernels.copy.copy(source.ravel(), target.ravel())
