"""What both peers start from: the samples and their order as files say, and weights spread as nnctl's are."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod, sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.workloads import WORKLOADS, Placed, Recurrent, Transformer, Workload


@dataclass(frozen=True)
class Samples:
    """inputs: (N, *shape) float32. targets: (N,) int64 or (N, K) float32. orders: (epochs, steps, batch) rows."""

    workload: Workload
    inputs: NDArray[np.float32]
    targets: NDArray[np.generic]
    orders: NDArray[np.int64]

    @property
    def steps(self) -> int:
        """In an epoch."""
        return self.orders.shape[1]


def load(name: str, folder: Path) -> Samples:
    """Read what `bench.data.write_peers` wrote. Rows that fill no batch are left out of each epoch."""
    workload = WORKLOADS[name]
    inputs, targets, order = (np.load(folder / f"{part}.npy") for part in ("inputs", "targets", "order"))
    steps = order.shape[1] // workload.batch
    orders = order[:, : steps * workload.batch].reshape(len(order), steps, workload.batch)
    return Samples(workload, inputs, targets, orders)


def initial_weight(placed: Placed, position: int) -> NDArray[np.float32]:
    """He's uniform weights in front of a relu, Xavier's elsewhere; the shape is `placed.weight`."""
    fan_in, fan_out = prod(placed.weight[:-1]), prod(placed.weight[:-2]) * placed.weight[-1]
    relu = getattr(placed.layer, "activation", None) == "relu"
    bound = sqrt(6 / fan_in) if relu else sqrt(6 / (fan_in + fan_out))
    return np.random.default_rng(position).uniform(-bound, bound, placed.weight).astype(np.float32)


def initial_recurrent(layer: Recurrent, features: int, position: int) -> list[tuple[NDArray[np.float32], ...]]:
    """For each direction: the weights of the inputs and of what was put out before, (in, gates x units), and biases."""
    random, bound = np.random.default_rng(position), 1 / sqrt(layer.units)
    wide = layer.gates // (1 + layer.both) * layer.units
    shapes = (features, wide), (layer.units, wide), (wide,), (wide,)
    return [
        tuple(random.uniform(-bound, bound, shape).astype(np.float32) for shape in shapes)
        for _ in range(1 + layer.both)
    ]


def initial_transformer(layer: Transformer, features: int, position: int) -> dict[str, NDArray[np.float32]]:
    """Xavier's weights, (in, out), biases of 0, norms of scale 1."""
    random, wide = np.random.default_rng(position), layer.hidden
    shapes = {
        "in": (features, 3 * features),
        "out": (features, features),
        "up": (features, wide),
        "down": (wide, features),
    }
    made: dict[str, NDArray[np.float32]] = {}
    for name, shape in shapes.items():
        bound = sqrt(6 / sum(shape)) if name != "in" else sqrt(6 / (2 * features))
        made[f"{name} weight"] = random.uniform(-bound, bound, shape).astype(np.float32)
        made[f"{name} bias"] = np.zeros(shape[1], np.float32)
    for name in ("norm1", "norm2"):
        made[f"{name} weight"], made[f"{name} bias"] = np.ones(features, np.float32), np.zeros(features, np.float32)
    return made
