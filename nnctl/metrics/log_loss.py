"""Log loss."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from numpy.typing import NDArray

from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import SURPRISAL, Tally


class LogLoss(Metric):
    """-log of the probability of the target, the mean over the samples, and the outputs where targets are binary.

    In nats. It is the cross-entropy alone, whatever the loss is: without a label_smoothing or a gamma.
    """

    type: Literal["log_loss"] = "log_loss"
    tally: ClassVar[Tally] = SURPRISAL
    fits: ClassVar[tuple[str, ...]] = ("classes", "binary")
    higher_is_better: ClassVar[bool] = False
    needs_probabilities: ClassVar[bool] = True

    def compute(self, tally: NDArray[Any]) -> float:
        count, total = tally.tolist()
        return total / count if count else float("nan")
