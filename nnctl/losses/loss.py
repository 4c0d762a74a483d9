"""What a loss is: one number for a batch, and its gradient."""

from __future__ import annotations

from abc import abstractmethod
from types import ModuleType
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.spec import Spec
from nnctl.targets import Targets

Array = NDArray[Any]
Inside = Literal["", "softmax", "sigmoid", "exp"]


class Loss(Spec):
    """Base of all losses; each is a mean over the batch (what it does over the outputs, each says)."""

    targets: ClassVar[Targets]
    inside: ClassVar[Inside] = ""
    """The function that is part of the loss, so that the network gives what it takes: softmax and sigmoid make
    probabilities of logits, exp makes a rate of its logarithm.
    """
    threshold: ClassVar[float] = 0.5
    """An output above it is read as 1, where targets are 0 or 1: 0.0 for logits and margins. Of two classes the second
    is predicted where its output is larger by more than this.
    """

    @property
    def makes_probabilities(self) -> bool:
        """Whether a function that makes probabilities is inside, so that the network gives logits."""
        return self.inside in ("softmax", "sigmoid")

    def least(self, targets: Array) -> NDArray[np.float64]:
        """The least that any outputs could make each row's loss, (N,). targets: (N,) or (N, K).

        What a loss is above it tells how wrong outputs are. It may be left at 0 where it is the same for all targets.
        """
        return np.zeros(len(targets))

    @abstractmethod
    def evaluate(
        self, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array, kernels: ModuleType
    ) -> None:
        """Write each row's loss, and the gradient of their mean with respect to the outputs.

        A row is a sample, or a step of one where targets are one a step. outputs, d_outputs: (N, K). targets: (N,) or
        (N, K), see Targets. losses: (N,) float64, in nats where it is a likelihood. count: (1,) int64, how many rows
        have a target: the mean is over them, and of the others loss and gradient are 0.
        """
