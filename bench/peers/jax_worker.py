"""JAX as a contestant: `python -m bench.peers.jax_worker WORKLOAD FOLDER`. One jitted call trains a whole epoch."""

from __future__ import annotations

import functools
import itertools
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from bench.peers.samples import Samples, initial_recurrent, initial_transformer, initial_weight, load
from bench.serve import answer, wanted
from bench.workloads import Conv, Dense, Dropout, Mean, Norm, Placed, Pool, Recurrent, Residual, Transformer, Workload

Array = jax.Array
Tree = Any  # lists of (weight, bias)
ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "relu": jax.nn.relu,
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
}


def flat(places: Sequence[Placed], first: int = 0) -> Iterator[tuple[Placed, int]]:
    """Layers in a row with their positions; for a residual block those inside it."""
    for position, placed in enumerate(places, first):
        yield from flat(placed.body + placed.projection, 100 * position) if placed.body else [(placed, position)]


def initial(workload: Workload) -> tuple[Tree, Tree]:
    """(weight, bias) of each layer that has them, and (mean, variance) of each batch norm."""
    parameters, running = [], []
    for placed, position in flat(workload.placed()):
        channels = placed.inputs[-1]
        if placed.weight:
            weight = jnp.asarray(initial_weight(placed, position))
            parameters.append((weight, jnp.zeros(weight.shape[-1])))
        elif isinstance(placed.layer, Recurrent):
            directions = initial_recurrent(placed.layer, channels, position)
            parameters.append([tuple(map(jnp.asarray, arrays)) for arrays in directions])
        elif isinstance(placed.layer, Transformer):
            arrays = initial_transformer(placed.layer, channels, position)
            parameters.append({name: jnp.asarray(array) for name, array in arrays.items()})
        elif isinstance(placed.layer, Norm):
            parameters.append((jnp.ones(channels), jnp.zeros(channels)))
            running.append((jnp.zeros(channels), jnp.ones(channels)))
    return parameters, running


class Forward:
    """A pass over a batch, in training. followed: the running statistics, which follow those of the batch."""

    def __init__(self, parameters: Tree, running: Tree, key: Array) -> None:
        self._parameters, self._running, self._key = iter(parameters), iter(running), key
        self.followed: Tree = []

    def through(self, places: Sequence[Placed], values: Array) -> Array:
        """The outputs of layers in a row. values: (N, *shape), channels last."""
        for placed in places:
            values = self._outputs(placed, values)
            activation = getattr(placed.layer, "activation", None)
            values = ACTIVATIONS[activation](values) if activation else values
        return values

    def _outputs(self, placed: Placed, values: Array) -> Array:
        layer = placed.layer
        if isinstance(layer, Pool):
            return pooled(values, layer.size)
        if isinstance(layer, Mean):
            return values.mean(axis=(1, 2), keepdims=True) if values.ndim == 4 else values.mean(axis=1)
        if isinstance(layer, Norm):
            return self._normalized(values)
        if isinstance(layer, Residual):
            return self.through(placed.body, values) + self.through(placed.projection, values)
        if isinstance(layer, Recurrent):
            ends = [
                last_step(layer.kind, values[:, ::-1] if reverse else values, *arrays)
                for reverse, arrays in enumerate(next(self._parameters))
            ]
            return jnp.concatenate(ends, axis=-1)
        if isinstance(layer, Transformer):
            return block(layer, values, next(self._parameters))
        if isinstance(layer, Dropout):
            kept = jax.random.bernoulli(self._key, 1 - layer.p, values.shape)
            return jnp.where(kept, values / (1 - layer.p), 0)
        return weighted(placed, values, *next(self._parameters))

    def _normalized(self, values: Array) -> Array:
        weight, bias = next(self._parameters)
        axes = tuple(range(values.ndim - 1))
        mean, variance = values.mean(axes), values.var(axes)
        count = values.size // values.shape[-1]
        own = mean, variance * (count / (count - 1))
        self.followed.append(tuple(0.9 * old + 0.1 * new for old, new in zip(next(self._running), own, strict=True)))
        return (values - mean) * (weight * lax.rsqrt(variance + 1e-5)) + bias


