"""Maximum pooling."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

from nnctl.layers.layer import Arrays, LayerPlan, Pass, Scratch, Shape
from nnctl.layers.pool2d import Pool2D


class MaxPool2D(Pool2D):
    """The largest number of each window; among equals the first gets the gradient. inputs: (N, H, W, C)."""

    type: Literal["max_pool2d"] = "max_pool2d"
    takes_maximum: ClassVar[bool] = True

    def plan(self, inputs: Shape) -> LayerPlan:
        plan = super().plan(inputs)
        return replace(plan, scratch=(Scratch("argmax", plan.outputs, dtype="int32"),))

    def forward(self, arrays: Arrays, run: Pass) -> None:
        over = self.windows(*arrays.inputs.shape[1:3])
        run.kernels.max_pool2d.forward(
            arrays.inputs, arrays.outputs, arrays.scratch["argmax"], over.kernel, over.stride, over.before
        )

    def backward(self, arrays: Arrays, run: Pass) -> None:
        if arrays.d_inputs is not None:
            over = self.windows(*arrays.inputs.shape[1:3])
            run.kernels.max_pool2d.backward(
                arrays.d_outputs, arrays.scratch["argmax"], arrays.d_inputs, over.kernel, over.stride, over.before
            )
