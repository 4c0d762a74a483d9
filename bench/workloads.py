"""The networks that are timed, each defined once: nnctl's config and what the peers build both come from here.

Only the standard library is used, since the peers' own environment imports it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Literal

Shape = tuple[int, ...]
Data = Literal["digits", "xor", "table", "images", "sequences"]


@dataclass(frozen=True)
class Dense:
    """A fully connected layer; images that arrive are flattened."""

    units: int
    activation: str | None = None


@dataclass(frozen=True)
class Conv:
    """A square convolution. padding: zeros on every side."""

    channels: int
    kernel: int
    padding: int = 0
    activation: str | None = "relu"
    stride: int = 1


@dataclass(frozen=True)
class Pool:
    """The largest of each square of this size."""

    size: int = 2


@dataclass(frozen=True)
class Mean:
    """The mean of each channel over the image, or of each feature over the steps."""


@dataclass(frozen=True)
class Norm:
    """Batch normalisation."""

    activation: str | None = "relu"


@dataclass(frozen=True)
class Dropout:
    """p: probability that an input is dropped."""

    p: float


@dataclass(frozen=True)
class Residual:
    """Layers with a shortcut around them, and relu of the sum: a 1x1 convolution where they change the shape."""

    layers: tuple[Layer, ...]
    activation: str | None = "relu"


@dataclass(frozen=True)
class Recurrent:
    """The last step of a recurrent layer; both: in both directions."""

    kind: Literal["rnn", "gru", "lstm"]
    units: int
    both: bool = False

    @property
    def gates(self) -> int:
        """How many there are of each unit, in all directions."""
        return {"rnn": 1, "gru": 3, "lstm": 4}[self.kind] * (1 + self.both)


@dataclass(frozen=True)
class Transformer:
    """A block, normalised first: attention in so many heads, then a hidden layer with gelu, each with a shortcut."""

    heads: int
    hidden: int

    def parameters(self, features: int) -> int:
        """Weights, biases, and the scales and shifts of the norms."""
        return 4 * features * (features + 1) + 2 * features * self.hidden + self.hidden + 5 * features

    def multiply_adds(self, steps: int, features: int) -> int:
        """Of one sample in one direction."""
        return steps * features * (4 * features + 2 * self.hidden + 2 * steps)


Layer = Dense | Conv | Pool | Mean | Norm | Dropout | Residual | Recurrent | Transformer


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
    def body(self) -> list[Placed]:
        """The layers of a residual block."""
        return placed(self.layer.layers, self.inputs) if isinstance(self.layer, Residual) else []

    @property
    def projection(self) -> list[Placed]:
        """The one of a residual block's shortcut, where it needs one."""
        if not isinstance(self.layer, Residual) or self.inputs == self.outputs:
            return []
        stride = self.inputs[0] // self.outputs[0]
        return placed((Conv(self.outputs[-1], 1, activation=None, stride=stride),), self.inputs)

    @property
    def parameters(self) -> int:
        """Weights and biases, those inside it included."""
        if isinstance(self.layer, Norm):
            return 2 * self.inputs[-1]
        if isinstance(self.layer, Recurrent):
            return self.layer.gates * self.layer.units * (self.inputs[-1] + self.layer.units + 2)
        if isinstance(self.layer, Transformer):
            return self.layer.parameters(self.inputs[-1])
        own = prod(self.weight) + self.weight[-1] if self.weight else 0
        return own + sum(inner.parameters for inner in self.body + self.projection)

    @property
    def multiply_adds(self) -> int:
        """Of one sample in one direction, taps in the padding included."""
        if isinstance(self.layer, Recurrent):
            return self.inputs[0] * self.layer.gates * self.layer.units * (self.inputs[-1] + self.layer.units)
        if isinstance(self.layer, Transformer):
            return self.layer.multiply_adds(*self.inputs)
        own = prod(self.outputs[:-1]) * prod(self.weight) if self.weight else 0
        return own + sum(inner.multiply_adds for inner in self.body + self.projection)

    @property
    def input_multiply_adds(self) -> int:
        """Of the gradient of the inputs of one sample."""
        if isinstance(self.layer, Recurrent):
            return self.inputs[0] * self.layer.gates * self.layer.units * self.inputs[-1]
        if isinstance(self.layer, Transformer):
            return 0  # all is needed: the first parameters are a norm's, in front of it
        return self.multiply_adds


