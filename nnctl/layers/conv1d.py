"""The convolution over the steps of sequences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field

from nnctl.initializers.initializer import MaybeInitializer, OptionalBias
from nnctl.initializers.zeros import Zeros
from nnctl.kernels.device import Device
from nnctl.layers.activation import MaybeActivation
from nnctl.layers.convolution import convolution, convolution_parameters
from nnctl.layers.operation import Array, Arrays, ArraySpec, Operation, Shape, StepContext
from nnctl.layers.over_steps import sequence
from nnctl.layers.over_windows import OverWindows
from nnctl.layers.regularization import WeightedLayer
from nnctl.layers.window_steps import PaddingOfSteps, WindowsOverSteps, windows_over_steps


class Conv1D(WeightedLayer):
    """Cross-correlation over steps.

    outputs[t] = bias + sum over i of inputs[t stride + i dilation - padding] weight[i]. inputs: (N, T, in_channels),
    weight: (kernel_size, in_channels / groups, out_channels), outputs: (N, T', out_channels).
    Sequences with lengths: each sample has the windows that it has alone, with zeros behind its end, and its outputs
    have a length that follows; one that is shorter than a window has one output.
    """

    type: Literal["conv1d"] = "conv1d"
    makes_channels: ClassVar[str] = "out_channels"
    out_channels: int = Field(ge=1)
    """Number of output channels."""
    kernel_size: int = Field(ge=1)
    """Steps of the window."""
    stride: int = Field(default=1, ge=1)
    """Steps from a window to the next."""
    padding: PaddingOfSteps = "valid"
    """Zeros around the steps: `valid` (none), `same` (ceil(steps / stride) outputs), `causal` (as many, with all zeros
    in front: no output sees a later step), or a number for both sides."""
    dilation: int = Field(default=1, ge=1)
    """Distance between the steps of one window."""
    groups: int = Field(default=1, ge=1)
    """Into how many groups channels are divided: a group of outputs is made of the same group of inputs alone."""
    weight: MaybeInitializer = None
    """How the weight starts: an initializer, or lists of numbers (kernel_size, in_channels / groups, out_channels)."""
    bias: OptionalBias = Zeros()
    """How the bias starts: an initializer, a number, a list of numbers, or false for no bias."""
    activation: MaybeActivation = None
    """Applied to the outputs."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        steps, channels = sequence(inputs)
        over = windows_over_steps(steps, self.kernel_size, self.stride, self.dilation, self.padding)
        kernel, out_channels = (self.kernel_size,), self.out_channels
        parameters = convolution_parameters(kernel, channels, out_channels, self.weight, self.bias, self.groups)
        return _Conv1DOperation(over, channels, parameters, self.groups, device)


class _Conv1DOperation(OverWindows):
    """A convolution over images of one row: the steps behind their padding.

    Without lengths and padding that are the inputs themselves; else a copy, in which each sample has its own padding,
    and what lies beyond its length is 0.
    """

    of_short_samples = "zeros stand in for what is missing"

    def __init__(
        self, over: WindowsOverSteps, channels: int, parameters: list[ArraySpec], groups: int, device: Device
    ) -> None:
        weight, *bias = parameters
        of_image = [replace(weight, shape=(1, *weight.shape)), *bias]
        image = 1, over.padded, channels
        self._of_image = convolution(over.over_padded(), image, of_image, device, pads=False, groups=groups)
        scratch = [spec for spec in self._of_image.arrays if spec.role != "parameter"]
        out_channels = weight.shape[-1]
        copies = [
            ArraySpec("padded_steps", (over.padded, channels), "per_sample"),
            ArraySpec("d_padded_steps", (over.padded, channels), "per_sample"),
            ArraySpec("real_gradient", (over.outputs, out_channels), "per_sample"),
        ]
        super().__init__(over, out_channels, [*parameters, *scratch, *copies], device)
        self.multiply_adds = self._of_image.multiply_adds
        self._is_padded = over.padded != over.steps or over.before > 0

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        kernels, inputs = self.device.kernels, arrays.inputs
        self.write_lengths(arrays)
        if self._copies(arrays):
            inputs = arrays.scratch["padded_steps"]
            kernels.steps.pad(arrays.inputs, self.lengths(arrays), inputs, self.over.window)
        self._of_image.forward(self._as_image(arrays, inputs, arrays.d_inputs, arrays.d_outputs), step)
        behind = self.lengths_of_outputs(arrays)
        if behind is not None:
            kernels.gather.clear_padding(behind, arrays.outputs)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        kernels, inputs, d_inputs, d_outputs = self.device.kernels, arrays.inputs, arrays.d_inputs, arrays.d_outputs
        behind = self.lengths_of_outputs(arrays)
        if behind is not None:
            d_outputs = arrays.scratch["real_gradient"]
            kernels.copy.copy(arrays.d_outputs.ravel(), d_outputs.ravel())
            kernels.gather.clear_padding(behind, d_outputs)
        if self._copies(arrays):
            inputs = arrays.scratch["padded_steps"]
            d_inputs = None if d_inputs is None else arrays.scratch["d_padded_steps"]
        self._of_image.backward(self._as_image(arrays, inputs, d_inputs, d_outputs), step)
        if self._copies(arrays) and arrays.d_inputs is not None and d_inputs is not None:
            kernels.steps.unpad(d_inputs, self.lengths(arrays), arrays.d_inputs, self.over.window)

    def _copies(self, arrays: Arrays) -> bool:
        return self._is_padded or arrays.lengths is not None

    def _as_image(self, arrays: Arrays, inputs: Array, d_inputs: Array | None, d_outputs: Array) -> Arrays:
        """The arrays with images of one row in place of sequences."""

        def row(array: Array) -> Array:
            return array.reshape(len(array), 1, *array.shape[1:])

        def tensors(own: Mapping[str, Array]) -> dict[str, Array]:
            return {name: array.reshape(1, *array.shape) if name == "weight" else array for name, array in own.items()}

        return replace(
            arrays,
            inputs=row(inputs),
            outputs=row(arrays.outputs),
            d_inputs=None if d_inputs is None else row(d_inputs),
            d_outputs=row(d_outputs),
            parameters=tensors(arrays.parameters),
            gradients=tensors(arrays.gradients),
        )
