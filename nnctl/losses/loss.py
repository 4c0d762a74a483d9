"""What a loss is: one number for a batch, and its gradient."""

from __future__ import annotations

from abc import abstractmethod
from types import ModuleType
from typing import Any, ClassVar

from numpy.typing import NDArray

from nnctl.spec import Spec
from nnctl.targets import Targets

Array = NDArray[Any]


class Loss(Spec):
    """Base of all losses; each is a mean over the batch (what it does over the outputs, each says)."""

    targets: ClassVar[Targets]
    takes_logits: ClassVar[bool] = False
    """Whether the function that makes probabilities (`inside`) is part of the loss, so the network gives logits."""
    inside: ClassVar[str] = ""
    """The activation that is inside the loss: softmax, sigmoid."""
    threshold: ClassVar[float] = 0.5
    """An output above it is read as 1, where targets are 0 or 1: 0.0 for logits and margins."""

    @abstractmethod
    def evaluate(
        self, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array, kernels: ModuleType
    ) -> None:
        """Write each row's loss, and the gradient of their mean with respect to the outputs.

        A row is a sample, or a step of one where targets are one a step. outputs, d_outputs: (N, K). targets: (N,) or
        (N, K), see Targets. losses: (N,) float64, in nats where it is a likelihood. count: (1,) int64, how many rows
        have a target: the mean is over them, and of the others loss and gradient are 0.
        """
