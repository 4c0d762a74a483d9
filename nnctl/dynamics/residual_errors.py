"""What the last layer of a network reads, and what is wrong with what it gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnctl.data.batches import batch_sizes, order
from nnctl.dynamics.structure import Structure
from nnctl.kernels.device import Program
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.model.batch_programs import BatchPrograms
from nnctl.model.network import Network
from nnctl.model.objective import Objective
from nnctl.model.preparation import Prepared

Float64 = NDArray[np.float64]


def features_and_errors(prepared: Prepared, structure: Structure, layer: str, most: int) -> tuple[Float64, Float64]:
    """Of training samples, in evaluation: what a layer reads, (N, F), and the gradients of the losses of single samples
    with respect to the network's outputs, (N, K).

    most: how many samples are looked at, always the same ones.
    """
    config, split = prepared.config, prepared.dataset.train
    network = Network(structure.plan, config.batch_size, config.precision, has_lengths=split.lengths is not None)
    network.load(dict(structure.arrays))
    objective = Objective(network, config.loss, split, prepared.dataset.transform, prepared.class_weights)
    samples = network.device.from_host(order(config.seed, 1, len(split)))
    start = StepArgument("int64", lambda epoch, steps: steps * network.batch_size)

    def batch(program: Program, n: int) -> None:
        objective.load(split, samples, start, n)
        network.forward(n)
        objective.evaluate(n)

    programs = BatchPrograms(network.device, batch)
    features, errors = [], []
    for step, n in enumerate(batch_sizes(min(most, len(split)), network.batch_size)):
        programs.of(n).run(1, first_step=step)
        read = next(arrays.inputs for name, _, arrays in network.walk(n) if name == layer)
        features.append(_host(network, read))
        errors.append(_host(network, network.d_outputs(n)) * n)
    return np.concatenate(features), np.concatenate(errors)


def _host(network: Network, array: NDArray[np.generic]) -> Float64:
    """A copy on the host, a row a sample."""
    copied = np.array(network.device.to_host(array), np.float64)
    return copied.reshape(len(copied), -1)
