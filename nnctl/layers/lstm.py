"""The long short-term memory."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nnctl.initializers.initializer import Initializer
from nnctl.kernels.device import Device
from nnctl.layers.recurrent import Cell, Recurrent


class LSTM(Recurrent):
    """A recurrent layer whose cells keep a state, with PyTorch's equations and order of gates.

    inputs: (N, T, F); outputs: (N, hidden_size), or (N, T, hidden_size) for `return: sequence`. Source: Hochreiter and
    Schmidhuber 1997, "Long short-term memory"; the forget gate: Gers, Schmidhuber and Cummins 2000.
    """

    type: Literal["lstm"] = "lstm"
    forget_bias: float = Field(default=1.0, allow_inf_nan=False)
    """Added to the bias of the forget gate when it starts: cells that keep their state at first learn from afar.
    Source: Jozefowicz, Zaremba and Sutskever 2015, section 4.2."""

    def cell(self, device: Device) -> Cell:
        kernels = device.kernels.lstm
        return Cell(4, 2, 4, kernels.forward, kernels.backward, kernels.backward_recurrent)

    def bias_of_inputs(self) -> Initializer | None:
        return None if self.bias is None else _WithForgetBias(start=self.bias, forget_bias=self.forget_bias)


class _WithForgetBias(Initializer):
    """Another initializer, with a number added to the second of four gates."""

    start: Initializer
    forget_bias: float

    def check(self, shape: tuple[int, ...]) -> None:
        self.start.check(shape)

    def fill(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        bias = self.start.fill(shape, fan_in, fan_out, random)
        size = shape[0] // 4
        bias[size : 2 * size] += self.forget_bias
        return bias
