"""Notes on a data set: what is not a mistake, but worth knowing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from nnctl.data.leaks import leak_notes
from nnctl.data.source import Drawn
from nnctl.data.splits.duplicates import row_hashes
from nnctl.data.splits.selection import Selection, Split
from nnctl.data.table.sentinels import sentinel_note, sentinels
from nnctl.data.table.suspects import note_on_ids
from nnctl.data.table.table import Table
from nnctl.data.targets import class_counts
from nnctl.errors import DataError, Problem
from nnctl.targets import Targets
from nnctl.text import listed, share


def notes_of(
    selections: dict[str, Selection],
    splits: dict[str, Split],
    names: tuple[str, ...],
    features: Sequence[str],
    drawn: Mapping[str, Drawn],
    targets: Targets,
    classes: tuple[str, ...],
) -> Iterator[str]:
    """Sentences for people. names: of the inputs, empty where they have none. features: the columns of a table that
    they are made of. drawn: what sets samples aside at random. Raises DataError where the training samples are all of
    one class.
    """
    train = selections["train"]
    yield from _constant_columns(splits["train"], names)
    if targets == "classes":
        yield from _absent_classes(selections, classes)
    else:
        yield from _constant_targets(train, targets)
    table = train.samples.inputs
    inputs = [table[name] for name in features] if isinstance(table, Table) else []
    yield from leak_notes(selections, inputs, drawn, are_classes=targets != "values")
    if isinstance(table, Table) and inputs:
        yield from filter(None, [note_on_ids(inputs)])
        if found := sentinels((table[name] for name in (*features, *train.samples.target_names)), train.rows):
            yield sentinel_note(found, as_options=False)
    others = {name: split for name, split in splits.items() if name != "train"}
    known = row_hashes(splits["train"]) if others else ()
    for name, split in others.items():
        if count := np.isin(row_hashes(split), known).sum():
            have = "has" if count == 1 else "have"
            yield f"{share(count, len(split), f'{name} samples')} {have} the same inputs as a training sample"


def _constant_columns(train: Split, names: tuple[str, ...]) -> Iterator[str]:
    if train.inputs.ndim == 2 and len(train) > 1 and train.lengths is None:
        inputs = train.raw(slice(None))
        constant = np.flatnonzero((inputs == inputs[0]).all(axis=0))
        names = names or tuple(str(column) for column in range(inputs.shape[1]))
        if len(constant):
            what = f"{len(constant):,} inputs are" if len(constant) > 1 else "an input is"
            yield f"{what} constant in the training samples: {listed(names[column] for column in constant)}"


def _constant_targets(train: Selection, targets: Targets) -> Iterator[str]:
    chosen = train.targets[train.rows].reshape(-1, train.targets.shape[-1])
    chosen = chosen[~np.isnan(chosen[:, 0])]
    constant = np.flatnonzero((chosen == chosen[0]).all(axis=0)) if len(chosen) > 1 else ()
    if targets == "binary" and len(constant) == chosen.shape[1]:
        raise _one_class(train)
    for column in constant:
        name = train.samples.target_names[column] if train.samples.target_names else str(column)
        yield f"the target {name} is {chosen[0, column]:g} in all training samples"


def _one_class(train: Selection) -> DataError:
    what = f"the {len(train.rows):,} training samples are all of one class"
    help = "two classes or more are needed: is it the right target?"
    return DataError(Problem(what, file=train.samples.origin, help=help))


def _absent_classes(selections: dict[str, Selection], classes: tuple[str, ...]) -> Iterator[str]:
    counts = {name: class_counts(chosen.targets[chosen.rows], len(classes)) for name, chosen in selections.items()}
    if np.count_nonzero(counts["train"]) == 1:
        raise _one_class(selections["train"])
    own = selections["train"].samples.unknown
    absent = [name for name, count in zip(classes, counts["train"], strict=True) if count == 0 and name != own]
    if absent:
        yield f"{'classes' if len(absent) > 1 else 'a class'} without a training sample: {listed(absent)}"
