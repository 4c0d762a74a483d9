"""What recurrent layers share: layers in a row and in both directions, each through all steps of a sequence."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from nnctl.initializers.initializer import Initializer, MaybeInitializer, OneInitializer, OptionalBias
from nnctl.initializers.orthogonal import Orthogonal
from nnctl.initializers.xavier_uniform import XavierUniform
from nnctl.initializers.zeros import Zeros
from nnctl.kernels.device import Device
from nnctl.layers.dropout import mask
from nnctl.layers.operation import Array, Arrays, ArraySpec, Operation, Shape, StepContext
from nnctl.layers.over_steps import lengths_of, sequence
from nnctl.layers.regularization import WeightedLayer


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
    backward_recurrent: Callable[..., None]


class Recurrent(WeightedLayer):
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

    @property
    def remedy_for_axes(self) -> str:
        return f"set `return: sequence` in the {self.kind} in front of it"

    @property
    def limits(self) -> tuple[float, ...]:
        return -1.0, 1.0

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
        lengths = lengths_of(arrays, self._device)
        for number, layer in enumerate(self._layers):
            inputs = self._inputs(number, arrays, step)
            for direction in layer:
                self._forward(direction, inputs, lengths, arrays)
                self._write(direction, lengths, arrays)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        lengths = lengths_of(arrays, self._device)
        for number in range(len(self._layers) - 1, -1, -1):
            inputs = self._read(number, arrays)
            d_inputs = arrays.d_inputs if number == 0 else arrays.scratch[f"d_sequence_l{number - 1}"]
            for direction in self._layers[number]:
                self._backward(direction, inputs, d_inputs, lengths, arrays)
            if number > 0 and d_inputs is not None and self._drops(step):
                dropped = arrays.scratch[f"d_dropped_l{number}"]
                self._device.kernels.copy.copy(d_inputs.ravel(), dropped.ravel())
                self._drop(number, dropped, d_inputs, arrays.lengths, step)

    def gradients_by_step(self, arrays: Arrays) -> Array | None:
        """Of what is activated in the first layer, read forwards."""
        if not arrays.gradients:
            return None
        return self._by_step(_Own(self._layers[0][0], arrays).scratch("gates"))

    def _forward(self, direction: _Direction, inputs: Array, lengths: Array, arrays: Arrays) -> None:
        kernels, own = self._device.kernels.recurrent, _Own(direction, arrays)
        bias, recurrent_bias = own.parameter("bias_ih"), own.parameter("bias_hh")
        if len(bias):
            kernels.add_biases(bias, recurrent_bias, own.scratch("bias"), self._cell.added * self._size)
            bias = own.scratch("bias")
        weights = own.parameter("weight_ih"), bias, own.parameter("weight_hh"), recurrent_bias
        self._cell.forward(self._size, inputs, *weights, *self._states(own), lengths, direction.is_reversed)

    def _write(self, direction: _Direction, lengths: Array, arrays: Arrays) -> None:
        """Put what it puts out where the next layer reads it, sample by sample."""
        kernels, first = self._device.kernels.recurrent, self._size if direction.is_reversed else 0
        hidden = self._by_step(_Own(direction, arrays).scratch("hidden"))
        if self._is_last(direction) and not self._is_sequence:
            kernels.write_last(arrays.outputs, hidden, self._size, lengths, first, direction.is_reversed)
        else:
            kernels.write_sequence(self._sequence(direction.layer, arrays), hidden, self._size, first)

    def _backward(
        self, direction: _Direction, inputs: Array, d_inputs: Array | None, lengths: Array, arrays: Arrays
    ) -> None:
        kernels, own = self._device.kernels.recurrent, _Own(direction, arrays)
        gates, hidden, state = self._states(own)
        d_hidden, transposed = self._by_step(own.scratch("d_hidden")), own.scratch("transposed_hh")
        first, is_reversed = self._size if direction.is_reversed else 0, direction.is_reversed
        if not self._is_last(direction):
            d_sequence = arrays.scratch[f"d_sequence_l{direction.layer}"]
            kernels.read_sequence(d_sequence, d_hidden, self._size, first)
        elif self._is_sequence:
            kernels.read_sequence(arrays.d_outputs, d_hidden, self._size, first)
        else:
            kernels.read_last(arrays.d_outputs, d_hidden, self._size, lengths, first, is_reversed)
        kernels.transpose(own.parameter("weight_hh"), transposed)
        carried = own.scratch("carried").reshape(self._cell.carried, -1)
        self._cell.backward(
            self._size, gates, transposed, hidden, state, d_hidden, carried, lengths, is_reversed
        )  # gates and state are their gradients from here on
        if arrays.gradients:
            d_bias, d_weight = own.gradient("bias_ih"), own.gradient("weight_hh")
            kernels.input_weight_gradient(inputs, gates, own.gradient("weight_ih"), d_bias if len(d_bias) else None)
            biases = d_bias, own.gradient("bias_hh")
            self._cell.backward_recurrent(self._size, hidden, gates, state, d_weight, *biases, is_reversed)
        if d_inputs is not None:
            kernels.transpose(own.parameter("weight_ih"), own.scratch("transposed_ih"))
            kernels.input_gradient(gates, self._size, own.scratch("transposed_ih"), d_inputs, adds=is_reversed)

    def _states(self, own: _Own) -> tuple[Array, Array, Array]:
        """Gates, hidden and state as the kernels have them, step by step."""
        gates = own.scratch("gates").reshape(self._steps, self._cell.gates, -1)
        return gates, self._by_step(own.scratch("hidden")), self._by_step(own.scratch("state"))

    def _by_step(self, array: Array) -> Array:
        return array.reshape(self._steps, -1)

    def _inputs(self, number: int, arrays: Arrays, step: StepContext) -> Array:
        """What a layer reads, written where `_read` finds it."""
        kernels, target = self._device.kernels, self._read(number, arrays)
        if number == 0:
            if arrays.lengths is not None:  # what lies beyond may be anything, and would be multiplied by 0
                kernels.copy.copy(arrays.inputs.ravel(), target.ravel())
                kernels.gather.clear_padding(arrays.lengths, target)
        elif self._settings.dropout:
            before = self._sequence(number - 1, arrays)
            if self._drops(step):
                self._drop(number, before, target, arrays.lengths, step)
            else:
                kernels.copy.copy(before.ravel(), target.ravel())
        return target

    def _read(self, number: int, arrays: Arrays) -> Array:
        if number == 0:
            return arrays.inputs if arrays.lengths is None else arrays.scratch["real_inputs"]
        return arrays.scratch[f"dropped_l{number}"] if self._settings.dropout else self._sequence(number - 1, arrays)

    def _sequence(self, number: int, arrays: Arrays) -> Array:
        """All that a layer puts out, (N, T, D)."""
        return arrays.outputs if number == len(self._layers) - 1 else arrays.scratch[f"sequence_l{number}"]

    def _is_last(self, direction: _Direction) -> bool:
        return direction.layer == len(self._layers) - 1

    def _drops(self, step: StepContext) -> bool:
        return step.training and self._settings.dropout > 0.0

    def _drop(self, number: int, source: Array, target: Array, lengths: Array | None, step: StepContext) -> None:
        key = step.inner(number).key("dropout")
        mask(source, target, self._settings.dropout, key, lengths, self._device)

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
        for kind in ("hidden", "state", "d_hidden"):
            yield ArraySpec(f"{kind}_{name}", (self._steps, self._size), "per_sample")
        yield ArraySpec(f"gates_{name}", (self._steps, wide), "per_sample")
        yield ArraySpec(f"carried_{name}", (self._cell.carried, self._size), "per_sample")
        yield ArraySpec(f"transposed_hh_{name}", (wide, self._size))
        yield ArraySpec(f"transposed_ih_{name}", (wide, direction.in_features))
        yield ArraySpec(f"bias_{name}", (wide,))

    def _between(self, in_features: int) -> Iterator[ArraySpec]:
        """In front of the first layer, and between two of them."""
        yield ArraySpec("real_inputs", (self._steps, in_features), "per_sample")
        for number in range(1, len(self._layers)):
            yield ArraySpec(f"sequence_l{number - 1}", (self._steps, self._wide), "per_sample")
            yield ArraySpec(f"d_sequence_l{number - 1}", (self._steps, self._wide), "per_sample")
            if self._settings.dropout:
                yield ArraySpec(f"dropped_l{number}", (self._steps, self._wide), "per_sample")
                yield ArraySpec(f"d_dropped_l{number}", (self._steps, self._wide), "per_sample")


@dataclass(frozen=True)
class _Own:
    """The arrays of one direction among the operation's; empty where there are none."""

    direction: _Direction
    arrays: Arrays

    def parameter(self, kind: str) -> Array:
        return self._found(self.arrays.parameters, kind)

    def gradient(self, kind: str) -> Array:
        return self._found(self.arrays.gradients, kind)

    def scratch(self, kind: str) -> Array:
        return self.arrays.scratch[f"{kind}_{self.direction.suffix}"]

    def _found(self, arrays: Mapping[str, Array], kind: str) -> Array:
        found = arrays.get(f"{kind}_{self.direction.suffix}")
        return self.arrays.outputs.ravel()[:0] if found is None else found
