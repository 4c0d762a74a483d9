"""What there is to learn from: a folder of pictures in folders of classes, or a list that names pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nnctl.data.class_folders import class_folders, require_classes
from nnctl.data.files import file_error
from nnctl.data.formats.images import Images
from nnctl.data.images.decoding import look_at
from nnctl.data.images.file_list import read_list
from nnctl.data.images.frame_of import frame_of
from nnctl.data.images.pillow import require_pillow
from nnctl.data.images.resizing import Frame
from nnctl.data.table.table import Column, Table
from nnctl.drafting.task import Task, task_of
from nnctl.text import by, counted, listed, shown_number


@dataclass(frozen=True)
class Looked:
    """What the headers of pictures say."""

    frame: Frame
    """What those to train on become."""
    sizes: str
    """Those that they have, for people; empty where all have the frame's."""
    damaged: int
    """How many, in all splits, are no pictures."""


@dataclass(frozen=True)
class Pictures:
    """Pictures, and what is to be learnt of each."""

    task: Task
    counts: dict[str, int]
    """Pictures by split: train, and validation and test where they have folders of their own."""
    classes: dict[str, dict[str, int]]
    """By class, how many pictures of it each split has; empty where values are learnt."""
    looked: Looked
    notes: tuple[str, ...]
    file: str = ""
    """The column of a list that names them; empty for a folder."""
    table: Table | None = None
    """The columns of a list that are to be learnt."""

    @property
    def names(self) -> list[str]:
        """Of the classes."""
        return list(self.classes)

    @property
    def targets(self) -> tuple[str, ...]:
        """The columns of a list that are to be learnt."""
        return () if self.table is None else self.table.names


def pictures_in_folders(folder: Path) -> Pictures:
    """Those in folders of classes, which may lie in folders of splits. Raises DataError."""
    require_pillow(folder)
    folders = class_folders(folder, Images.files)
    require_classes(folder, folders, "pictures")
    if "train" not in folders.splits:
        has = f"has folders of {listed(folders.splits)} pictures, and none to train on"
        raise file_error(folder, has, "put those to train on into a folder beside them, train")
    counts = {split: len(own.files) for split, own in folders.splits.items()}
    names = sorted({name for own in folders.splits.values() for name in own.classes})
    classes = {name: {split: own.classes.count(name) for split, own in folders.splits.items()} for name in names}
    task = Task("cross_entropy", len(names), ("accuracy", "f1"), (), f"{len(names):,} classes")
    looked = _look([own.files for own in folders.splits.values()])
    return Pictures(task, counts, classes, looked, _notes([folders.note], looked))


def pictures_in_list(path: Path, file: str, targets: Sequence[str]) -> Pictures:
    """Those that a column of a table names, to learn other columns of it. Raises DataError."""
    require_pillow(path)
    own = read_list(path, file, targets)
    table = Table(tuple(own.table[name] for name in targets), own.table.lines, own.table.origin)
    task = task_of(table, targets)
    classes = _classes(table.columns[0]) if task.loss == "cross_entropy" else {}
    looked = _look([own.files])
    return Pictures(task, {"train": len(table)}, classes, looked, _notes(own.notes, looked), file, table)


def _classes(column: Column) -> dict[str, dict[str, int]]:
    values, counts = np.unique(column.values, return_counts=True)
    names = [column.labels[int(value)] if column.labels else shown_number(value) for value in values]
    return {name: {"train": int(count)} for name, count in zip(names, counts, strict=True)}


def _look(splits: Sequence[Sequence[Path]]) -> Looked:
    """splits: files, those to train on first. Raises DataError where none of them is a picture."""
    first, *others = map(look_at, splits)
    looks = first.sound()
    if not looks:
        first.require_sound()
    frame = frame_of(looks, None, "fit", None)
    sizes = sorted({look.size for look in looks}, key=lambda size: (size[0] * size[1], size))
    ends = [by(size) for size in (sizes[0], sizes[-1])]
    said = "" if sizes == [frame.size] else ends[0] if len(sizes) == 1 else f"from {ends[0]} to {ends[1]}"
    return Looked(frame, said, sum(len(seen.damaged) for seen in (first, *others)))


def _notes(notes: Sequence[str], looked: Looked) -> tuple[str, ...]:
    damaged = ""
    if looked.damaged:
        are, them = ("is no picture", "it") if looked.damaged == 1 else ("are no pictures", "them")
        damaged = (
            f"{counted(looked.damaged, 'file')} {are}: `damaged: skip` leaves {them} out, and training names {them}"
        )
    return tuple(note for note in (*notes, damaged) if note)
