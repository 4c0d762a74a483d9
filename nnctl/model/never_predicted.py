"""Classes that samples are of and no sample is predicted as."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from nnctl.config.run_config import RunConfig
from nnctl.metrics.threshold import BestThreshold
from nnctl.text import listed, shown_number


def never_predicted(confusion: NDArray[Any], classes: Sequence[str]) -> dict[str, float]:
    """How many samples are of each class that is never predicted, by its name; with weights, what they weigh.

    confusion: of CONFUSION. classes: the names; empty for binary targets, which are 0 or 1.
    """
    occurring, predicted = confusion.sum(axis=1), confusion.sum(axis=0)
    names = classes or ("0", "1")
    return {
        name: count.item() for name, count, own in zip(names, occurring, predicted, strict=True) if count and not own
    }


def never_predicted_note(
    found: Mapping[str, float], split: str, total: float, *, has_weights: bool, remedies: Sequence[str]
) -> str:
    """What to tell of such classes. split: its name. total: how many samples it has; has_weights: what they weigh."""
    samples = f"that the {split} samples weigh" if has_weights else f"{split} samples"
    names = listed(
        f"{name} ({shown_number(count)} of the {shown_number(total)} {samples})" for name, count in found.items()
    )
    attempt = f"try {' or '.join(remedies)}, and " if remedies else ""
    return f"never predicted: {names}; {attempt}measure balanced_accuracy, to which each class is equal"


def remedies(config: RunConfig, classes: Sequence[str], outputs: int) -> tuple[str, ...]:
    """The settings by which a rare class may be found, of those that the config can have and has not."""
    return (*_remedies(config, classes, outputs),)


def _remedies(config: RunConfig, classes: Sequence[str], outputs: int) -> Iterator[str]:
    if config.class_weight is None and (classes or outputs == 1):
        yield "class_weight: balanced"
    has_two = len(classes) in (0, 2) and config.loss.makes_probabilities
    if has_two and config.data.validation is not None and not isinstance(config.threshold, BestThreshold):
        yield "threshold: best"
