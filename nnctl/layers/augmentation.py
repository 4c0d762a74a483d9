"""What the layers share that change images at random in training alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from nnctl.kernels.device import Device
from nnctl.layers.operation import Array, Arrays, Shape, StepContext
from nnctl.layers.over_images import OverImages
from nnctl.layers.window import image


@dataclass(frozen=True)
class Augmentation(OverImages):
    """Each image is changed by the `forward` and `backward` of one module of kernels; in evaluation nothing changes.

    purpose: names the random stream. kernels: gives the module, which is loaded when it is needed. settings: what both
    kernels get behind the arrays; the last argument is the key of the step. A sample's numbers are a function of the
    key and of its number in the batch.
    """

    outputs: Shape
    purpose: str
    kernels: Callable[[], ModuleType]
    settings: tuple[float, ...]
    device: Device

    def __post_init__(self) -> None:
        image(self.outputs)

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        if step.training:
            self.kernels().forward(arrays.inputs, arrays.outputs, *self.settings, step.key(self.purpose))
        else:
            self._copy(arrays.inputs, arrays.outputs)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is None:
            return
        if step.training:
            self.kernels().backward(arrays.d_outputs, arrays.d_inputs, *self.settings, step.key(self.purpose))
        else:
            self._copy(arrays.d_outputs, arrays.d_inputs)

    def _copy(self, source: Array, target: Array) -> None:
        self.device.kernels.copy.copy(source.ravel(), target.ravel())
