"""The linear layer with few connections, which are all that it stores and computes."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nnctl.initializers.initializer import Initializer, MaybeInitializer, OptionalBias
from nnctl.initializers.orthogonal import Orthogonal
from nnctl.initializers.xavier_uniform import XavierUniform
from nnctl.initializers.zeros import Zeros
from nnctl.kernels.device import Device
from nnctl.layers.activation import MaybeActivation
from nnctl.layers.connections import MOST, even_inputs, even_starts
from nnctl.layers.operation import Array, Arrays, ArraySpec, Operation, Shape, ShapeError, StepContext, size_of
from nnctl.layers.regularization import WeightedLayer


class SparseLinear(WeightedLayer):
    """outputs = inputs weight + bias, where the weight is 0 but for some connections of an input and an output.

    inputs: (N, in_features), outputs: (N, out_features); of sequences (N, T, in_features), each step by itself. Which
    connections there are is drawn from the seed: as many for each output as for the others, or one more, and each input
    is used as often as the others, or once more. With fewer connections than outputs, some outputs are their bias
    alone. weight: (connections,), sorted by output, then by input. Sources: Mocanu et al. 2018, "Scalable training of
    artificial neural networks with adaptive sparse connectivity inspired by network science"; Evci et al. 2020,
    "Rigging the lottery".
    """

    type: Literal["sparse_linear"] = "sparse_linear"
    out_features: int = Field(ge=1)
    """Number of outputs."""
    connections: int = Field(ge=1, le=MOST)
    """Number of connections, at most inputs x outputs. Up to about a fifth of that it is faster than `linear`."""
    weight: MaybeInitializer = None
    """How the weight starts: an initializer, where an output has connections / out_features inputs, or a number."""
    bias: OptionalBias = Zeros()
    """How the bias starts: an initializer, a number, a list of numbers, or false for no bias."""
    activation: MaybeActivation = None
    """Applied to the outputs."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        if len(inputs) not in (1, 2):
            what = "needs a row of features, or one a step: one axis a sample, or two"
            raise ShapeError(what, "put `- flatten` in front of it")
        most = inputs[-1] * self.out_features
        if self.connections > most:
            what = f"{self.connections:,} connections are more than {inputs[-1]:,} inputs and {self.out_features:,}"
            help = f"set `connections` to {most} or fewer, or use `linear`"
            raise ShapeError(f"{what} outputs can have", help, "connections")
        if isinstance(self.weight, Orthogonal):
            what = "an orthogonal weight has all connections"
            raise ShapeError(what, "leave `weight` out, or use another initializer", "weight")
        return _SparseLinearOperation(inputs, self, device)


class _EvenStarts(Initializer):
    """`even_starts`."""

    connections: int

    def fill(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        return even_starts(shape[0] - 1, self.connections).astype(np.float64)


class _EvenInputs(Initializer):
    """`even_inputs`."""

    in_features: int
    out_features: int

    def fill(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        return even_inputs(self.in_features, even_starts(self.out_features, shape[0]), random).astype(np.float64)


class _SparseLinearOperation(Operation):
    def __init__(self, inputs: Shape, settings: SparseLinear, device: Device) -> None:
        in_features, out_features, connections = inputs[-1], settings.out_features, settings.connections
        fans = max(1, round(connections / out_features)), max(1, round(connections / in_features))
        weight = settings.weight or XavierUniform()
        self.outputs = (*inputs[:-1], out_features)
        arrays = [ArraySpec("weight", (connections,), "parameter", weight, fans=fans, starts="starts")]
        if settings.bias is not None:
            arrays.append(ArraySpec("bias", (out_features,), "parameter", settings.bias, fans=fans))
        numbers = _EvenInputs(in_features=in_features, out_features=out_features)
        starts = _EvenStarts(connections=connections)
        self.arrays = (
            *arrays,
            ArraySpec("inputs", (connections,), "buffer", numbers, "int32", most=in_features - 1),
            ArraySpec("starts", (out_features + 1,), "buffer", starts, "int32", most=connections),
            ArraySpec("tiles", inputs, "per_sample"),
            ArraySpec("d_tiles", self.outputs, "per_sample"),
            ArraySpec("partial", inputs, "per_sample"),
        )
        self.multiply_adds = size_of(inputs[:-1]) * connections
        self._device = device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        kernels, own, inputs = self._device.kernels.sparse_linear, arrays.parameters, self._view(arrays, arrays.inputs)
        tiles = arrays.scratch["tiles"].reshape(inputs.shape)
        kernels.to_tiles(inputs, tiles)
        outputs = self._view(arrays, arrays.outputs)
        kernels.forward(tiles, own["weight"], *self._connections(arrays), own.get("bias"), outputs)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        kernels, scratch = self._device.kernels.sparse_linear, arrays.scratch
        inputs, d_outputs = self._view(arrays, arrays.inputs), self._view(arrays, arrays.d_outputs)
        d_tiles = scratch["d_tiles"].reshape(d_outputs.shape)
        kernels.to_tiles(d_outputs, d_tiles)
        if arrays.gradients:
            own = arrays.gradients["weight"], arrays.gradients.get("bias")
            kernels.backward_parameters(
                scratch["tiles"].reshape(inputs.shape), d_tiles, *self._connections(arrays), *own
            )
        if arrays.d_inputs is not None:
            d_inputs, partial = self._view(arrays, arrays.d_inputs), scratch["partial"].reshape(inputs.shape)
            weight = arrays.parameters["weight"]
            kernels.backward_inputs(d_tiles, weight, *self._connections(arrays), partial, d_inputs)

    def _connections(self, arrays: Arrays) -> tuple[Array, Array]:
        return arrays.buffers["inputs"], arrays.buffers["starts"]

    def _view(self, arrays: Arrays, array: Array) -> Array:
        """(N, T, features) of sequences with lengths, whose padding may change no bit, else (rows, 1, features)."""
        if arrays.lengths is not None and array.ndim == 3:
            return array
        return array.reshape(-1, 1, array.shape[-1])
