"""Classes that samples are of and no sample is predicted as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from nnctl.text import listed


def never_predicted(confusion: NDArray[Any], classes: Sequence[str]) -> dict[str, int]:
    """How many samples are of each class that is never predicted, by its name.

    confusion: of CONFUSION. classes: the names; empty for binary targets, which are 0 or 1.
    """
    occurring, predicted = confusion.sum(axis=1), confusion.sum(axis=0)
    names = classes or ("0", "1")
    return {name: int(count) for name, count, own in zip(names, occurring, predicted, strict=True) if count and not own}


def never_predicted_note(found: Mapping[str, int], split: str, samples: int, classes: int) -> str:
    """What to tell of such classes. split: its name. samples: that were predicted. classes: how many there are."""
    names = listed(f"{name} ({count:,} of the {samples:,} {split} samples)" for name, count in found.items())
    remedies = "class_weight: balanced or threshold: best" if classes <= 2 else "class_weight: balanced"
    return f"never predicted: {names}; try {remedies}, and measure balanced_accuracy, to which each class is equal"
