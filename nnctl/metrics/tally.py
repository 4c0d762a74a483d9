"""Running counts and sums from which metrics are computed: small float64 arrays, added to batch by batch.

They are all that an epoch knows of its past batches, so a run that is interrupted within an epoch saves them
and goes on to the same numbers.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
TallyName = Literal["confusion", "ranks", "errors", "log_errors"]


def new_tally(name: TallyName, outputs: int, classes: int) -> NDArray[np.float64]:
    """A tally of zeros. outputs: the network's; classes: how many the targets have (2 for binary targets).

    confusion: (classes, classes), rows the targets, columns the predictions.
    ranks: (classes,), how many samples had their class at the r-th largest output; equal outputs count as larger.
    errors: (6, outputs), with e = output - target: the sums of 1, |e| and e^2, the mean of the targets, the sum of
    their squared distances from it, and the sum of e.
    log_errors: (2, outputs), the sums of 1 and e^2, with e = log(1 + output) - log(1 + target).
    """
    shapes = {
        "confusion": (classes, classes),
        "ranks": (classes,),
        "errors": (6, outputs),
        "log_errors": (2, outputs),
    }
    return np.zeros(shapes[name])


def add_to_tally(
    name: TallyName, tally: Array, outputs: Array, targets: Array, threshold: float, kernels: ModuleType
) -> None:
    """Add a batch. outputs: (N, K); targets: classes (N,) int64, or (N, K) binary or values.

    threshold: an output above it counts as 1, where targets are not classes (0 for logits, 0.5 for probabilities);
    such a target counts as 1 above 0.5.
    """
    if name == "errors":
        kernels.tally.add_errors(outputs, targets, tally)
    elif name == "log_errors":
        kernels.tally.add_log_errors(outputs, targets, tally)
    elif name == "ranks":
        kernels.tally.add_ranks(outputs, targets, tally)
    elif targets.ndim == 1:
        kernels.tally.add_confusion(outputs, targets, tally)
    else:
        kernels.tally.add_binary_confusion(outputs, targets, tally, threshold)
