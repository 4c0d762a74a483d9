"""A convolution as the sum over its taps: any window, stride and dilation."""

from __future__ import annotations

from dataclasses import dataclass

from nnctl.layers.layer import CHUNKS, Arrays, Pass, Scratch, Shape, scratch_for_sum
from nnctl.layers.window import Pair, Windows


@dataclass(frozen=True)
class Direct:
    """One over images of shape `inputs`, (height, width, channels). pads: whether there is padding to write."""

    over: Windows
    inputs: Shape
    out_channels: int
    pads: bool

    def scratch(self) -> tuple[Scratch, ...]:
        """What `forward` and `backward` work in."""
        over, (height, width, channels) = self.over, self.inputs
        padded = tuple(
            max(before + size, (outputs - 1) * stride + reach + 1)
            for size, before, outputs, stride, reach in zip(
                (height, width), over.before, over.outputs, over.stride, over.reach, strict=True
            )
        )
        own = [
            Scratch("partial", (CHUNKS, *over.kernel, channels, self.out_channels), per_sample=False),
            scratch_for_sum("bias_partial", self.out_channels),
            Scratch("flipped", (*over.kernel, self.out_channels, channels), per_sample=False),
            Scratch("padded_gradient", (height + over.reach[0], width + over.reach[1], self.out_channels)),
        ]
        if self.pads:
            own.append(Scratch("padded", (*padded, channels)))
        return tuple(own)

    def forward(self, arrays: Arrays, run: Pass) -> None:
        """As a layer's."""
        conv2d, over = run.kernels.conv2d, self.over
        weight, bias = arrays.parameters["weight"], arrays.parameters.get("bias")
        padded = arrays.inputs
        if self.pads:
            padded = arrays.scratch["padded"]
            conv2d.pad(arrays.inputs, padded, over.before, (1, 1))
        if bias is None:
            conv2d.forward(padded, weight, arrays.outputs, over.stride, over.dilation, self._inside)
        else:
            conv2d.forward_bias(padded, weight, bias, arrays.outputs, over.stride, over.dilation, self._inside)

    def backward(self, arrays: Arrays, run: Pass) -> None:
        """As a layer's."""
        conv2d, over, scratch, d_outputs = run.kernels.conv2d, self.over, arrays.scratch, arrays.d_outputs
        padded = scratch["padded"] if self.pads else arrays.inputs
        d_weight, partial = arrays.gradients["weight"], scratch["partial"]
        d_bias = arrays.gradients.get("bias")
        if d_bias is None:
            conv2d.backward_weight(padded, d_outputs, partial, d_weight, over.stride, over.dilation, self._inside)
        else:
            bias_partial = scratch["bias_partial"]
            conv2d.backward_weight_bias(
                padded, d_outputs, partial, bias_partial, d_weight, d_bias, over.stride, over.dilation, self._inside
            )
        if arrays.d_inputs is not None:
            # the gradient of a convolution is one over the gradient, with the taps turned round
            reach_h, reach_w = over.reach
            conv2d.flip(arrays.parameters["weight"], scratch["flipped"])
            before = (reach_h - over.before[0], reach_w - over.before[1])
            conv2d.pad(d_outputs, scratch["padded_gradient"], before, over.stride)
            last = before[0] + (d_outputs.shape[1] - 1) * over.stride[0]
            inside = (before[0], min(last + 1, scratch["padded_gradient"].shape[1]))
            conv2d.forward(
                scratch["padded_gradient"], scratch["flipped"], arrays.d_inputs, (1, 1), over.dilation, inside
            )

    @property
    def _inside(self) -> Pair:
        """The rows of the padded images that are no padding."""
        return self.over.before[0], self.over.before[0] + self.inputs[0]
