"""Notes on columns that make a score too good: they tell the target, or name what rows of both splits belong to.

Where a split is drawn at random, and most rows held out have a value of such a name that training has, too, rows of one
value are to stay together. Whether the column is an input does not matter, for the rows of one patient are alike in
others as well. Of other inputs that tell the target, people have to say whether they are known before it is.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from nnctl.data.source import Drawn
from nnctl.data.splits.groups import group_of, is_grouped
from nnctl.data.splits.selection import Selection
from nnctl.data.splits.split import Fold
from nnctl.data.table.remedies import in_yaml
from nnctl.data.table.suspects import copies_of
from nnctl.data.table.table import Array, Column
from nnctl.data.table.telling import telling
from nnctl.text import listed


class Leak(str):
    """A note on inputs that tell the target. columns: their names."""

    columns: tuple[str, ...]

    def __new__(cls, text: str, columns: Sequence[str]) -> Leak:
        note = super().__new__(cls, text)
        note.columns = tuple(columns)
        return note


def leak_notes(
    selections: Mapping[str, Selection],
    inputs: Sequence[Column],
    drawn: Mapping[str, Drawn],
    *,
    are_classes: bool,
) -> Iterator[str]:
    """Sentences for people. inputs: the columns that the network reads. drawn: the parts drawn at random."""
    train = selections["train"]
    columns = (*inputs, *train.samples.beside)
    if not columns:
        return
    held_out = np.concatenate([train.rows[:0], *(selections[name].rows for name in drawn)])
    rows = np.concatenate([train.rows, held_out])
    kept_together = {group_of(part) for part in drawn.values() if is_grouped(part)}
    groups: dict[str, tuple[int, str]] = {}  # by column, how many values it has, and the target that they tell
    for number, target in enumerate(train.targets.reshape(len(train.targets), -1).T):
        name = train.samples.target_names[number]
        copies = copies_of(inputs, train.rows, target)
        found = telling(columns, rows, target, are_classes=are_classes)
        for column in found.by_value:
            if column.name in found.groups and _is_known(column, train.rows, held_out):
                groups[column.name] = (found.groups[column.name], name)
        ordered = {column.name for column in (*found.by_order, *found.by_line)}
        by_value = {column.name for column in found.by_value} - groups.keys() - kept_together
        nearly = [one.name for one in inputs if one.name in ordered | by_value and one.name not in copies]
        yield from _on_telling(copies, f"the target {name} exactly in all training samples")
        yield from _on_telling(nearly, f"the target {name} in nearly all samples")
    if groups:
        group, (count, name) = min(groups.items(), key=lambda item: item[1][0])  # others may be inside of these
        splits = " and ".join(drawn)
        what = f"rows with the same {group} have the same {name} ({count:,} values in {len(rows):,} rows)"
        why = f"{splits} samples have values that training has, so their score says little about others"
        yield f"{what}, and {why}; {_remedy(group, drawn)}, which keeps rows of one value together"


def _is_known(column: Column, train: Array, held_out: Array) -> bool:
    """Whether most rows that are held out have a value that training has."""
    known = np.isin(column.values[held_out], column.values[train])
    return 2 * int(np.count_nonzero(known)) > len(held_out)


def _on_telling(names: Sequence[str], what: str) -> Iterator[Leak]:
    if names:
        tell = "tell" if len(names) > 1 else "tells"
        text = f"{listed(names)} {tell} {what}: is it known before the target is? else exclude it from `features`"
        yield Leak(text, names)


def _remedy(column: str, drawn: Mapping[str, Drawn]) -> str:
    """What to write, so that rows of one value stay together in all that is drawn."""
    name = "test" if "test" in drawn else "validation"
    part = drawn[name]
    if isinstance(part, Fold):
        return f"add `--group {shlex.quote(column)}` to `--folds {part.folds}`"
    share = part if isinstance(part, float) else part.share
    return f"set `{name}: {{column: {in_yaml(column)}, share: {share}}}`"
