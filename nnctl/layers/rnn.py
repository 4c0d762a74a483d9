"""The simple recurrent network."""

from __future__ import annotations

from functools import partial
from typing import Literal

from nnctl.kernels.device import Device
from nnctl.layers.recurrent import Cell, Recurrent


class RNN(Recurrent):
    """Each step is an activation of a linear layer over the inputs and what was put out in the step before.

    inputs: (N, T, F); outputs: (N, hidden_size), or (N, T, hidden_size) for `return: sequence`. Source: Elman 1990,
    "Finding structure in time".
    """

    type: Literal["rnn"] = "rnn"
    nonlinearity: Literal["tanh", "relu"] = "tanh"
    """The activation."""

    @property
    def limits(self) -> tuple[float, ...]:
        return (0.0,) if self.nonlinearity == "relu" else super().limits

    def cell(self, device: Device) -> Cell:
        kernels, relu = device.kernels.rnn, self.nonlinearity == "relu"
        forward, backward = (partial(function, relu=relu) for function in (kernels.forward, kernels.backward))
        return Cell(1, 1, 1, forward, backward, kernels.backward_recurrent)
