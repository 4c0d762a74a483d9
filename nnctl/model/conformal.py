"""Intervals around predicted values, of the errors on validation samples: split conformal prediction.

An interval of level 0.9 around a new prediction covers the target with a probability of at least 0.9 if the sample is
exchangeable with the validation samples, whatever the network and the distribution of its errors are. Source: Lei et
al. 2018, "Distribution-free predictive inference for regression", section 2.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.data.table.target_transform import TargetTransform
from nnctl.errors import CheckpointError, Problem, UsageError
from nnctl.metrics.tally import Sizes, collected
from nnctl.model.trained_model import TrainedModel
from nnctl.text import shown_number

Array = NDArray[Any]

TENSOR = "conformal.errors"
"""In the best checkpoint, (K, M) float64, rising: a share of j / (M + 1) of new errors is not above the j-th of M."""

MOST_KEPT, MOST_IN_ALL = 10_000, 1 << 18  # errors of a target, and of all targets
MOST_TARGETS = 10_000_000  # of validation samples, which are held in float64 with the outputs


def can_keep_errors(sizes: Sizes) -> bool:
    """Whether the targets of the validation samples are few enough."""
    return sizes.rows * sizes.targets <= MOST_TARGETS


def errors_to_keep(tally: Array, transform: TargetTransform | None) -> Array:
    """The sorted errors of each output, thinned to so many, (K, M). tally: of ROWS, in the targets' own units.

    Where they are thinned, or rows have weights, an error is the next larger one: intervals are rather too wide.
    """
    outputs, targets, weights = collected(tally)
    errors, (rows, width) = _errors(_limited(outputs, transform), targets, transform), outputs.shape
    kept = min(rows, MOST_KEPT, max(1, MOST_IN_ALL // width))
    if not kept:
        return np.zeros((width, 0))
    wanted = np.arange(1, kept + 1) / (kept + 1)
    return np.stack([_at(wanted, column, weights) for column in errors.T])


def _at(wanted: Array, errors: Array, weights: Array) -> Array:
    """The least errors below or at which are so large shares of the N rows and a new one. wanted: (M,), rising."""
    order = np.argsort(errors)
    shares = np.cumsum(weights[order] / weights.mean()) / (len(errors) + 1)
    rounding = len(errors) * np.finfo(np.float64).eps
    places = np.searchsorted(shares, wanted - rounding)
    return np.asarray(errors[order][np.minimum(places, len(errors) - 1)])


def _errors(outputs: Array, targets: Array, transform: TargetTransform | None) -> Array:
    """|output - target|, or of their logarithms where training takes them; infinite where there is no number."""
    with np.errstate(all="ignore"):
        if transform is not None and transform.log:
            outputs, targets = np.log(outputs), np.log(targets)
        return np.asarray(np.nan_to_num(np.abs(outputs - targets), nan=np.inf, posinf=np.inf))


def _limited(outputs: Array, transform: TargetTransform | None) -> Array:
    """Clipped as predictions are; in the targets' own units, as they were. outputs: (N, K)."""
    limits = None if transform is None else transform.limits()
    if transform is None or limits is None:
        return outputs
    low, high = (transform.inverse_transform(limit[np.newaxis])[0] for limit in limits)
    return np.asarray(np.clip(outputs, low, high))


@dataclass(frozen=True)
class Intervals:
    """Around predictions in the targets' own units."""

    level: float
    """The share of targets that they are to cover, of each target by itself."""
    errors: Array
    """(K,), or an error a prediction: half the width, of the logarithm where training takes it."""
    transform: TargetTransform | None
    is_count: bool
    """Whether targets are not negative."""

    def around(self, values: Array) -> tuple[Array, Array]:
        """The lower and the upper end of each, float64. values: (N, K)."""
        exact = values.astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            if self.transform is not None and self.transform.log:
                factors = np.exp(self.errors)
                return exact / factors, exact * factors
            low = exact - self.errors
            return np.maximum(low, 0.0) if self.is_count else low, exact + self.errors

    def covered(self, values: Array, targets: Array) -> Array:
        """Which targets lie in them, (N, K) bool. values, targets: (N, K)."""
        return _errors(values, targets, self.transform) <= self.errors


def intervals(trained: TrainedModel, level: float) -> Intervals:
    """The intervals of a checkpoint. Raises UsageError and CheckpointError where there are none of this level."""
    _refuse_level(level)
    loss, file = trained.config.loss, str(trained.path)
    if loss.targets != "values":
        what = f"--interval is of predicted numbers, and this network predicts {_targets(trained)}"
        help = "leave --interval out; `calibrate: true` in the config makes probabilities more exact"
        raise UsageError(what, help=help if loss.makes_probabilities else "leave --interval out")
    errors = trained.checkpoint.tensors.get(TENSOR)
    if errors is None:
        what = "keeps no errors on validation samples, of which intervals are made"
        raise CheckpointError(Problem(what, file, help=_remedy(trained)))
    if errors.ndim != 2 or len(errors) != trained.plan.outputs[-1] or errors.dtype != np.float64:
        what = f"its tensor {TENSOR} has shape {errors.shape}, its network {trained.plan.outputs[-1]} outputs"
        raise CheckpointError(Problem(what, file, help="train again, or use another checkpoint"))
    kept = errors.shape[1]
    if (needed := samples_for(level)) > kept:
        what = f"--interval {level:g} needs the errors on {needed:,} validation samples, the checkpoint has {kept:,}"
        less = math.floor(10_000 * kept / (kept + 1)) / 10_000
        help = f"use --interval {less:g} or less" if kept else "train again with more"
        more = ", or set more of them aside as `data.validation`, and train again" if kept < MOST_KEPT else ""
        raise UsageError(Problem(what, file, help=help + more))
    return Intervals(level, at_level(errors, level), trained.fitted.transform, loss.inside == "exp")


def at_level(kept: Array, level: float) -> Array:
    """Of each output the error that a share of `level` of new errors is not above, (K,).

    kept: as `errors_to_keep` gives them, (K, M), with M / (M + 1) at least the level. Of M sorted errors it is the
    ceil((M + 1) level)-th, found by comparing shares: a product such as 100 * 0.07 is rounded to more than 7.
    """
    samples = kept.shape[1]
    shares = np.arange(1, samples + 1) / (samples + 1)
    return np.asarray(kept[:, np.searchsorted(shares, level)])


def samples_for(level: float) -> int:
    """The least n with n / (n + 1) >= level: of fewer samples no error is large enough."""
    return next(n for n in count(max(1, math.floor(level / (1 - level)) - 1)) if n / (n + 1) >= level)


def _refuse_level(level: float) -> None:
    if not 0 < level < 1:
        percent = level / 100
        help = f"for {shown_number(level)} % use {percent:g}" if 1 < level < 100 else "use a share such as 0.9"
        raise UsageError(f"--interval is {shown_number(level)}, and a level is between 0 and 1", help=help)


def _targets(trained: TrainedModel) -> str:
    return "classes" if trained.config.loss.targets == "classes" else "0 or 1"


def _remedy(trained: TrainedModel) -> str:
    """How to get some errors."""
    best = trained.path.with_name("best.safetensors")
    if best != trained.path and best.is_file():
        return f"the best checkpoint of a run has them: use {best}"
    if trained.config.data.has_validation is False:
        return "train again with validation samples: set data.validation=0.1"
    return f"train again, with validation samples that have at most {MOST_TARGETS:,} targets in all"