def placed(layers: Sequence[Layer], inputs: Shape) -> list[Placed]:
    """Layers in a row with their shapes."""
    found, shape = [], inputs
    for layer in layers:
        outputs = _outputs(layer, shape)
        found.append(Placed(layer, shape, outputs))
        shape = outputs
    return found


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
        return placed(self.layers, self.inputs)

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return sum(place.parameters for place in self.placed())

    @property
    def step_multiply_adds(self) -> int:
        """What a step must do: forward and d_weight of every layer, d_inputs of all but the first with weights."""
        weighted = [place for place in self.placed() if place.multiply_adds]
        return self.batch * (3 * sum(place.multiply_adds for place in weighted) - weighted[0].input_multiply_adds)


def _outputs(layer: Layer, inputs: Shape) -> Shape:
    if isinstance(layer, Dense):
        return (layer.units,)
    if isinstance(layer, Recurrent):
        return (layer.units * (1 + layer.both),)
    if isinstance(layer, Dropout | Norm | Transformer):
        return inputs
    if isinstance(layer, Mean) and len(inputs) == 2:
        return inputs[1:]
    if isinstance(layer, Residual):
        return placed(layer.layers, inputs)[-1].outputs
    height, width, channels = inputs
    if isinstance(layer, Mean):
        return 1, 1, channels
    if isinstance(layer, Pool):
        return height // layer.size, width // layer.size, channels
    height, width = ((size + 2 * layer.padding - layer.kernel) // layer.stride + 1 for size in (height, width))
    return height, width, layer.channels


def table(batch: int = 32, hidden: tuple[int, ...] = (64, 64), samples: int = 32768, name: str = "table") -> Workload:
    """A network over 80 columns that predicts one number."""
    layers = (*(Dense(units, "relu") for units in hidden), Dense(1))
    return Workload(name, "table", (80,), layers, "mse", "adam", 0.001, batch, samples)


def _mlp(name: str, hidden: tuple[int, ...], optimizer: Literal["sgd", "adam"], rate: float, batch: int) -> Workload:
    layers = (*(Dense(units, "relu") for units in hidden), Dense(10))
    return Workload(f"{name}, {batch}", "digits", (784,), layers, "cross_entropy", optimizer, rate, batch)


def _sequences(name: str, layer: Recurrent | Transformer, inputs: Shape, batch: int) -> Workload:
    layers = (layer, Dense(10)) if isinstance(layer, Recurrent) else (layer, Mean(), Dense(10))
    return Workload(name, "sequences", inputs, layers, "cross_entropy", "adam", 0.001, batch, samples=64 * batch)


def _normalised(channels: int, stride: int = 1, activation: str | None = "relu") -> tuple[Layer, ...]:
    return Conv(channels, 3, 1, None, stride), Norm(activation)


def _block(channels: int, stride: int = 1) -> Residual:
    return Residual((*_normalised(channels, stride), *_normalised(channels, activation=None)))


_LENET5 = (Conv(6, 5, 2), Pool(), Conv(16, 5), Pool(), Dense(120, "relu"), Dense(84, "relu"), Dense(10))
_CNN = (Conv(32, 3, 1), Pool(), Conv(64, 3, 1), Pool(), Dense(128, "relu"), Dense(10))
_VGG = (
    *(Conv(32, 3, 1), Conv(32, 3, 1), Pool()),
    *(Conv(64, 3, 1), Conv(64, 3, 1), Pool()),
    *(Dense(256, "relu"), Dropout(0.5), Dense(10)),
)
_NORMALISED_VGG = (
    *(*_normalised(32), *_normalised(32), Pool()),
    *(*_normalised(64), *_normalised(64), Pool()),
    *(Dense(256, "relu"), Dropout(0.5), Dense(10)),
)
_NORMALISED_MLP = (Dense(256), Norm(), Dense(256), Norm(), Dense(10))
_RESIDUAL = (*_normalised(16), _block(16), _block(32, stride=2), Mean(), Dense(10))
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
    Workload("mlp, batch norm", "digits", (784,), _NORMALISED_MLP, "cross_entropy", "adam", 0.001, 64),
    Workload(
        "vgg, batch norm", "images", (32, 32, 3), _NORMALISED_VGG, "cross_entropy", "adam", 0.0005, 64, samples=1024
    ),
    Workload("residual", "images", (32, 32, 3), _RESIDUAL, "cross_entropy", "adam", 0.001, 64, samples=1024),
    _sequences("rnn 128", Recurrent("rnn", 128), (28, 28), 64),
    _sequences("gru 128", Recurrent("gru", 128), (28, 28), 64),
    _sequences("lstm 128", Recurrent("lstm", 128), (28, 28), 64),
    _sequences("lstm 32", Recurrent("lstm", 32), (50, 8), 32),
    _sequences("gru 64, both directions", Recurrent("gru", 64, both=True), (29, 12), 16),
    _sequences("transformer", Transformer(heads=4, hidden=256), (64, 64), 32),
)
WORKLOADS = {workload.name: workload for workload in _ALL}