def last_step(kind: str, values: Array, weight: Array, recurrent: Array, bias: Array, recurrent_bias: Array) -> Array:
    """What a recurrent layer puts out last. values: (N, T, F). The product with all inputs is made in one go."""
    units = recurrent.shape[0]

    def lstm(state: tuple[Array, Array], parts: Array) -> tuple[tuple[Array, Array], None]:
        hidden, cell = state
        i, f, g, o = jnp.split(parts + hidden @ recurrent, 4, axis=-1)
        cell = jax.nn.sigmoid(f) * cell + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(cell), cell), None

    def gru(hidden: Array, parts: Array) -> tuple[Array, None]:
        before = hidden @ recurrent + recurrent_bias
        reset, update = jnp.split(jax.nn.sigmoid(parts[:, : 2 * units] + before[:, : 2 * units]), 2, axis=-1)
        new = jnp.tanh(parts[:, 2 * units :] + reset * before[:, 2 * units :])
        return new + update * (hidden - new), None

    def rnn(hidden: Array, parts: Array) -> tuple[Array, None]:
        return jnp.tanh(parts + hidden @ recurrent), None

    step = {"lstm": lstm, "gru": gru, "rnn": rnn}[kind]
    parts = jnp.swapaxes(values @ weight + (bias if kind == "gru" else bias + recurrent_bias), 0, 1)
    start = jnp.zeros((len(values), units))
    last, _ = lax.scan(step, (start, start) if kind == "lstm" else start, parts)
    return last[0] if kind == "lstm" else last


def block(layer: Transformer, values: Array, own: dict[str, Array]) -> Array:
    """A block of a transformer. values: (N, T, F)."""
    samples, steps, features = values.shape

    def normalised(values: Array, name: str) -> Array:
        mean, variance = values.mean(-1, keepdims=True), values.var(-1, keepdims=True)
        return (values - mean) * lax.rsqrt(variance + 1e-5) * own[f"{name} weight"] + own[f"{name} bias"]

    def heads(part: Array) -> Array:
        return part.reshape(samples, steps, layer.heads, -1).transpose(0, 2, 1, 3)

    projected = normalised(values, "norm1") @ own["in weight"] + own["in bias"]
    queries, keys, parts = map(heads, jnp.split(projected, 3, axis=-1))
    shares = jax.nn.softmax(queries @ keys.swapaxes(2, 3) / math.sqrt(features // layer.heads))
    context = (shares @ parts).transpose(0, 2, 1, 3).reshape(values.shape)
    values = values + context @ own["out weight"] + own["out bias"]
    hidden = jax.nn.gelu(normalised(values, "norm2") @ own["up weight"] + own["up bias"], approximate=False)
    return values + hidden @ own["down weight"] + own["down bias"]


def weighted(placed: Placed, values: Array, weight: Array, bias: Array) -> Array:
    """A dense layer or a convolution, without its activation.

    A product over gathered taps: on a CPU it took a fifth to a fourteenth of `lax.conv_general_dilated`'s time.
    """
    layer = placed.layer
    if isinstance(layer, Dense):
        return values.reshape(len(values), -1) @ weight + bias
    assert isinstance(layer, Conv)
    pad, size = (layer.padding, layer.padding), layer.kernel
    padded = jnp.pad(values, ((0, 0), pad, pad, (0, 0)))
    (height, width), stride = placed.outputs[:2], layer.stride
    rows, columns = stride * (height - 1) + 1, stride * (width - 1) + 1
    taps = [padded[:, i : i + rows : stride, j : j + columns : stride] for i in range(size) for j in range(size)]
    return jnp.concatenate(taps, axis=-1) @ weight.reshape(-1, layer.channels) + bias


def pooled(values: Array, size: int) -> Array:
    """The largest of each square; quicker than `lax.reduce_window`, whose gradient scatters."""
    n, height, width, channels = values.shape
    return values.reshape(n, height // size, size, width // size, size, channels).max(axis=(2, 4))


def loss_of(workload: Workload, outputs: Array, targets: Array) -> Array:
    """The batch's mean loss."""
    if workload.loss == "cross_entropy":
        return -jnp.take_along_axis(jax.nn.log_softmax(outputs), targets[:, None], axis=1).mean()
    squares = (outputs - targets) ** 2
    return 0.5 * squares.sum(axis=1).mean() if workload.loss == "squared_error" else squares.mean()


def sgd(workload: Workload, parameters: Tree, gradients: Tree, slots: Tree, count: Array) -> tuple[Tree, Tree]:
    """One update of stochastic gradient descent with momentum. Returns parameters and slots."""
    velocity = jax.tree.map(lambda v, g: workload.momentum * v + g, slots[0], gradients)
    return jax.tree.map(lambda p, v: p - workload.learning_rate * v, parameters, velocity), (velocity,)


def adam(workload: Workload, parameters: Tree, gradients: Tree, slots: Tree, count: Array) -> tuple[Tree, Tree]:
    """One update of Adam (Kingma and Ba 2015, algorithm 1). count: from 1. Returns parameters and slots."""
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, slots[0], gradients)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, slots[1], gradients)
    rate, scale = workload.learning_rate / (1 - 0.9**count), jnp.sqrt(1 - 0.999**count)
    moved = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) / scale + 1e-8), parameters, first, second)
    return moved, (first, second)


