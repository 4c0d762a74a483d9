"""What the layers share that make one vector of a sequence of steps, and what a sequence is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnctl.kernels.device import Device
from nnctl.layers.operation import Array, Arrays, Operation, Shape, ShapeError, StepContext, rows


def sequence(inputs: Shape, for_images: str = "") -> tuple[int, int]:
    """Steps and features of a sample, (T, F). Raises ShapeError where it has other axes.

    for_images: what to use for samples that are images, where there is something.
    """
    if len(inputs) != 2:
        help = "put {type: reshape, shape: [steps, features]} in front of it, or leave this layer out"
        if len(inputs) == 1:
            help = f"put an `embedding` in front where inputs are characters or numbers of classes; else {help}"
        elif len(inputs) == 3 and for_images:
            help = f"use {for_images} for images"
        raise ShapeError("needs sequences, two axes a sample: (steps, features)", help, axes=2)
    return inputs[0], inputs[1]


def lengths_of(arrays: Arrays, device: Device) -> Array:
    """The samples' lengths, (N,); empty where every step is real, so that kernels are compiled once for both."""
    return device.zeros(0, np.int64) if arrays.lengths is None else arrays.lengths


def gradients_of_product(
    inputs: Array, d_outputs: Array, d_weight: Array, d_bias: Array | None, device: Device, *, has_steps: bool
) -> None:
    """Of outputs = inputs weight + bias, with a row of inputs for each sample, step or pixel: d_weight and d_bias.

    has_steps: whether they are (N, T, F) with lengths. Then d_outputs is 0 beyond them, and padding changes no bit.
    """
    matmul = device.kernels.matmul
    if has_steps:
        matmul.matmul_over_steps(inputs, d_outputs, d_weight, d_bias)
    else:
        matmul.matmul_transposed_a_sum(rows(inputs), rows(d_outputs), d_weight, d_bias)


@dataclass(frozen=True)
class OverSteps(Operation):
    """The sum over the steps of each sample, up to its length; is_mean: over their number."""

    outputs: Shape
    device: Device
    is_mean: bool

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        lengths = lengths_of(arrays, self.device)
        self.device.kernels.sum_steps.forward(arrays.inputs, lengths, arrays.outputs, self.is_mean)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is not None:
            lengths = lengths_of(arrays, self.device)
            self.device.kernels.sum_steps.backward(arrays.d_outputs, lengths, arrays.d_inputs, self.is_mean)
