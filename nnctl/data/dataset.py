"""A data set, ready to train on: checked, split, prepared, in memory."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from nnctl.data.hashes import hashes_of
from nnctl.data.notes import notes_of
from nnctl.data.source import Preprocessing, Source
from nnctl.data.splits.parts import one_part, read_parts
from nnctl.data.splits.selection import Selection, Split, select
from nnctl.data.table.target_transform import TargetTransform
from nnctl.data.targets import encode, find_classes
from nnctl.targets import Targets

__all__ = ["Dataset", "FittedData", "Split", "open_dataset", "open_samples"]


@dataclass(frozen=True)
class FittedData:
    """What was fitted of the training samples, and is kept in a checkpoint. classes: empty for other targets."""

    preprocessing: Preprocessing
    transform: TargetTransform | None
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Dataset:
    """What a run trains and measures on.

    source: the one that was opened, with all that was fitted of it said. classes: their names in the order of the class
    numbers, empty for other targets. target_names: the target columns, where the format names them. transform: of
    targets that are values, None for none. hashes: as `hashes_of` gives them. missing: by split, how many cells of each
    column are missing, where samples have columns. unseen: by split, what should be told of categories that training
    never saw. notes: all that should be told.
    """

    source: Source

    train: Split
    validation: Split | None
    test: Split | None
    classes: tuple[str, ...]
    target_names: tuple[str, ...]
    preprocessing: Preprocessing
    transform: TargetTransform | None
    hashes: dict[str, str]
    missing: dict[str, dict[str, int]]
    unseen: dict[str, tuple[str, ...]]
    notes: tuple[str, ...]

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
    fitted: FittedData | None = None,
) -> Dataset:
    """Read, check, split and prepare all samples that a source names.

    precision: float32 or float64. fitted: what a checkpoint keeps; unset, it comes from the data, all but the classes
    from the training samples alone. The same arguments give the same bits. Raises DataError.
    """
    parts = read_parts(source, fitted.preprocessing if fitted else None)
    classes = (
        fitted.classes if fitted else find_classes(samples for _, samples in parts) if targets == "classes" else ()
    )
    selections = select(parts, targets, classes, seed)
    fitted = fitted or _fit(parts.source, selections["train"], classes, targets)
    splits = {
        name: selection.split(fitted.preprocessing, fitted.transform, precision)
        for name, selection in selections.items()
    }
    unseen = {
        name: tuple(parts.source.unseen(fitted.preprocessing, chosen.samples, chosen.rows, name))
        for name, chosen in selections.items()
    }
    return Dataset(
        source=parts.source.with_fitted(fitted.preprocessing),
        train=splits["train"],
        validation=splits.get("validation"),
        test=splits.get("test"),
        classes=classes,
        target_names=parts.train.target_names,
        preprocessing=fitted.preprocessing,
        transform=fitted.transform,
        hashes=hashes_of(parts.origins),
        missing={
            name: parts.source.missing(fitted.preprocessing, chosen.samples, chosen.rows)
            for name, chosen in selections.items()
        },
        unseen=unseen,
        notes=(
            *notes_of(selections, splits, fitted.preprocessing.output_names, targets, classes),
            *chain.from_iterable(unseen.values()),
        ),
    )


def open_samples(
    source: Source, path: Path, split: str, targets: Targets, precision: str, fitted: FittedData
) -> tuple[Split, tuple[str, ...]]:
    """All samples of another file of the source's format, and what should be told of them.

    split: which samples are meant where the file holds some to train on and some to test on. fitted: what the
    checkpoint keeps. Raises DataError.
    """
    samples = source.validate_samples(one_part(source.read(path), split, path), preprocessing=fitted.preprocessing)
    selection = Selection(samples, encode(samples, targets, fitted.classes), np.arange(len(samples)))
    notes = source.unseen(fitted.preprocessing, samples, selection.rows, "given")
    return selection.split(fitted.preprocessing, fitted.transform, precision), tuple(notes)


def _fit(source: Source, train: Selection, classes: tuple[str, ...], targets: Targets) -> FittedData:
    steps = source.target_steps if targets == "values" else []
    transform = TargetTransform.fit(train.targets, train.rows, steps, train.samples.problem) if steps else None
    return FittedData(source.fit(train.samples, train.rows), transform, classes)
