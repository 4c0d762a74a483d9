"""The gated recurrent unit."""

from __future__ import annotations

from typing import Literal

from nnctl.kernels.device import Device
from nnctl.layers.recurrent import Cell, Recurrent


class GRU(Recurrent):
    """A recurrent layer whose gates mix the step before with a new one, with PyTorch's equations and order of gates.

    inputs: (N, T, F); outputs: (N, hidden_size), or (N, T, hidden_size) for `return: sequence`. Source: Cho et al.
    2014, "Learning phrase representations using RNN encoder-decoder", with the reset gate behind the product.
    """

    type: Literal["gru"] = "gru"

    def cell(self, device: Device) -> Cell:
        kernels = device.kernels.gru
        return Cell(3, 1, 2, kernels.forward, kernels.backward, kernels.backward_recurrent)
