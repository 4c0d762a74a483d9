"""Average pooling."""

from __future__ import annotations

from typing import Literal

from nnctl.layers.layer import Arrays, Pass
from nnctl.layers.pool2d import Pool2D


class AvgPool2D(Pool2D):
    """The mean of each window over the inputs that it sees, padding not counted. inputs: (N, H, W, C)."""

    type: Literal["avg_pool2d"] = "avg_pool2d"

    def forward(self, arrays: Arrays, run: Pass) -> None:
        over = self.windows(*arrays.inputs.shape[1:3])
        run.kernels.avg_pool2d.forward(arrays.inputs, arrays.outputs, over.kernel, over.stride, over.before)

    def backward(self, arrays: Arrays, run: Pass) -> None:
        if arrays.d_inputs is not None:
            over = self.windows(*arrays.d_inputs.shape[1:3])
            run.kernels.avg_pool2d.backward(arrays.d_outputs, arrays.d_inputs, over.kernel, over.stride, over.before)
