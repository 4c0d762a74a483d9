"""The place of each step in its sequence, for layers that know no order."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.initializers.initializer import Initializer
from nnctl.initializers.normal import Normal
from nnctl.initializers.sinusoidal import Sinusoidal
from nnctl.kernels.device import Device
from nnctl.layers.freezable import Freezable
from nnctl.layers.operation import Arrays, ArraySpec, Operation, Shape, StepContext
from nnctl.layers.over_steps import lengths_of, sequence


class Positions(Freezable):
    """outputs[t] = inputs[t] + a vector that belongs to step t. inputs, outputs: (N, T, F).

    Source: Vaswani et al. 2017, "Attention is all you need", section 3.5.
    """

    type: Literal["positions"] = "positions"
    keeps_channels: ClassVar[bool] = True
    learnt: bool = False
    """Whether the vectors are trained, from normal numbers with a deviation of 0.02 on; else they are sinusoidal."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        return _PositionsOperation(sequence(inputs), self.learnt, device)


class _PositionsOperation(Operation):
    def __init__(self, shape: tuple[int, int], learnt: bool, device: Device) -> None:
        start: Initializer = Normal(std=0.02) if learnt else Sinusoidal()
        self.outputs = shape
        self.arrays = (ArraySpec("weight", shape, "parameter" if learnt else "buffer", start, fans=shape),)
        self._learnt, self._device = learnt, device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        table = (arrays.parameters if self._learnt else arrays.buffers)["weight"].ravel()
        samples = len(arrays.inputs)
        kernels = self._device.kernels.positions
        kernels.forward(arrays.inputs.reshape(samples, -1), table, arrays.outputs.reshape(samples, -1))

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        kernels = self._device.kernels
        if arrays.gradients:
            kernels.positions.add_up(arrays.d_outputs, lengths_of(arrays, self._device), arrays.gradients["weight"])
        if arrays.d_inputs is not None:
            kernels.copy.copy(arrays.d_outputs.ravel(), arrays.d_inputs.ravel())
