"""Targets as the losses take them: class numbers, zeros and ones, or values."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from nnctl.data.source import Array, Samples
from nnctl.errors import DataError, Problem
from nnctl.targets import Targets
from nnctl.text import did_you_mean, is_number, listed, quoted

LARGEST_LABEL = 1 << 53  # whole floats are exact up to here
LONGEST_LABEL = 200


def find_classes(parts: Iterable[Samples]) -> tuple[str, ...]:
    """The distinct labels of all parts: whole numbers in their order, else text in alphabetical order.

    Raises DataError for labels that are fractional, unprintable, or all the same.
    """
    parts = tuple(parts)
    names = {name for part in parts for name in _named(part)[0]}
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
    """The targets of all samples: (N,) int64 for classes, else (N, K) float64. Raises DataError with the place."""
    return _class_numbers(samples, classes) if targets == "classes" else _values(samples, targets)


def _class_numbers(samples: Samples, classes: tuple[str, ...]) -> Array:
    names, positions = _named(samples)
    number = {name: index for index, name in enumerate(classes)}
    found = np.array([number.get(name, -1) for name in names], dtype=np.int64)[positions]
    if (found < 0).any():
        row = int(np.argmax(found < 0))
        unknown = names[positions[row]]
        what = f"the class {unknown} is not among the {len(classes):,} known ones: {listed(classes)}"
        help = did_you_mean(unknown, classes) or "fix the label, or remove the sample"
        raise DataError(samples.problem(row, what, help))
    return found


def _named(samples: Samples) -> tuple[list[str], Array]:
    """The names of the classes that occur, and each sample's position among them, (N,)."""
    labels = _column(samples)
    if samples.labels:
        used, positions = np.unique(labels.astype(np.int64), return_inverse=True)
        return [samples.labels[label] for label in used], positions.reshape(-1)
    if labels.dtype.kind != "U":
        labels = _numbers(samples)
    used, positions = np.unique(labels, return_inverse=True)
    names = [str(label) for label in used]
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
        raise DataError(
            Problem(
                f"has {labels.shape[1]:,} targets a sample, a class is one",
                file=samples.origin,
                help="give one column of class labels, not one column a class; or use binary_cross_entropy",
            )
        )
    return labels.reshape(-1)


def _values(samples: Samples, targets: Targets) -> Array:
    table = samples.targets.reshape(len(samples), -1)
    if samples.labels and table.dtype.kind == "i":  # truth values are numbers as well
        table = np.array(samples.labels)[table]
    if table.dtype.kind == "U":
        table = _parsed(samples, table)
    values = table.astype(np.float64)
    wrong = ~np.isfinite(values) if targets == "values" else (values != 0) & (values != 1)
    if wrong.any():
        row, column = divmod(int(np.argmax(wrong)), values.shape[1])
        expected = "that is finite" if targets == "values" else "of 0 or 1"
        help = "for more than two classes use cross_entropy, for values a loss like mse"
        if targets == "values":
            help = "fix the value, or remove the sample"
        what = f"{_of(samples, column)}expected a target {expected}, got {values[row, column]:g}"
        raise DataError(samples.problem(row, what, help))
    return values


def _parsed(samples: Samples, table: Array) -> Array:
    """Text that was kept because some of it is not a number: find the first that is not."""
    for row, column in np.ndindex(table.shape):
        if not is_number(str(table[row, column])):
            what = f"{_of(samples, column)}the target {quoted(str(table[row, column]))} is not a number"
            help = "for targets that name classes use the loss cross_entropy"
            raise DataError(samples.problem(row, what, help))
    return table.astype(np.float64)


def _of(samples: Samples, column: int = 0) -> str:
    return f"column {samples.target_names[column]}: " if samples.target_names else ""