@functools.partial(jax.jit, static_argnums=0, donate_argnums=1)
def train_epoch(workload: Workload, state: Tree, inputs: Array, targets: Array, order: Array) -> tuple[Tree, Array]:
    """A whole epoch in one scan. state: (parameters, running statistics, slots, steps done). order: (steps, batch).

    Returns the new state and the mean loss.
    """
    update = adam if workload.optimizer == "adam" else sgd

    def step(state: Tree, rows: Array) -> tuple[Tree, Array]:
        parameters, running, slots, count = state
        key = jax.random.key(count)

        def loss(parameters: Tree) -> tuple[Array, Tree]:
            forward = Forward(parameters, running, key)
            outputs = forward.through(workload.placed(), inputs[rows])
            return loss_of(workload, outputs, targets[rows]), forward.followed

        (value, followed), gradients = jax.value_and_grad(loss, has_aux=True)(parameters)
        parameters, slots = update(workload, parameters, gradients, slots, count + 1)
        return (parameters, followed, slots, count + 1), value

    state, losses = lax.scan(step, state, order)
    return state, losses.mean()


class Training:
    """A network with fresh weights, and its data in memory."""

    def __init__(self, samples: Samples) -> None:
        self._workload = samples.workload
        parameters, running = initial(samples.workload)
        count = 2 if samples.workload.optimizer == "adam" else 1
        slots = tuple(jax.tree.map(jnp.zeros_like, parameters) for _ in range(count))
        self._state = (parameters, running, slots, jnp.zeros((), jnp.int32))
        self._inputs = jnp.asarray(samples.inputs)
        self._targets = jnp.asarray(samples.targets)

    def epoch(self, order: Array) -> tuple[float, float]:
        """Seconds and mean loss. order: (steps, batch)."""
        began = perf_counter()
        self._state, loss = train_epoch(self._workload, self._state, self._inputs, self._targets, order)
        loss.block_until_ready()
        return perf_counter() - began, float(loss)


def main(name: str, folder: Path) -> None:
    samples = load(name, folder)
    orders = [jnp.asarray(order, jnp.int32) for order in samples.orders]
    training = Training(samples)
    for epoch in itertools.count():
        seconds, loss = training.epoch(orders[epoch % len(orders)])
        answer(seconds, samples.steps, loss, variant="jitted, an epoch in one scan", version=jax.__version__)
        if not wanted():
            return


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
