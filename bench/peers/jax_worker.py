"""JAX as a contestant: `python -m bench.peers.jax_worker WORKLOAD FOLDER`. One jitted call trains a whole epoch."""

from __future__ import annotations

import functools
import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from bench.peers.samples import Samples, initial_weight, load
from bench.serve import answer, wanted
from bench.workloads import Conv, Dense, Dropout, Placed, Pool, Workload

Array = jax.Array
Tree = Any  # lists of (weight, bias)
ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "relu": jax.nn.relu,
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
}


def initial(workload: Workload) -> Tree:
    """(weight, bias) of each layer that has them."""
    placed = [(place, position) for position, place in enumerate(workload.placed()) if place.weight]
    return [(jnp.asarray(initial_weight(*pair)), jnp.zeros(pair[0].weight[-1])) for pair in placed]


def forward(workload: Workload, parameters: Tree, inputs: Array, key: Array) -> Array:
    """The outputs of a batch, in training. inputs: (N, *shape), channels last."""
    values, remaining = inputs, iter(parameters)
    for placed in workload.placed():
        layer = placed.layer
        if isinstance(layer, Pool):
            values = pooled(values, layer.size)
        elif isinstance(layer, Dropout):
            kept = jax.random.bernoulli(key, 1 - layer.p, values.shape)
            values = jnp.where(kept, values / (1 - layer.p), 0)
        else:
            values = weighted(placed, values, *next(remaining))
            values = ACTIVATIONS[layer.activation](values) if layer.activation else values
    return values


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
    height, width = placed.outputs[:2]
    taps = [padded[:, i : i + height, j : j + width] for i in range(size) for j in range(size)]
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
    update = lambda p, m, v: p - rate * m / (jnp.sqrt(v) / scale + 1e-8)  # noqa: E731 - as the other maps
    return jax.tree.map(update, parameters, first, second), (first, second)


@functools.partial(jax.jit, static_argnums=0, donate_argnums=1)
def train_epoch(workload: Workload, state: Tree, inputs: Array, targets: Array, order: Array) -> tuple[Tree, Array]:
    """A whole epoch in one scan. state: (parameters, slots, steps done). order: (steps, batch).

    Returns the new state and the mean loss.
    """
    update = adam if workload.optimizer == "adam" else sgd

    def step(state: Tree, rows: Array) -> tuple[Tree, Array]:
        parameters, slots, count = state
        key = jax.random.key(count)

        def loss(parameters: Tree) -> Array:
            return loss_of(workload, forward(workload, parameters, inputs[rows], key), targets[rows])

        value, gradients = jax.value_and_grad(loss)(parameters)
        return (*update(workload, parameters, gradients, slots, count + 1), count + 1), value

    state, losses = lax.scan(step, state, order)
    return state, losses.mean()


class Training:
    """A network with fresh weights, and its data in memory."""

    def __init__(self, samples: Samples) -> None:
        self._workload = samples.workload
        parameters = initial(samples.workload)
        count = 2 if samples.workload.optimizer == "adam" else 1
        slots = tuple(jax.tree.map(jnp.zeros_like, parameters) for _ in range(count))
        self._state = (parameters, slots, jnp.zeros((), jnp.int32))
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
