"""Targets as the losses take them: class numbers, zeros and ones, or values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnctl.data.lengths import padding
from nnctl.data.source import Array, Samples
from nnctl.data.table.cells import canonical
from nnctl.data.table.yes_no import truth
from nnctl.errors import DataError, Problem
from nnctl.targets import Targets
from nnctl.text import did_you_mean, is_number, listed, quoted

LARGEST_LABEL = 1 << 53  # whole floats are exact up to here
LONGEST_LABEL = 200
MOST_CLASSES = 100  # more whole numbers are rather amounts


def find_classes(parts: Iterable[Samples]) -> tuple[str, ...]:
    """The distinct labels of all parts: whole numbers in their order, else text in alphabetical order.

    Where the first part has no and yes, in any spelling, the others may have another one.
    Raises DataError for labels that are fractional, unprintable, or all the same.
    """
    parts = tuple(map(_rows_of_classes, parts))
    names: set[str] = set()
    for part in parts:
        spelled = _spellings(tuple(names))
        names |= {spelled.get(truth(name), name) for name in _named(part)[0]}
    text = any(part.targets.dtype.kind == "U" for part in parts) or not all(map(_is_whole, names))
    classes = tuple(sorted(names, key=None if text else int))
    if len(classes) == 1:
        raise DataError(
            Problem(
                f"has one class only, {classes[0]}, in all {len(parts[0]):,} samples",
                file=parts[0].origin,
                help="two classes or more are needed: is it the right target?",
            )
        )
    return classes


def _is_whole(name: str) -> bool:
    return name.removeprefix("-").isdecimal() and name.isascii()


def encode(samples: Samples, targets: Targets, classes: tuple[str, ...]) -> Array:
    """The targets of all samples: (N,) int64 for classes, else (N, K) float64. Raises DataError with the place.

    Targets that are one a step: (N, T) signed integers, -1 beyond a length, else (N, T, K) float64, NaN beyond it.
    """
    steps = steps_of(samples, targets)
    if not steps:
        return _class_numbers(samples, classes) if targets == "classes" else _values(samples, targets)
    rows = _by_step(samples, steps)
    encoded = _class_numbers(rows, classes) if targets == "classes" else _values(rows, targets)
    if targets == "classes":
        encoded = encoded.astype(np.min_scalar_type(-len(classes)))
    if rows.real is None:
        return encoded.reshape(len(samples), steps, *encoded.shape[1:])
    missing = -1 if targets == "classes" else np.nan
    out = np.full((len(samples), steps, *encoded.shape[1:]), missing, encoded.dtype)
    out[rows.real] = encoded
    return out


def class_counts(targets: Array, classes: int) -> Array:
    """How many targets there are of each class, (classes,). targets: (N,) or (N, T), -1 where there is none."""
    return np.bincount(targets[targets >= 0], minlength=classes)


def steps_of(samples: Samples, targets: Targets) -> int:
    """How many targets a sample has where they are one a step, else 0.

    Rows of as many classes as there are steps are one a step. Rows of values are where the samples have lengths; where
    they have none, these may be the targets of the whole sample as well, and the network decides.
    """
    shape = samples.targets.shape
    if len(shape) == 3:
        return int(shape[1])
    is_row = len(shape) == 2 and shape[1] == samples.steps > 1
    return samples.steps if is_row and (targets == "classes" or samples.lengths is not None) else 0


@dataclass(frozen=True)
class _Steps(Samples):
    """The real steps of sequences, each with its target, as samples of their own."""

    count: int = 1
    """Steps of a sequence."""
    real: Array | None = None
    """(N, T), which steps are real; None: all."""

    def problem(self, row: int, what: str, help: str = "") -> Problem:
        place = row if self.real is None else int(np.flatnonzero(self.real)[row])
        sample, step = divmod(place, self.count)
        what = f"sample {self.first + sample + 1:,}, step {step + 1:,}: {what}"
        return Problem(what, file=self.origin, help=help)


def _by_step(samples: Samples, steps: int) -> _Steps:
    real = None if samples.lengths is None else ~padding(samples.lengths, steps)
    targets = samples.targets.reshape(-1, *samples.targets.shape[2:]) if real is None else samples.targets[real]
    own: dict[str, Any] = {name: getattr(samples, name) for name in ("origin", "target_names", "labels", "first")}
    return _Steps(np.empty((len(targets), 0)), targets, **own, count=steps, real=real)


def _rows_of_classes(samples: Samples) -> Samples:
    """The samples, or their real steps where classes are one a step."""
    steps = steps_of(samples, "classes")
    return _by_step(samples, steps) if steps else samples


def coding_notes(samples: Samples, targets: Targets) -> tuple[str, ...]:
    """What is to be told of targets that are not written as 0 and 1."""
    if targets != "binary":
        return ()
    steps = steps_of(samples, targets)
    table = _table_of(_by_step(samples, steps) if steps else samples)
    signed = [column for column in range(table.shape[1]) if _are_signed(table[:, column])]
    return tuple(f"{_of(samples, column)}-1 and 1 are taken for 0 and 1" for column in signed)


def _class_numbers(samples: Samples, classes: tuple[str, ...]) -> Array:
    if samples.labels and samples.labels == classes:
        return samples.targets.reshape(-1).astype(np.int64)
    names, positions = _named(samples)
    number = {name: index for index, name in enumerate(classes)}
    spelled = _spellings(classes)
    number |= {name: number[spelled[value]] for name in names if (value := truth(name)) in spelled}
    found = np.array([number.get(name, -1) for name in names], dtype=np.int64)[positions]
    if (found < 0).any():
        row = int(np.argmax(found < 0))
        name = names[positions[row]]
        what = f"the class {name} is not among the {len(classes):,} known ones: {listed(classes)}"
        help = did_you_mean(name, classes) or "fix the label, or remove the sample"
        raise DataError(samples.problem(row, what, help))
    return found


def _spellings(classes: tuple[str, ...]) -> dict[float | None, str]:
    """How two classes that are no and yes are written; empty where they are others."""
    spelled = {truth(name): name for name in classes}
    spelled.pop(None, None)
    return spelled if len(spelled) == len(classes) == 2 else {}


def _named(samples: Samples) -> tuple[list[str], Array]:
    """The names of the classes that occur, and each sample's position among them, (N,)."""
    labels = _column(samples)
    if samples.labels:
        used, positions = np.unique(labels.astype(np.int64), return_inverse=True)
        names = [samples.labels[label] for label in used]
    else:
        used, positions = np.unique(labels if labels.dtype.kind == "U" else _numbers(samples), return_inverse=True)
        names = [canonical(str(label)) for label in used]
    for number, name in enumerate(names):
        if not name.isprintable() or not 0 < len(name) <= LONGEST_LABEL:
            row = int(np.argmax(positions.reshape(-1) == number))
            what = f"the label {quoted(name)} is empty, too long or unprintable"
            raise DataError(samples.problem(row, what, "name the class in a word or two"))
    return names, positions.reshape(-1)


