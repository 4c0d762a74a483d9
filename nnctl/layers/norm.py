"""What layers share that normalise by a mean and a variance: their keys, and what their operations are given."""

from __future__ import annotations

from pydantic import Field

from nnctl.initializers.constant import Constant
from nnctl.initializers.initializer import OneInitializer, OptionalBias
from nnctl.initializers.zeros import Zeros
from nnctl.layers.activation import MaybeActivation
from nnctl.layers.freezable import Freezable
from nnctl.layers.operation import Array, Arrays, ArraySpec, Operation, Shape, size_of


class Norm(Freezable):
    """outputs = (inputs - mean) / sqrt(variance + eps) x weight + bias; a subclass says of what the moments are."""

    eps: float = Field(default=1e-5, gt=0.0)
    """Added to the variance."""
    weight: OneInitializer = Constant(value=1.0)
    """How the weight starts: an initializer, a number, or a list of numbers, one a channel, the last axis."""
    bias: OptionalBias = Zeros()
    """How the bias starts: an initializer, a number, a list of numbers, or false for no bias."""
    activation: MaybeActivation = None
    """Applied to the outputs."""

    def parameters(self, channels: int) -> list[ArraySpec]:
        """weight, and bias if there is one: (channels,)."""
        starts = {"weight": self.weight, "bias": self.bias}
        fans = channels, channels
        return [
            ArraySpec(name, (channels,), "parameter", start, fans=fans)
            for name, start in starts.items()
            if start is not None
        ]


class NormOperation(Operation):
    """Works on (N, positions, channels): steps or pixels side by side."""

    def __init__(self, inputs: Shape) -> None:
        self.outputs = inputs
        self._shape = size_of(inputs[:-1]), inputs[-1]
        self._is_sequence = len(inputs) == 2

    def _flat(self, array: Array) -> Array:
        """As (N, positions, channels)."""
        return array.reshape(-1, *self._shape)

    def _lengths(self, arrays: Arrays) -> Array | None:
        """Those of sequences; what else follows a sequence in a network has no steps."""
        return arrays.lengths if self._is_sequence else None
