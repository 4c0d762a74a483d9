"""What recurrent layers share: layers in a row and in both directions, each through all steps of a sequence."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field

from nnctl.initializers.initializer import Initializer, MaybeInitializer, OneInitializer, OptionalBias
from nnctl.initializers.orthogonal import Orthogonal
from nnctl.initializers.xavier_uniform import XavierUniform
from nnctl.initializers.zeros import Zeros
from nnctl.kernels.device import Device
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Array, Arrays, ArraySpec, Operation, Shape, StepContext
from nnctl.layers.over_steps import sequence


@dataclass(frozen=True)
class Cell:
    """What a recurrent layer does in each step: a device's kernels, and the sizes that they need.

    gates: how many there are of each number that is put out. carried: how many gradients go from a step to the one
    before. added: of the gates, those to which the recurrent bias is simply added.
    """

    gates: int
    carried: int
    added: int
    forward: Callable[..., None]
    backward: Callable[..., None]
    backward_weight: Callable[..., None]


class Recurrent(Layer):
    """Base of rnn, gru and lstm. Parameters have PyTorch's names; weights are (in, out), gates side by side.

    inputs: (N, T, F), outputs: (N, D) or (N, T, D), where D is hidden_size, twice that in both directions.
    """

    hidden_size: int = Field(ge=1)
    """Numbers that it puts out in each step, in each direction."""
    num_layers: int = Field(default=1, ge=1, le=100)
    """Layers in a row: each reads all steps of the one before."""
    bidirectional: bool = False
    """Whether a second one reads the steps from the last to the first; what both put out is joined."""
    dropout: float = Field(default=0.0, ge=0.0, lt=1.0)
    """Probability that a number is dropped on its way from a layer to the next."""
    returns: Literal["last", "sequence"] = Field(default="last", alias="return")
    """What it gives: the `last` step that each direction reads, or the `sequence` of all."""
    weight: MaybeInitializer = None
    """How the weights of the inputs start. Unset: xavier_uniform, for each gate."""
    recurrent_weight: OneInitializer = Orthogonal()
    """How the weights of what was put out in the step before start."""
    bias: OptionalBias = Zeros()
    """How the biases start: an initializer, a number, or false for no biases."""

    @abstractmethod
    def cell(self, device: Device) -> Cell:
        """What it does in each step."""

    def bias_of_inputs(self) -> Initializer | None:
        """How the first of the two biases starts."""
        return self.bias

    def plan(self, inputs: Shape, device: Device) -> Operation:
        return _RecurrentOperation(self, *sequence(inputs), device)


@dataclass(frozen=True)
class _Direction:
    """One layer in one direction."""

    layer: int
    in_features: int
    is_reversed: bool

    @property
    def suffix(self) -> str:
        return f"l{self.layer}{'_reverse' if self.is_reversed else ''}"


class _RecurrentOperation(Operation):
    def __init__(self, settings: Recurrent, steps: int, in_features: int, device: Device) -> None:
        self._settings, self._device, self._cell = settings, device, settings.cell(device)
        self._size, self._steps = settings.hidden_size, steps
        self._wide = self._size * (1 + settings.bidirectional)
        self._layers = [
            [
                _Direction(layer, in_features if layer == 0 else self._wide, is_reversed)
                for is_reversed in ((False, True) if settings.bidirectional else (False,))
            ]
            for layer in range(settings.num_layers)
        ]
        self._is_sequence = settings.returns == "sequence"
        self.outputs = (steps, self._wide) if self._is_sequence else (self._wide,)
        directions = [direction for layer in self._layers for direction in layer]
        parameters = [spec for direction in directions for spec in self._parameters(direction)]
        scratch = [spec for direction in directions for spec in self._scratch(direction)]
        self.arrays = (*parameters, *scratch, *self._between(in_features))
        self.multiply_adds = sum(
            steps * self._cell.gates * self._size * (direction.in_features + self._size) for direction in directions
        )

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        lengths = self._lengths(arrays)
        for number, layer in enumerate(self._layers):
            inputs, hidden = self._inputs(number, arrays, step), self._hidden(number, arrays)
            for direction in layer:
                self._forward(direction, inputs, hidden, lengths, arrays)
        if not self._is_sequence:
            self._device.kernels.recurrent.last_steps(hidden, lengths, arrays.outputs, self._size)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        lengths = self._lengths(arrays)
        last = len(self._layers) - 1
        d_hidden = arrays.d_outputs
        if not self._is_sequence:
            d_hidden = arrays.scratch[f"d_hidden_l{last}"]
            self._device.kernels.recurrent.last_steps_backward(arrays.d_outputs, lengths, d_hidden, self._size)
        for number in range(last, -1, -1):
            layer = self._layers[number]
            inputs, hidden = self._read(number, arrays), self._hidden(number, arrays)
            d_inputs = arrays.d_inputs if number == 0 else arrays.scratch[f"d_hidden_l{number - 1}"]
            for direction in layer:
                self._backward(direction, inputs, hidden, d_hidden, d_inputs, lengths, arrays)
            if number > 0 and d_inputs is not None:
                if self._drops(step):
                    self._drop(number, d_inputs, arrays.scratch[f"d_dropped_l{number}"], step)
                    d_inputs = arrays.scratch[f"d_dropped_l{number}"]
                d_hidden = d_inputs

    def _forward(self, direction: _Direction, inputs: Array, hidden: Array, lengths: Array, arrays: Arrays) -> None:
        kernels, scratch, name = self._device.kernels, arrays.scratch, direction.suffix
        gates, state = scratch[f"gates_{name}"], scratch[f"state_{name}"]
        weight, recurrent_weight = arrays.parameters[f"weight_ih_{name}"], arrays.parameters[f"weight_hh_{name}"]
        bias, recurrent_bias = arrays.parameters.get(f"bias_ih_{name}"), arrays.parameters.get(f"bias_hh_{name}")
        if bias is not None:
            kernels.recurrent.add_biases(bias, recurrent_bias, scratch[f"bias_{name}"], self._cell.added * self._size)
            bias = scratch[f"bias_{name}"]
        kernels.matmul.matmul_bias(_rows(inputs), weight, bias, _rows(gates))
        first = self._size if direction.is_reversed else 0
        self._cell.forward(
            gates, recurrent_weight, recurrent_bias, hidden, state, lengths, first, direction.is_reversed
        )

    def _backward(
        self, direction: _Direction, inputs: Array, hidden: Array, d_hidden: Array, d_inputs: Array | None,
        lengths: Array, arrays: Arrays,
    ) -> None:  # fmt: skip
        kernels, scratch, name = self._device.kernels, arrays.scratch, direction.suffix
        gates, state, transposed = scratch[f"gates_{name}"], scratch[f"state_{name}"], scratch[f"transposed_{name}"]
        place = self._size if direction.is_reversed else 0, direction.is_reversed
        kernels.recurrent.transpose(arrays.parameters[f"weight_hh_{name}"], transposed)
        self._cell.backward(
            gates, transposed, hidden, state, d_hidden, scratch[f"carried_{name}"], lengths, *place
        )  # gates and state are their gradients from here on
        d_bias = arrays.gradients.get(f"bias_ih_{name}")
        kernels.matmul.matmul_transposed_a_sum(
            _rows(inputs), _rows(gates), arrays.gradients[f"weight_ih_{name}"], d_bias
        )
        self._cell.backward_weight(hidden, gates, state, arrays.gradients[f"weight_hh_{name}"], *place)
        if d_bias is not None:
            kernels.recurrent.recurrent_bias_gradient(
                d_bias, _rows(state), arrays.gradients[f"bias_hh_{name}"], self._cell.added * self._size
            )
        if d_inputs is None:
            return
        weight = arrays.parameters[f"weight_ih_{name}"]
        if direction.is_reversed:  # the other direction has written its part
            own = scratch[f"d_inputs_{name}"]
            kernels.matmul.matmul_transposed_b(_rows(gates), weight, _rows(own))
            kernels.add.add(d_inputs.ravel(), own.ravel(), d_inputs.ravel())
        else:
            kernels.matmul.matmul_transposed_b(_rows(gates), weight, _rows(d_inputs))

    def _inputs(self, number: int, arrays: Arrays, step: StepContext) -> Array:
        """What a layer reads, written where `_read` finds it."""
        kernels, target = self._device.kernels, self._read(number, arrays)
        if number == 0:
            if arrays.lengths is not None:  # what lies beyond may be anything, and would be multiplied by 0
                kernels.copy.copy(arrays.inputs.ravel(), target.ravel())
                kernels.gather.clear_padding(arrays.lengths, target)
        elif self._settings.dropout:
            before = self._hidden(number - 1, arrays)
            if self._drops(step):
                self._drop(number, before, target, step)
            else:
                kernels.copy.copy(before.ravel(), target.ravel())
        return target

    def _read(self, number: int, arrays: Arrays) -> Array:
        if number == 0:
            return arrays.inputs if arrays.lengths is None else arrays.scratch["real_inputs"]
        return arrays.scratch[f"dropped_l{number}"] if self._settings.dropout else self._hidden(number - 1, arrays)

    def _hidden(self, number: int, arrays: Arrays) -> Array:
        """What a layer puts out, (N, T, D)."""
        is_outputs = self._is_sequence and number == len(self._layers) - 1
        return arrays.outputs if is_outputs else arrays.scratch[f"hidden_l{number}"]

    def _drops(self, step: StepContext) -> bool:
        return step.training and self._settings.dropout > 0.0

    def _drop(self, number: int, source: Array, target: Array, step: StepContext) -> None:
        key = step.inner(number).key("dropout")
        self._device.kernels.dropout.mask(source.ravel(), target.ravel(), self._settings.dropout, key)

    def _lengths(self, arrays: Arrays) -> Array:
        """The samples' lengths; empty where every step is real."""
        return self._device.zeros(0, np.int64) if arrays.lengths is None else arrays.lengths

    def _parameters(self, direction: _Direction) -> Iterator[ArraySpec]:
        settings, name, wide = self._settings, direction.suffix, self._cell.gates * self._size
        weight = settings.weight or XavierUniform()
        fans, recurrent_fans = (direction.in_features, self._size), (self._size, self._size)
        yield ArraySpec(f"weight_ih_{name}", (direction.in_features, wide), "parameter", weight, fans=fans)
        shape = self._size, wide
        yield ArraySpec(f"weight_hh_{name}", shape, "parameter", settings.recurrent_weight, fans=recurrent_fans)
        if settings.bias is not None:
            yield ArraySpec(f"bias_ih_{name}", (wide,), "parameter", settings.bias_of_inputs(), fans=fans)
            yield ArraySpec(f"bias_hh_{name}", (wide,), "parameter", settings.bias, fans=recurrent_fans)

    def _scratch(self, direction: _Direction) -> Iterator[ArraySpec]:
        name, wide = direction.suffix, self._cell.gates * self._size
        yield ArraySpec(f"gates_{name}", (self._steps, wide), "per_sample")
        yield ArraySpec(f"state_{name}", (self._steps, self._size), "per_sample")
        yield ArraySpec(f"carried_{name}", (self._cell.carried, self._size), "per_sample")
        yield ArraySpec(f"transposed_{name}", (wide, self._size))
        if self._settings.bias is not None:
            yield ArraySpec(f"bias_{name}", (wide,))
        if direction.is_reversed:
            yield ArraySpec(f"d_inputs_{name}", (self._steps, direction.in_features), "per_sample")

    def _between(self, in_features: int) -> Iterator[ArraySpec]:
        """Between the layers, and in front of the first and behind the last."""
        yield ArraySpec("real_inputs", (self._steps, in_features), "per_sample")
        for number in range(len(self._layers)):
            if not self._is_sequence or number < len(self._layers) - 1:
                yield ArraySpec(f"hidden_l{number}", (self._steps, self._wide), "per_sample")
                yield ArraySpec(f"d_hidden_l{number}", (self._steps, self._wide), "per_sample")
            if number > 0 and self._settings.dropout:
                yield ArraySpec(f"dropped_l{number}", (self._steps, self._wide), "per_sample")
                yield ArraySpec(f"d_dropped_l{number}", (self._steps, self._wide), "per_sample")


def _rows(array: Array) -> Array:
    """(N, T, F) as (N T, F)."""
    return array.reshape(-1, array.shape[-1])
