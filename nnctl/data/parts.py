"""The files of a source: which samples are for training, for validation and for testing, checked one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nnctl.data.files import shown
from nnctl.data.source import Contents, Samples, Source
from nnctl.data.text import by, listed
from nnctl.errors import DataError, Problem

NAMES = ("train", "validation", "test")


@dataclass(frozen=True)
class Parts:
    """Samples by the file they come from; a part that is to be split off by a fraction is None."""

    train: Samples
    validation: Samples | None
    test: Samples | None
    files: tuple[Path, ...]

    def __iter__(self) -> Iterator[tuple[str, Samples]]:
        for name, samples in zip(NAMES, (self.train, self.validation, self.test), strict=True):
            if samples is not None:
                yield name, samples


def read_parts(source: Source) -> Parts:
    """Read and check every file that a source names. Raises DataError."""
    path = Path(source.source)
    contents = source.read(path)
    if contents.train is None:
        what = "holds samples to test on and none to train on"
        raise DataError(Problem(what, file=shown(path), help="add the training samples, or name their file"))
    if contents.test is not None and source.test is not None:
        what = f"is set, and {shown(path)} holds {len(contents.test.inputs):,} test samples of its own"
        raise DataError(Problem(what, path="data.test", help="leave `test` out"))
    files = list(contents.files)
    extra: dict[str, Samples | None] = {"validation": None, "test": contents.test}
    for name, given in (("validation", source.validation), ("test", source.test)):
        if isinstance(given, str):
            other = source.read(Path(given))
            extra[name] = one_part(other, name, Path(given))
            files += other.files
    train = checked(contents.train)
    others = {name: alike(checked(part), train) if part else None for name, part in extra.items()}
    return Parts(train, others["validation"], others["test"], tuple(dict.fromkeys(files)))


def one_part(contents: Contents, name: str, path: Path) -> Samples:
    """The samples of another file that are meant by `train`, `validation` or `test`."""
    if contents.train is not None and contents.test is not None:
        if name == "validation":
            what = "holds samples to train on and samples to test on, one set was expected"
            raise DataError(Problem(what, file=shown(path), help="name the file of the set that is meant"))
        return contents.train if name == "train" else contents.test
    samples = contents.train or contents.test
    if samples is None:
        raise DataError(Problem("holds no samples", file=shown(path), help="give at least one sample"))
    return samples


def checked(samples: Samples) -> Samples:
    """The samples, if there are any, each input has its target, and all inputs are finite. Raises DataError."""
    inputs = samples.inputs
    if len(inputs) == 0 or inputs.size == 0:
        raise DataError(Problem("holds no samples", file=samples.origin, help="give at least one sample"))
    if len(inputs) != len(samples.targets):
        what = f"has {len(inputs):,} inputs and {len(samples.targets):,} targets"
        raise DataError(Problem(what, file=samples.origin, help="each input needs its target"))
    if inputs.dtype.kind == "f":
        finite = np.isfinite(inputs).reshape(len(inputs), -1)
        if not finite.all():
            raise DataError(_not_finite(samples, int(np.argmin(finite)), int(finite.size - finite.sum())))
    return samples


def _not_finite(samples: Samples, position: int, count: int) -> Problem:
    index = np.unravel_index(position, samples.inputs.shape)
    value = samples.inputs[index]
    if samples.input_names:
        where = f"column {samples.input_names[index[-1]]}"
    else:
        where = f"input [{', '.join(str(int(axis)) for axis in index[1:])}]"
    word = "NaN" if np.isnan(value) else "infinite"
    more = f" (the first of {count:,} that are not finite)" if count > 1 else ""
    return samples.problem(int(index[0]), f"{where} is {word}{more}", "mend the value or remove the sample")


def alike(samples: Samples, train: Samples | None, columns: tuple[str, ...] = ()) -> Samples:
    """The samples with their columns in the order of the training samples. Raises DataError where they differ."""
    names = train.input_names if train else columns
    if train and samples.inputs.shape[1:] != train.inputs.shape[1:] and not names:
        own, other = by(samples.inputs.shape[1:]), by(train.inputs.shape[1:])
        what = f"has samples of {own} numbers, {train.origin} of {other}"
        raise DataError(Problem(what, file=samples.origin, help="give it samples of the same kind"))
    if not names or samples.input_names == names:
        return samples
    if set(samples.input_names) != set(names):
        absent = [name for name in names if name not in samples.input_names]
        extra = [name for name in samples.input_names if name not in names]
        differences = ([f"lacks the columns {listed(absent)}"] if absent else []) + (
            [f"has the unknown columns {listed(extra)}"] if extra else []
        )
        what = f"{' and '.join(differences)}; the training samples have {listed(names)}"
        raise DataError(Problem(what, file=samples.origin, help="give it the same columns"))
    order = [samples.input_names.index(name) for name in names]
    return replace(samples, inputs=samples.inputs[:, order], input_names=names)
