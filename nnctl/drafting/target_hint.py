"""How a target is read where it is not as an input would be: what is odd or missing there may be a class here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.table import Column
from nnctl.drafting.column_profile import present
from nnctl.drafting.task import has_numbered_classes
from nnctl.text import is_number, listed, quoted


def hint_as_target(column: Column, hint: ColumnHint, missing: Sequence[str]) -> ColumnHint | None:
    """The hint for reading the target again; None where it is right as it was read. missing: words that surely mean it.

    Numbers that name classes are read as words, so those that are none are labels, too. Where there is but one class,
    the usual words for a missing value are labels.
    """
    if column.odd and has_numbered_classes(column.take(~column.missing)):
        return replace(hint, kind="category", decimal=None, unit=None)
    if column.kind != "date" and column.missing.any() and len(np.unique(present(column))) == 1:
        return replace(hint, kind="category", decimal=None, unit=None, missing=tuple(missing))
    return None


def target_note(before: Column, column: Column) -> str:
    """What to tell of a target that was read again, nothing where that gave no class. before: as read at first."""
    counts = np.bincount(column.values[~column.missing], minlength=len(column.labels)).tolist()
    new = {label: count for label, count in zip(column.labels, counts, strict=True) if not _is_in(label, before)}
    if not new:
        return ""
    words = listed((f"{count:,} {quoted(label)}" for label, count in new.items()), 3)
    note = f"column {column.name}, the target: {words} {'is' if sum(new.values()) == 1 else 'are'} taken for a class"
    if before.odd:
        return f"{note}, as the numbers are; where such a word means missing, add --missing WORD"
    return f"{note}, not for missing: there is only one other"


def _is_in(label: str, column: Column) -> bool:
    if column.kind == "number":
        return is_number(label) and float(label) in column.values
    return label in column.labels
