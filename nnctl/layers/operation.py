"""What a layer plans for inputs of one shape: an operation in which all is decided, and the arrays it works on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl import random
from nnctl.initializers.initializer import Initializer
from nnctl.kernels.runtime.recording import StepArgument, recorder

Array = NDArray[Any]
Shape = tuple[int, ...]  # of one sample, channels last, without the batch

Role = Literal["parameter", "frozen", "buffer", "scratch", "per_sample"]
"""What an array is for:

- parameter: trained, has a gradient, kept in the checkpoint.
- frozen: a parameter that is kept in the checkpoint, but not trained. A chain makes it of those of a frozen layer.
- buffer: kept in the checkpoint, but not trained: running statistics.
- scratch: working memory that lives from the forward to the backward pass.
- per_sample: scratch with a first axis of samples.
"""


class ShapeError(Exception):
    """A layer cannot take inputs of this shape. `what` says what it needs, `help` what to do.

    path: of the inner layer that cannot, from the layer that holds it; empty for the layer itself. axes: how many it
    needs at least, where it lacks some that the data may have had: then the layer that took them is told.
    """

    def __init__(self, what: str, help: str = "", path: str = "", axes: int = 0) -> None:
        super().__init__(what)
        self.what, self.help, self.path, self.axes = what, help, path, axes


@dataclass(frozen=True)
class ArraySpec:
    """An array that an operation needs.

    shape: of one sample where the role is `per_sample`, else of the whole. initializer: how a parameter or a buffer
    starts. dtype: None for the run's precision. fans: (fan_in, fan_out), the inputs and outputs that a weight connects,
    for the initializers that depend on them. most: of a buffer of integers, which are places in other arrays, the
    largest that may be in it; the least is 0. starts: of a weight that is a list of connections, sorted by output, the
    name of the buffer, (outputs + 1,), that holds where those of each output begin.
    """

    name: str
    shape: Shape
    role: Role = "scratch"
    initializer: Initializer | None = None
    dtype: str | None = None
    fans: tuple[int, int] = (0, 0)
    most: int | None = None
    starts: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether a checkpoint holds it."""
        return self.role in ("parameter", "frozen", "buffer")

    @property
    def trained_shape(self) -> Shape:
        """The shape of a parameter for whoever tells weights, of two axes and more, from biases and scales."""
        return (1, *self.shape) if self.starts else self.shape

    @property
    def is_weight(self) -> bool:
        """Whether a parameter is a weight, not a bias or a scale."""
        return len(self.trained_shape) > 1

    def allocated_shape(self, samples: int) -> Shape:
        """Its shape for batches of up to so many samples."""
        return (samples, *self.shape) if self.role == "per_sample" else self.shape


LENGTHS = ArraySpec("lengths", (), "per_sample", dtype="int64")
"""Where an operation that changes lengths writes those of its outputs."""


@dataclass(frozen=True)
class Arrays:
    """The arrays of one operation for a batch of N samples; all are views of memory planned once.

    inputs, d_inputs: (N, *inputs); outputs, d_outputs: (N, *outputs). d_inputs is None where no gradient is wanted: in
    front of the network's first parameter that trains. lengths: (N,) int64, how many steps of each sample are real, or
    None; steps beyond have no influence on any result. The others by name, as `Operation.arrays` lists them; a gradient
    has its parameter's shape. gradients is empty where the operation is frozen: every step is one of evaluation then.
    """

    inputs: Array
    outputs: Array
    d_inputs: Array | None
    d_outputs: Array
    lengths: Array | None = None
    parameters: Mapping[str, Array] = field(default_factory=dict)
    gradients: Mapping[str, Array] = field(default_factory=dict)
    buffers: Mapping[str, Array] = field(default_factory=dict)
    scratch: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class StepContext:
    """What an operation knows of the step that it is part of.

    training: whether dropout and its like are active. step: counts from the run's first one. batch: which of the
    `batches` of a step this is, from 0. samples: those of all batches of the step; 0 where it is a single one. path:
    the positions of the operation in its chain and of the chains around it; with seed, step and batch they name the
    random stream of a mask. name: the operation's name in the network. gradients_ready: is called with the name of an
    operation when all of its gradients are written and its parameters are no longer read. momentum: how far running
    statistics go towards the batch's, in the place of what layers say.
    """

    training: bool = False
    seed: int = 0
    epoch: int = 0
    step: int = 0
    batch: int = 0
    batches: int = 1
    samples: int = 0
    path: tuple[int, ...] = ()
    name: str = ""
    gradients_ready: Callable[[str], None] = lambda name: None
    momentum: float | StepArgument | None = None

    def inner(self, position: int, name: str = "") -> StepContext:
        """The context of what is inside this operation, at this position and with this name."""
        return replace(self, path=(*self.path, position), name=f"{self.name}.{name}".strip("."))

    def key(self, purpose: str) -> np.uint64 | StepArgument:
        """The key of this operation's random stream in this batch; of that in each step, where calls are recorded."""

        def keys(epoch: int, steps: Iterable[int]) -> list[int]:
            return [random.key(self.seed, purpose, epoch, self._batch_of(step), *self.path) for step in steps]

        if recorder() is None:
            return np.uint64(keys(self.epoch, [self.step])[0])
        return StepArgument("uint64", keys)

    def drawn(self, dtype: str, purpose: str, draw: Callable[[np.random.Generator], Any]) -> Any:
        """A number that `draw` takes from this operation's random stream in this batch; a StepArgument, where calls
        are recorded. dtype: float64 or int64.
        """

        def numbers(epoch: int, steps: Iterable[int]) -> list[Any]:
            return [
                draw(random.generator(self.seed, purpose, epoch, self._batch_of(step), *self.path)) for step in steps
            ]

        return numbers(self.epoch, [self.step])[0] if recorder() is None else StepArgument(dtype, numbers)

    def _batch_of(self, step: int) -> int:
        """A number that no other batch of the run has."""
        return int(step) * self.batches + self.batch


