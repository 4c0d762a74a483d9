"""The loss of each sample by itself, beside the mean over all that a `Measure` gives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.data.dataset import Split
from nnctl.data.lengths import padding
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.layers.operation import rows
from nnctl.losses.loss import Loss
from nnctl.model.batch_programs import BatchPrograms
from nnctl.model.network import Network
from nnctl.model.objective import Objective

Array = NDArray[Any]


@dataclass(frozen=True)
class SampleLosses:
    """What a network makes of each sample. Weights of samples and of classes do not count."""

    of_samples: Array
    """(N,) float64, above the least that any outputs could give; where targets are one a step the mean over steps."""
    of_steps: Array | None
    """(N, T), NaN beyond a length; None where targets are one a sample."""
    outputs: Array | None
    """(N, K), or (N, T, K) where targets are one a step; None where they are not kept."""


def sample_losses(network: Network, loss: Loss, split: Split, *, keep_outputs: bool = True) -> SampleLosses:
    """A pass over a split, in its own order, without dropout and its like."""
    split = replace(split, weights=None)
    device, size, count, steps = network.device, network.batch_size, len(split), split.steps
    objective = Objective(network, loss, split)
    order = device.from_host(np.arange(count, dtype=np.int64))
    start = StepArgument("int64", lambda epoch, steps: steps * size)

    def batch(program: object, n: int) -> None:
        objective.load(split, order, start, n)
        network.forward(n)
        objective.evaluate(n)

    programs = BatchPrograms(device, batch)
    found = np.empty((count, max(1, steps)))
    outputs = np.empty((count, *network.plan.outputs), network.dtype) if keep_outputs else None
    for step, first in enumerate(range(0, count, size)):
        n = min(size, count - first)
        programs.of(n).run(first_step=step)
        found[first : first + n] = device.to_host(objective.losses(n)).reshape(n, -1)
        if outputs is not None:
            outputs[first : first + n] = device.to_host(network.outputs(n))
    targets = split.targets.reshape(-1) if loss.targets == "classes" else rows(split.targets)
    found -= loss.least(targets).reshape(found.shape)
    if not steps:
        return SampleLosses(found[:, 0], None, outputs)
    real = np.ones(found.shape, bool) if split.lengths is None else ~padding(split.lengths, steps)
    means = found.sum(axis=1, where=real) / real.sum(axis=1)
    return SampleLosses(means, np.where(real, found, np.nan), outputs)
