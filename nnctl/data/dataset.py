"""A data set, ready to train on: from its files to the arrays of each split, one way and once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

from nnctl.data.fitting import FittedData, fit, transform
from nnctl.data.hashes import hashes_of
from nnctl.data.notes import notes_of
from nnctl.data.reading import Parts, find, infer, one_part, read, read_others, source_for
from nnctl.data.source import Preprocessing, Source
from nnctl.data.splits.selection import Selection, Split, split
from nnctl.data.table.target_transform import TargetTransform
from nnctl.data.targets import coding_notes, encode, find_classes
from nnctl.errors import DataError, Problem
from nnctl.targets import Targets

__all__ = ["Dataset", "FittedData", "Selection", "Split", "open_dataset", "open_samples"]


@dataclass(frozen=True)
class Dataset:
    """What a run trains and measures on."""

    source: Source
    """The one that was opened, with every setting that was inferred or fitted."""
    train: Split
    validation: Split | None
    test: Split | None
    classes: tuple[str, ...]
    """Their names in the order of the class numbers; empty for other targets."""
    target_names: tuple[str, ...]
    """The target columns, where the format names them."""
    preprocessing: Preprocessing
    transform: TargetTransform | None
    """Of targets that are values; None for none."""
    hashes: dict[str, str]
    """What identifies the data; see `hashes_of`."""
    missing: dict[str, dict[str, int]]
    """By split, how many cells of each column are missing, where samples have columns."""
    split_notes: dict[str, tuple[str, ...]]
    """By split, notes on its file, its targets, and on what it has that training never saw."""
    notes: tuple[str, ...]
    """What the user should know of the data."""
    selections: Mapping[str, Selection]
    """By split, the samples as their file holds them; empty where they are not kept."""

    @property
    def inputs_shape(self) -> tuple[int, ...]:
        """The shape of one sample, channels last."""
        return self.preprocessing.shape

    @property
    def outputs(self) -> int:
        """How many outputs the network must have: one a class, or one a target column."""
        return len(self.classes) or int(self.train.targets.shape[-1])

    @property
    def outputs_shape(self) -> tuple[int, ...]:
        """The shape of what the network must give for a sample: a row, or one a step."""
        return (self.train.steps, self.outputs) if self.train.steps else (self.outputs,)

    def for_outputs(self, outputs: tuple[int, ...]) -> Dataset:
        """The data as a network with these outputs takes them: see `Split.for_outputs`."""
        validation, test = (
            None if split is None else split.for_outputs(outputs) for split in (self.validation, self.test)
        )
        return replace(self, train=self.train.for_outputs(outputs), validation=validation, test=test)

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
    require_seen: Collection[str] = (),
    keep_selections: bool = False,
) -> Dataset:
    """Read, validate, split and prepare all samples that a source names.

    precision: float32 or float64. fitted: what a checkpoint keeps; unset, it is fitted to the training samples alone,
    but for the classes, which are those of all samples. require_seen: the splits in which no column may be without any
    category that training saw. keep_selections: whether samples as the files hold them stay in memory. The same
    arguments give the same bits. Raises DataError.
    """
    preprocessing = None if fitted is None else fitted.preprocessing
    source = source if fitted is None else source.for_other_files()
    files = find(source)
    parts = read(source, files, preprocessing)
    source = infer(source, parts)
    parts = read_others(source, files, parts, preprocessing)
    classes = _classes(source, parts, targets) if fitted is None else fitted.classes
    selections = split(source, parts, targets, classes, seed)
    fitted = fitted or fit(source, selections["train"], classes, targets)
    for name in require_seen:
        source.require_seen(fitted.preprocessing, selections[name].samples)
    splits = transform(selections, fitted, precision)
    dataset = _dataset(source, parts, targets, selections, fitted, splits)
    return replace(dataset, selections=selections) if keep_selections else dataset


def open_samples(
    source: Source,
    path: Path,
    part: str,
    targets: Targets,
    precision: str,
    fitted: FittedData,
    *,
    allow_unseen: bool = False,
) -> tuple[Split, tuple[str, ...], Selection]:
    """All samples of another file than the source's own, notes on them, and the samples as the file holds them.

    part: train, validation or test: which samples are meant where the file holds some to train on and some to test on.
    fitted: what the checkpoint keeps. allow_unseen: whether a column may have no category that training saw. Raises
    DataError.
    """
    source = source_for(path, source, fitted.preprocessing.shape).for_other_files()
    samples = source.validate_samples(one_part(source.read(path), part, path), preprocessing=fitted.preprocessing)
    if not allow_unseen:
        source.require_seen(fitted.preprocessing, samples)
    selection = Selection(samples, encode(samples, targets, fitted.classes), np.arange(len(samples)))
    unseen = source.unseen(fitted.preprocessing, samples, selection.rows, "given")
    notes = (*samples.notes, *coding_notes(samples, targets), *unseen)
    return transform({part: selection}, fitted, precision)[part], notes, selection


def _classes(source: Source, parts: Parts, targets: Targets) -> tuple[str, ...]:
    if source.classes and targets != "classes":
        what = f"the targets of {parts.train.origin} are classes, and this loss takes others"
        raise DataError(Problem(what, path="loss", help="use the loss cross_entropy"))
    if source.classes:
        return source.classes
    return find_classes(samples for _, samples in parts) if targets == "classes" else ()


def _dataset(
    source: Source,
    parts: Parts,
    targets: Targets,
    selections: dict[str, Selection],
    fitted: FittedData,
    splits: dict[str, Split],
) -> Dataset:
    preprocessing = fitted.preprocessing
    of_files = {name: _of_file(chosen, parts, targets) for name, chosen in selections.items()}
    unseen = {
        name: tuple(source.unseen(preprocessing, chosen.samples, chosen.rows, name))
        for name, chosen in selections.items()
    }
    return Dataset(
        source=source.with_fitted(preprocessing),
        train=splits["train"],
        validation=splits.get("validation"),
        test=splits.get("test"),
        classes=fitted.classes,
        target_names=parts.train.target_names,
        preprocessing=preprocessing,
        transform=fitted.transform,
        hashes=hashes_of(parts.origins),
        missing={
            name: source.count_missing(preprocessing, chosen.samples, chosen.rows)
            for name, chosen in selections.items()
        },
        split_notes={name: (*of_files[name], *unseen[name]) for name in selections},
        notes=(
            *dict.fromkeys(chain.from_iterable(of_files.values())),
            *notes_of(
                selections,
                splits,
                preprocessing.output_names,
                (*preprocessing.input_ranges,),
                source.drawn,
                targets,
                fitted.classes,
            ),
            *chain.from_iterable(unseen.values()),
        ),
        selections={},
    )


def _of_file(selection: Selection, parts: Parts, targets: Targets) -> tuple[str, ...]:
    """Notes on the reading of the file of a split, with its name; that of the training samples needs none."""
    samples = selection.samples
    notes = (*samples.notes, *coding_notes(samples, targets))
    name = "" if samples.origin == parts.train.origin else f"{samples.origin}: "
    return tuple(note if note.startswith(name) else f"{name}{note}" for note in notes)