def _numbers(samples: Samples) -> Array:
    """Labels as int64, (N,)."""
    labels = _column(samples)
    if labels.dtype.kind == "f":
        labels = labels.astype(np.float64)
        with np.errstate(invalid="ignore"):
            wrong = ~((np.abs(labels) <= LARGEST_LABEL) & (np.floor(labels) == labels))
    else:
        wrong = labels > LARGEST_LABEL if labels.dtype.kind == "u" else np.zeros(len(labels), dtype=bool)
    if wrong.any():
        row = int(np.argmax(wrong))
        what = f"{_of(samples)}the label is {labels[row]:g}, classes are whole numbers or text"
        raise DataError(samples.problem(row, what, "for targets that are values use a loss like mse"))
    return labels.astype(np.int64)


def _column(samples: Samples) -> Array:
    labels = samples.targets
    if labels.ndim > 1 and labels.shape[1] > 1:
        row = "step" if isinstance(samples, _Steps) else "sample"
        raise DataError(
            Problem(
                f"has {labels.shape[1]:,} targets a {row}, a class is one",
                file=samples.origin,
                help="give one column of class labels, not one column a class; or use binary_cross_entropy",
            )
        )
    return labels.reshape(-1)


def _values(samples: Samples, targets: Targets) -> Array:
    values = _table_of(samples, targets)
    if targets == "binary":
        for column in range(values.shape[1]):
            if _are_signed(values[:, column]):
                values[:, column] = values[:, column] == 1
    wrong = ~np.isfinite(values) if targets == "values" else (values != 0) & (values != 1)
    if wrong.any():
        row, column = divmod(int(np.argmax(wrong)), values.shape[1])
        expected = "that is finite" if targets == "values" else "of 0 or 1"
        what = f"{_of(samples, column)}expected a target {expected}, got {values[row, column]:g}"
        help = "fix the value, or remove the sample" if targets == "values" else _loss_for(values[:, column])
        raise DataError(samples.problem(row, what, help))
    return values


def _table_of(samples: Samples, targets: Targets = "binary") -> Array:
    """The targets as numbers, (N, K) float64, a copy. Raises DataError for what is none."""
    table = samples.targets.reshape(len(samples), -1)
    if samples.labels and table.dtype.kind == "i":  # truth values are numbers as well
        table = np.array(samples.labels)[table]
    return _parsed(samples, table, targets) if table.dtype.kind == "U" else table.astype(np.float64)


def _are_signed(values: Array) -> bool:
    """Whether these are -1 and 1, or -1 alone. values: (N,)."""
    return bool((np.abs(values) == 1).all() and (values == -1).any())


def _loss_for(values: Array) -> str:
    """What to do about targets that are not 0 and 1."""
    distinct = np.unique(values[np.isfinite(values)])
    if len(distinct) == 2:
        low, high = (f"{value:g}" for value in distinct)
        return f"write 0 and 1 for {low} and {high}, or use the loss cross_entropy, where the last layer has 2 outputs"
    if len(distinct) <= MOST_CLASSES and (distinct == np.floor(distinct)).all():
        return f"use the loss cross_entropy, where the last layer has {len(distinct)} outputs; for amounts one like mse"
    return "use a loss like mse, which is for numbers"


def _parsed(samples: Samples, table: Array, targets: Targets) -> Array:
    """Text as numbers, or for targets of 0 or 1 as words for them."""
    known: dict[str, float] = {}
    for text in np.unique(table).tolist():
        if is_number(text):
            known[text] = float(text)
        elif targets == "binary" and (value := truth(text)) is not None:
            known[text] = value
    for row, column in np.ndindex(table.shape):
        if str(table[row, column]) not in known:
            what = f"{_of(samples, column)}the target {quoted(str(table[row, column]))} is not a number"
            help = "for targets that name classes use the loss cross_entropy"
            if not known:
                help += f", where the last layer has {len(np.unique(table)):,} outputs"
            raise DataError(samples.problem(row, what, help))
    return np.array([[known[text] for text in row] for row in table.tolist()], np.float64)


def _of(samples: Samples, column: int = 0) -> str:
    return f"column {samples.target_names[column]}: " if samples.target_names else ""