@dataclass(frozen=True)
class Mixing:
    """How the samples of a batch are mixed: sample n is share of itself and 1 - share of n + offset, counted on from 0
    behind the last one.
    """

    share: float | StepArgument
    offset: int | StepArgument


class Operation(ABC):
    """A layer on inputs of one shape: windows, algorithm and sizes are decided.

    outputs: the shape of one sample. arrays: all that it needs beside inputs and outputs. multiply_adds: of the forward
    pass of one sample. is_view: the outputs are the inputs in another shape, no copy. selects_maximum: each output is
    the largest of some inputs, which alone gets the gradient. commutes_with_maximum: it gives the same bits behind such
    an operation as in front of it, gradients too. chains: those inside it, whose arrays are among its own.
    changes_lengths: of sequences with lengths, its outputs have others than its inputs: `forward` writes them into its
    array `lengths`, (N,) int64, and `steps` says which.
    """

    outputs: Shape
    arrays: tuple[ArraySpec, ...] = ()
    multiply_adds: int = 0
    is_view: bool = False
    selects_maximum: bool = False
    commutes_with_maximum: bool = False
    chains: tuple[Operation, ...] = ()
    changes_lengths: bool = False

    @property
    def weights(self) -> frozenset[str]:
        """The names of its parameters that are weights, not biases or scales."""
        return frozenset(spec.name for spec in self.arrays if spec.role == "parameter" and spec.is_weight)

    @abstractmethod
    def forward(self, arrays: Arrays, step: StepContext) -> None:
        """Write arrays.outputs, and the scratch that the backward pass reads. In training also the buffers."""

    @abstractmethod
    def backward(self, arrays: Arrays, step: StepContext) -> None:
        """Write (not add to) arrays.d_inputs unless it is None, and every gradient, from arrays.d_outputs."""

    def absorb(self, kind: str) -> Operation | None:
        """This operation with the layer behind it as a part, where that is faster: then it writes the layer's outputs,
        and gets their gradient. None where it is not. kind: that of the layer.
        """
        return None

    def mixing(self, samples: int, step: StepContext) -> Mixing | None:
        """How it mixes the samples of a batch of so many in this step, so that targets are mixed, too; None: not."""
        return None

    def steps(self, lengths: Array) -> Array:
        """The lengths of its outputs, for inputs with these lengths; both (M,) int64, on the host.

        Raises ShapeError where it cannot take sequences with lengths.
        """
        return lengths

    def notes_on(self, lengths: Mapping[str, Array]) -> Iterator[tuple[str, str]]:
        """What the user should know of sequences with these lengths, where it makes more of them than is there.

        lengths: (M,) int64, on the host, by what the samples are called, in the plural. Each is the path of the inner
        layer that it is about, empty for this one, and a sentence without its subject.
        """
        return iter(())

    def lengths_of_outputs(self, arrays: Arrays) -> Array | None:
        """The lengths of its outputs, (N,), once `forward` has run; None where they have none, as a row of features."""
        if arrays.lengths is None or len(self.outputs) < 2:
            return None
        return arrays.scratch[LENGTHS.name] if self.changes_lengths else arrays.lengths

    def gradients_by_step(self, arrays: Arrays) -> Array | None:
        """Of a recurrent layer, once `backward` has run: the gradient of what it computes in each step, (T, M), the
        first step first; None for other layers, and where it is frozen.
        """
        return None

    def arrays_of_chains(self, arrays: Arrays) -> tuple[Arrays, ...]:
        """The arrays of each of `chains`, out of the operation's own."""
        return ()


@dataclass(frozen=True)
class View(Operation):
    """Nothing to do: the outputs are the inputs, and d_inputs the d_outputs."""

    outputs: Shape
    is_view: bool = True

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        """Nothing."""

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        """Nothing."""


def rows(array: Array) -> Array:
    """A view of (..., F) as (rows, F): of sequences, a row a step."""
    return array.reshape(-1, array.shape[array.ndim - 1])  # the simulated shapes of CUDA have no place -1


def size_of(shape: Shape) -> int:
    """Elements in a shape, as a Python integer that cannot overflow."""
    size = 1
    for length in shape:
        size *= length
    return size
