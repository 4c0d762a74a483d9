"""What a layer is: its settings (the YAML keys), what it needs, and its two directions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nnctl import random
from nnctl.initializers.initializer import Initializer
from nnctl.kernels.runtime.recording import StepArgument, recorder
from nnctl.spec import Spec

Array = NDArray[Any]
CHUNKS = 8  # that a sum over the batch is made in, whatever the threads: so the bits do not depend on them
SIDE_BY_SIDE = 128  # elements that a sum of rows adds at once, so that an addition need not wait for the one before
Shape = tuple[int, ...]  # of one sample, channels last, without the batch


class ShapeError(Exception):
    """A layer cannot take the shape that arrives. `what` says what it needs, `help` what to do."""

    def __init__(self, what: str, help: str = "") -> None:
        super().__init__(what)
        self.what, self.help = what, help


@dataclass(frozen=True)
class Parameter:
    """A trained array: `weight` or `bias`. fan_in, fan_out: inputs and outputs that one element's peers join."""

    name: str
    shape: Shape
    fan_in: int
    fan_out: int
    initializer: Initializer


@dataclass(frozen=True)
class Scratch:
    """Working memory that lives from the forward to the backward pass.

    shape: of one sample where `per_sample`, else of the whole. dtype: None for the run's precision.
    """

    name: str
    shape: Shape
    dtype: str | None = None
    per_sample: bool = True


def scratch_for_sum(name: str, columns: int) -> Scratch:
    """What `sum_rows` works in for rows of so many columns."""
    return Scratch(name, (CHUNKS, columns * -(-SIDE_BY_SIDE // columns)), per_sample=False)


@dataclass(frozen=True)
class LayerPlan:
    """What a layer needs for one shape of inputs; made before any memory is taken.

    multiply_adds: of the forward pass of one sample. view: outputs are the inputs in another shape, no copy. rows: of
    the gradients of all parameters, one after the other, as the matrix that the last call of `backward` makes row by
    row; 0 where there is no such call.
    """

    outputs: Shape
    parameters: tuple[Parameter, ...] = ()
    scratch: tuple[Scratch, ...] = ()
    multiply_adds: int = 0
    view: bool = False
    rows: int = 0


@dataclass(slots=True)
class Pass:
    """One pass over one layer. kernels: the device's kernel modules. step: counts from the run's first batch.

    layer: the position among the network's layers; with seed and step it names the random stream of a mask.
    """

    kernels: ModuleType
    training: bool = False
    seed: int = 0
    epoch: int = 0
    step: int = 0
    layer: int = 0

    def key(self, purpose: str) -> np.uint64 | StepArgument:
        """The key of this layer's random stream in this step; of each step, where the pass is being recorded."""

        def keys(epoch: int, steps: Iterable[int]) -> list[int]:
            return [random.key(self.seed, purpose, epoch, int(step), self.layer) for step in steps]

        if recorder() is None:
            return np.uint64(keys(self.epoch, [self.step])[0])
        return StepArgument("uint64", keys)


@dataclass(frozen=True)
class Arrays:
    """The arrays of one layer for a batch of N samples; all are views on memory planned once.

    inputs, d_inputs: (N, *inputs); outputs, d_outputs: (N, *outputs). d_inputs is None where no gradient is wanted
    (the network's first layer). A parameter's gradient has its shape.
    """

    inputs: Array
    outputs: Array
    d_inputs: Array | None
    d_outputs: Array
    parameters: Mapping[str, Array] = field(default_factory=dict)
    gradients: Mapping[str, Array] = field(default_factory=dict)
    scratch: Mapping[str, Array] = field(default_factory=dict)


class Layer(Spec):
    """Base of all layers. A subclass names itself with `type: Literal["..."] = "..."`; its fields are its YAML keys."""

    takes_maximum: ClassVar[bool] = False
    """Whether each output is the largest of some inputs, which alone gets the gradient."""
    may_follow_maximum: ClassVar[bool] = False
    """Whether it gives the same bits behind a layer that takes a maximum as in front of it, gradients too."""

    @abstractmethod
    def plan(self, inputs: Shape) -> LayerPlan:
        """Shapes and needs for inputs of this shape (one sample). Raises ShapeError."""

    @abstractmethod
    def forward(self, arrays: Arrays, run: Pass) -> None:
        """Write arrays.outputs, and arrays.scratch where the backward pass needs it; nothing else."""

    @abstractmethod
    def backward(self, arrays: Arrays, run: Pass) -> None:
        """Write (not add to) arrays.d_inputs unless it is None, and every gradient, from arrays.d_outputs."""
