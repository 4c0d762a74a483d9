"""Which rows of which file make up each split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnctl.data.parts import Parts
from nnctl.data.preprocessing import Preprocessing
from nnctl.data.source import Array, Samples, Source
from nnctl.data.split import split_off
from nnctl.data.targets import Targets, encode
from nnctl.data.text import by
from nnctl.errors import DataError, Problem


@dataclass(frozen=True)
class Split:
    """Prepared samples. inputs: (N, *shape) in the run's precision, contiguous.

    targets: (N,) int64 class numbers, or (N, K) in the run's precision.
    """

    inputs: Array
    targets: Array

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True)
class Selection:
    """The rows of one file that make up a split, with the encoded targets of the whole file."""

    samples: Samples
    targets: Array
    rows: Array

    def split(self, preprocessing: Preprocessing, precision: str) -> Split:
        """The prepared samples. Raises DataError for numbers that the precision cannot hold."""
        inputs = preprocessing.apply(self.samples.inputs, self.rows, precision)
        if self.samples.inputs.dtype.kind == "f":
            self._require_finite(inputs, "inputs", precision)
        targets = self.targets[self.rows]
        if targets.dtype != np.int64:
            with np.errstate(over="ignore"):
                targets = targets.astype(precision)
            self._require_finite(targets, "targets", precision)
        return Split(inputs, np.ascontiguousarray(targets))

    def _require_finite(self, prepared: Array, what: str, precision: str) -> None:
        finite = np.isfinite(prepared).reshape(len(prepared), -1).all(axis=1)
        if not finite.all():
            row = int(self.rows[np.argmin(finite)])
            help = "set `scale` or `standardize`" if what == "inputs" else "give them in a larger unit"
            raise DataError(self.samples.problem(row, f"the {what} are too large for {precision}", help))


def select(source: Source, parts: Parts, targets: Targets, classes: tuple[str, ...], seed: int) -> dict[str, Selection]:
    """The rows of every split: test samples are set aside first, then validation samples from the rest."""
    encoded = {name: encode(samples, targets, classes) for name, samples in parts}
    labels = encoded["train"] if targets == "classes" else None
    rows = np.arange(len(parts.train.inputs), dtype=np.int64)
    selections = {}
    for name, fraction in (("test", source.test), ("validation", source.validation)):
        if isinstance(fraction, float):
            rows, taken = split_off(rows, fraction, labels, seed, name)
            selections[name] = Selection(parts.train, encoded["train"], taken)
    for name, samples in parts:
        chosen = rows if name == "train" else np.arange(len(samples.inputs), dtype=np.int64)
        selections[name] = Selection(samples, encoded[name], chosen)
    _require_alike_targets(selections)
    return {name: selections[name] for name in ("train", "validation", "test") if name in selections}


def _require_alike_targets(selections: dict[str, Selection]) -> None:
    train = selections["train"]
    for selection in selections.values():
        if selection.targets.shape[1:] != train.targets.shape[1:]:
            own, other = (by(chosen.targets.shape[1:]) for chosen in (selection, train))
            what = f"has {own} targets a sample, {train.samples.origin} has {other}"
            raise DataError(Problem(what, file=selection.samples.origin, help="give it targets of the same kind"))
