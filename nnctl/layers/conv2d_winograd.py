"""A convolution of 3x3 windows by Winograd's minimal filtering, in less than half the multiply-adds."""

from __future__ import annotations

from dataclasses import dataclass

from nnctl.layers.layer import CHUNKS, Arrays, Pass, Scratch, Shape, scratch_for_sum
from nnctl.layers.window import Windows

FEWEST, MOST = 16, 256  # channels: the transforms of fewer take too long, the products of more leave the caches
LEAST = 1024  # outputs of as many channels as there are on the side with fewer: below, what is done once takes too long


def pays(over: Windows, channels: int, out_channels: int) -> bool:
    """Whether it is faster than the sum over the taps, as measured in all three directions."""
    fewer, more = sorted((channels, out_channels))
    small = over.kernel == (3, 3) and over.stride == over.dilation == (1, 1)
    many = min(over.outputs) >= 4 and over.outputs[0] * over.outputs[1] * fewer >= LEAST
    return small and many and fewer >= FEWEST and more <= MOST


@dataclass(frozen=True)
class Winograd:
    """One over images of shape `inputs`, (height, width, channels)."""

    over: Windows
    inputs: Shape
    out_channels: int

    def scratch(self) -> tuple[Scratch, ...]:
        """What `forward` and `backward` work in."""
        channels, out_channels = self.inputs[2], self.out_channels
        return (
            Scratch("transformed", (16, channels, out_channels), per_sample=False),
            Scratch("turned", (16, out_channels, channels), per_sample=False),
            Scratch("partial", (CHUNKS, 16, channels, out_channels), per_sample=False),
            Scratch("summed", (16, channels, out_channels), per_sample=False),
            scratch_for_sum("bias_partial", out_channels),
        )

    def forward(self, arrays: Arrays, run: Pass) -> None:
        """As a layer's."""
        winograd, transformed = run.kernels.winograd, arrays.scratch["transformed"]
        bias = arrays.parameters.get("bias")
        winograd.transform(arrays.parameters["weight"], transformed)
        if bias is None:
            winograd.forward(arrays.inputs, transformed, arrays.outputs, self.over.before)
        else:
            winograd.forward_bias(arrays.inputs, transformed, bias, arrays.outputs, self.over.before)

    def backward(self, arrays: Arrays, run: Pass) -> None:
        """As a layer's."""
        winograd, scratch, before = run.kernels.winograd, arrays.scratch, self.over.before
        d_weight, d_bias = arrays.gradients["weight"], arrays.gradients.get("bias")
        partial, summed, inputs, d_outputs = scratch["partial"], scratch["summed"], arrays.inputs, arrays.d_outputs
        if d_bias is None:
            winograd.backward_weight(inputs, d_outputs, partial, summed, d_weight, before)
        else:
            bias_partial = scratch["bias_partial"]
            winograd.backward_weight_bias(inputs, d_outputs, partial, bias_partial, summed, d_weight, d_bias, before)
        if arrays.d_inputs is not None:
            # the gradient of a convolution is one over the gradient, with the taps turned round
            winograd.flip(scratch["transformed"], scratch["turned"])
            winograd.forward(d_outputs, scratch["turned"], arrays.d_inputs, (2 - before[0], 2 - before[1]))
