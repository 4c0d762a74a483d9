"""The networks that are timed, each defined once: nnctl's config and what the peers build both come from here.

Only the standard library is used, since the peers' own environment imports it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal

Shape = tuple[int, ...]
Data = Literal["digits", "xor", "table", "images"]


@dataclass(frozen=True)
class Dense:
    """A fully connected layer; images that arrive are flattened."""

    units: int
    activation: str | None = None


@dataclass(frozen=True)
class Conv:
    """A square convolution of stride 1. padding: zeros on every side."""

    channels: int
    kernel: int
    padding: int = 0
    activation: str | None = "relu"


@dataclass(frozen=True)
class Pool:
    """The largest of each square of this size."""

    size: int = 2


@dataclass(frozen=True)
class Dropout:
    """p: probability that an input is dropped."""

    p: float


Layer = Dense | Conv | Pool | Dropout


@dataclass(frozen=True)
class Placed:
    """A layer with the shape of one sample before and behind it, channels last."""

    layer: Layer
    inputs: Shape
    outputs: Shape

    @property
    def weight(self) -> Shape:
        """(in, out) of a dense layer, (height, width, in, out) of a convolution, () where there is none."""
        if isinstance(self.layer, Dense):
            return prod(self.inputs), self.layer.units
        if isinstance(self.layer, Conv):
            return self.layer.kernel, self.layer.kernel, self.inputs[-1], self.layer.channels
        return ()

    @property
    def multiply_adds(self) -> int:
        """Of one sample in one direction, taps in the padding included."""
        pixels = prod(self.outputs[:-1])
        return pixels * prod(self.weight) if self.weight else 0


@dataclass(frozen=True)
class Workload:
    """A network, its data and how it is trained.

    samples: of generated data, enough for an epoch of some milliseconds: a contestant waits while others run, and wakes
    up cold. Digits have their own number.
    """

    name: str
    data: Data
    inputs: Shape
    layers: tuple[Layer, ...]
    loss: Literal["squared_error", "mse", "cross_entropy"]
    optimizer: Literal["sgd", "adam"]
    learning_rate: float
    batch: int
    samples: int = 0
    momentum: float = 0.9  # sgd's
    seed: int = 1

    def placed(self) -> list[Placed]:
        """The layers with their shapes."""
        placed, shape = [], self.inputs
        for layer in self.layers:
            outputs = _outputs(layer, shape)
            placed.append(Placed(layer, shape, outputs))
            shape = outputs
        return placed

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        weights = [placed.weight for placed in self.placed() if placed.weight]
        return sum(prod(weight) + weight[-1] for weight in weights)

    @property
    def step_multiply_adds(self) -> int:
        """What a step must do: forward and d_weight of every layer, d_inputs of all but the first with weights."""
        directions = [placed.multiply_adds for placed in self.placed() if placed.weight]
        return self.batch * (3 * sum(directions) - directions[0])


def _outputs(layer: Layer, inputs: Shape) -> Shape:
    if isinstance(layer, Dense):
        return (layer.units,)
    if isinstance(layer, Dropout):
        return inputs
    height, width, channels = inputs
    if isinstance(layer, Pool):
        return height // layer.size, width // layer.size, channels
    shrunk = 2 * layer.padding - layer.kernel + 1
    return height + shrunk, width + shrunk, layer.channels


def table(batch: int = 32, hidden: tuple[int, ...] = (64, 64), samples: int = 32768, name: str = "table") -> Workload:
    """A network over 80 columns that predicts one number."""
    layers = (*(Dense(units, "relu") for units in hidden), Dense(1))
    return Workload(name, "table", (80,), layers, "mse", "adam", 0.001, batch, samples)


def _mlp(name: str, hidden: tuple[int, ...], optimizer: Literal["sgd", "adam"], rate: float, batch: int) -> Workload:
    layers = (*(Dense(units, "relu") for units in hidden), Dense(10))
    return Workload(f"{name}, {batch}", "digits", (784,), layers, "cross_entropy", optimizer, rate, batch)


_LENET5 = (Conv(6, 5, 2), Pool(), Conv(16, 5), Pool(), Dense(120, "relu"), Dense(84, "relu"), Dense(10))
_CNN = (Conv(32, 3, 1), Pool(), Conv(64, 3, 1), Pool(), Dense(128, "relu"), Dense(10))
_VGG = (
    *(Conv(32, 3, 1), Conv(32, 3, 1), Pool()),
    *(Conv(64, 3, 1), Conv(64, 3, 1), Pool()),
    *(Dense(256, "relu"), Dropout(0.5), Dense(10)),
)
_XOR = (Dense(8, "tanh"), Dense(1, "sigmoid"))

_ALL = (
    Workload("xor", "xor", (2,), _XOR, "squared_error", "sgd", 0.5, 4, samples=32768),
    table(),
    _mlp("mlp-small", (128,), "sgd", 0.05, 32),
    _mlp("mlp-small", (128,), "sgd", 0.05, 128),
    _mlp("mlp-large", (512, 512), "adam", 0.001, 32),
    _mlp("mlp-large", (512, 512), "adam", 0.001, 128),
    Workload("lenet5", "digits", (28, 28, 1), _LENET5, "cross_entropy", "sgd", 0.02, 64),
    Workload("cnn", "digits", (28, 28, 1), _CNN, "cross_entropy", "adam", 0.001, 64),
    Workload("vgg", "images", (32, 32, 3), _VGG, "cross_entropy", "adam", 0.0005, 64, samples=1024),
)
WORKLOADS = {workload.name: workload for workload in _ALL}
