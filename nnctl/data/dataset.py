"""A data set, ready to train on: checked, split, prepared, in memory."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nnctl.data.files import sha256, shown
from nnctl.data.notes import notes_of
from nnctl.data.parts import Parts, alike, checked, one_part, read_parts
from nnctl.data.preprocessing import Preprocessing, default_scale, learn
from nnctl.data.selection import Selection, Split, select
from nnctl.data.source import Samples, Source
from nnctl.data.targets import Targets, encode, find_classes
from nnctl.data.text import by, listed
from nnctl.errors import DataError, Problem

__all__ = ["Dataset", "Split", "open_dataset", "open_samples"]


@dataclass(frozen=True)
class Dataset:
    """What a run trains and measures on.

    classes: their names in the order of the class numbers, empty for other targets. target_names: the target columns,
    where the format names them. hashes: SHA-256 of each file that was read, by its name. notes: what should be told.
    """

    train: Split
    validation: Split | None
    test: Split | None
    classes: tuple[str, ...]
    target_names: tuple[str, ...]
    preprocessing: Preprocessing
    hashes: dict[str, str]
    notes: tuple[str, ...] = ()

    @property
    def inputs_shape(self) -> tuple[int, ...]:
        """The shape of one sample, channels last."""
        return self.preprocessing.shape

    @property
    def outputs(self) -> int:
        """How many outputs the network must have: one a class, or one a target column."""
        return len(self.classes) or int(self.train.targets.shape[1])

    def splits(self) -> dict[str, Split]:
        """The splits there are, by name: train, validation, test."""
        named = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: split for name, split in named.items() if split is not None}


def open_dataset(
    source: Source,
    targets: Targets,
    seed: int,
    precision: str,
    *,
    preprocessing: Preprocessing | None = None,
    classes: tuple[str, ...] | None = None,
) -> Dataset:
    """Read, check, split and prepare all samples that a source names.

    precision: float32 or float64. preprocessing, classes: those of a checkpoint; unset, they come from the data,
    the preprocessing from the training samples alone. The same arguments give the same bits. Raises DataError.
    """
    parts = read_parts(source)
    if preprocessing is not None and preprocessing.columns:
        parts = _in_order(parts, preprocessing.columns)
    if targets != "classes":
        classes = ()
    elif classes is None:
        classes = find_classes(samples for _, samples in parts)
    selections = select(source, parts, targets, classes, seed)
    if preprocessing is None:
        preprocessing = _learn(source, selections["train"])
    _require_size(parts.train, preprocessing.shape)
    splits = {name: selection.split(preprocessing, precision) for name, selection in selections.items()}
    return Dataset(
        train=splits["train"],
        validation=splits.get("validation"),
        test=splits.get("test"),
        classes=classes,
        target_names=parts.train.target_names,
        preprocessing=preprocessing,
        hashes=_hashes(parts.files),
        notes=tuple(notes_of(selections, targets, classes)),
    )


def open_samples(
    source: Source,
    split: str,
    targets: Targets,
    seed: int,
    precision: str,
    preprocessing: Preprocessing,
    classes: tuple[str, ...],
    path: Path | None = None,
) -> Split:
    """One split of the source (`train`, `validation` or `test`), or all samples of another file of the same format.

    preprocessing, classes: the checkpoint's. With the run's source and seed the split has the run's very rows.
    Where `path` holds samples to train and to test on, `split` says which. Raises DataError.
    """
    if path is None:
        fixed = open_dataset(source, targets, seed, precision, preprocessing=preprocessing, classes=classes)
        found = fixed.splits()
        if split not in found:
            what = f"has no {split} samples, it has: {listed(found)}"
            help = f"choose another split, or name a file with samples; in the config, `{split}:` sets some aside"
            raise DataError(Problem(what, file=shown(Path(source.source)), help=help))
        return found[split]
    samples = alike(checked(one_part(source.read(path), split, path)), None, preprocessing.columns)
    _require_size(samples, preprocessing.shape)
    selection = Selection(samples, encode(samples, targets, classes), np.arange(len(samples.inputs)))
    return selection.split(preprocessing, precision)


def _in_order(parts: Parts, columns: tuple[str, ...]) -> Parts:
    ordered = {name: alike(samples, None, columns) for name, samples in parts}
    return replace(parts, train=ordered["train"], validation=ordered.get("validation"), test=ordered.get("test"))


def _learn(source: Source, train: Selection) -> Preprocessing:
    raw = train.samples.inputs
    shape = tuple(source.shape) if source.shape else raw.shape[1:]
    _require_size(train.samples, shape)
    scale = default_scale(raw, shape) if source.scale is None else source.scale
    try:
        return learn(raw, train.rows, shape, scale, source.standardize, train.samples.input_names)
    except ValueError as error:
        raise DataError(Problem(str(error), file=train.samples.origin, help="set a larger `scale`")) from None


def _require_size(samples: Samples, shape: tuple[int, ...]) -> None:
    own = samples.inputs.shape[1:]
    if math.prod(own) != math.prod(shape):
        what = f"a sample has {by(own)} = {math.prod(own):,} numbers, {by(shape)} = {math.prod(shape):,} were expected"
        raise DataError(Problem(what, file=samples.origin, help="the size follows from `shape` where it is set"))


def _hashes(files: tuple[Path, ...]) -> dict[str, str]:
    """By the file's name, or by its path where two have the same name."""
    names = [file.name for file in files]
    return {file.name if names.count(file.name) == 1 else shown(file): sha256(file) for file in files}
