"""The residual block: layers with a shortcut around them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.layers.activation import MaybeActivation
from nnctl.layers.branch import Branch, Joined
from nnctl.layers.chain import Chain, in_words, plan_chain
from nnctl.layers.conv1d import Conv1D
from nnctl.layers.conv2d import Conv2D
from nnctl.layers.freezable import Freezable
from nnctl.layers.layer import ChangeLayers, Layer
from nnctl.layers.linear import Linear
from nnctl.layers.operation import Arrays, Operation, Shape, ShapeError, StepContext
from nnctl.spec import OneOf


class Residual(Freezable):
    """outputs = layers(inputs) + shortcut(inputs). Source: He et al. 2016, "Deep residual learning", eq. 1 and 2."""

    type: Literal["residual"] = "residual"
    layers: list[Annotated[Layer, OneOf()]] = Field(min_length=1, max_length=1_000)
    """The layers that the shortcut leads around."""
    shortcut: Literal["identity", "projection"] | None = None
    """How the inputs get past the layers: as they are (`identity`), or by a linear layer or a convolution of windows of
    one step or pixel (`projection`). Unset: identity, or a projection where the layers change the shape."""
    activation: MaybeActivation = None
    """Applied to the sum."""

    def with_layers(self, change: ChangeLayers, after: Layer | None) -> Layer:
        return self.model_copy(update={"layers": change(self.layers, self.activation or after)})

    def plan(self, inputs: Shape, device: Device) -> Operation:
        named = [(f"layers.{index}", layer) for index, layer in enumerate(self.layers)]
        body = plan_chain(named, inputs, device)
        chosen = self.shortcut or ("identity" if body.outputs == inputs else "projection")
        if chosen == "identity" and body.outputs != inputs:
            what = f"has an identity shortcut, but its layers make {in_words(body.outputs)} of {in_words(inputs)}"
            raise ShapeError(what, "leave `shortcut` out for a projection, or keep the shape")
        projection = [] if chosen == "identity" else [("shortcut", _projection(inputs, body.outputs))]
        return _ResidualOperation(body, plan_chain(projection, inputs, device), device)


def _projection(inputs: Shape, outputs: Shape) -> Layer:
    if len(inputs) == len(outputs) == 1:
        return Linear(out_features=outputs[0])
    if len(inputs) == len(outputs) == 2 and (stride := _stride(inputs[0], outputs[0])):
        return Conv1D(out_channels=outputs[1], kernel_size=1, stride=stride)
    if len(inputs) == len(outputs) == 3:
        strides = [_stride(*sizes) for sizes in zip(inputs[:2], outputs[:2], strict=True)]
        if all(strides):
            return Conv2D(out_channels=outputs[2], kernel_size=1, stride=strides)
    what = f"has no projection from {in_words(inputs)} to {in_words(outputs)}"
    if len(inputs) != len(outputs):
        raise ShapeError(what, "put what changes the number of axes behind this layer")
    smaller = "fewer steps" if len(inputs) == 2 else "a smaller image"
    raise ShapeError(what, f"use `padding: same` in its layers, with strides for {smaller}")


def _stride(inputs: int, outputs: int) -> int:
    """The smallest stride of 1x1 windows that makes so many outputs; 0 where none does."""
    return next((stride for stride in range(1, inputs + 1) if (inputs - 1) // stride + 1 == outputs), 0)


class _ResidualOperation(Joined):
    def __init__(self, body: Chain, shortcut: Chain, device: Device) -> None:
        super().__init__([Branch("body", body), Branch("shortcut", shortcut)])
        self.outputs = body.outputs
        self._device = device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        body, shortcut = (branch.forward(at, arrays, step) for at, branch in enumerate(self.branches))
        self._device.kernels.add.add(body.ravel(), shortcut.ravel(), arrays.outputs.ravel())

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        body, shortcut = (branch.backward(at, arrays, step) for at, branch in enumerate(self.branches))
        if arrays.d_inputs is not None and body is not None and shortcut is not None:
            self._device.kernels.add.add(body.ravel(), shortcut.ravel(), arrays.d_inputs.ravel())
