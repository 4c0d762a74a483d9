"""What a probe is: it measures inside a training step, and adds up over the steps of an epoch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

import numpy as np

from nnctl.beside import classes_beside
from nnctl.kernels.device import Array
from nnctl.model.network import Network
from nnctl.model.objective import Objective
from nnctl.model.preparation import Prepared


class Probe(ABC):
    """Base of all probes. Those in this folder are found and take part in every run.

    name: of its state in a checkpoint. group: whether its values are columns of metrics.jsonl (`metrics`) or stand
    apart under `diagnoses`, so that they become no columns of tables. state: (S,) float64 on the device, all that it
    knows of the epoch so far.
    """

    name: ClassVar[str]
    group: ClassVar[Literal["metrics", "diagnoses"]] = "diagnoses"
    state: Array

    def __init__(self, objective: Objective, prepared: Prepared) -> None:
        self.objective = objective
        self.network = objective.network

    def gradients_ready(self, layer: str) -> None:  # noqa: B027 - most probes need not know
        """While a step is recorded: the gradients of this layer, a key of `network.spans()`, are written.

        They are those of all batches of the step, of which there are several with `gradient_accumulation`.
        """

    def record_batch(self, network: Network, n: int) -> None:  # noqa: B027 - nor do all look at each batch
        """While a step is recorded, for each of its batches: the kernels that measure it, after its backward pass.

        n: the samples of this batch, whose outputs and losses are in the buffers.
        """

    def record(self, network: Network, n: int) -> None:  # noqa: B027 - nor do all look at the whole step
        """While a step is recorded: the kernels that measure it, after the backward pass of its last batch.

        n: the samples of that batch.
        """

    @abstractmethod
    def values(self) -> dict[str, float]:
        """What was measured in the epoch so far, by name."""

    def reset(self) -> None:
        """A new epoch begins."""
        device = self.network.device
        device.write(np.zeros(self.state.shape), self.state)


def probes(objective: Objective, prepared: Prepared) -> list[Probe]:
    """One of each kind in this folder, in the order of the files."""
    return [kind(objective, prepared) for kind in classes_beside(Probe)]
