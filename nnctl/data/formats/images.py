"""Pictures: files in folders of classes, or in a list with their targets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from nnctl.data.arrays.file_format import FileFormat
from nnctl.data.arrays.stream import RawInputs
from nnctl.data.class_folders import FileKind, class_folders, files_named, require_classes
from nnctl.data.files import file_error
from nnctl.data.images.decoding import Seen, look_at
from nnctl.data.images.file_list import is_list, read_list
from nnctl.data.images.frame_of import frame_of
from nnctl.data.images.notes import notes_on
from nnctl.data.images.pictures import Pictures, decoded, pieces
from nnctl.data.images.pillow import require_pillow
from nnctl.data.images.resizing import Frame, Mode, Resize
from nnctl.data.source import Contents, Samples
from nnctl.data.splits.row_rule import RowRule
from nnctl.data.table.column_name import ColumnName
from nnctl.data.table.target_transform import Steps, TargetStep
from nnctl.errors import DataError
from nnctl.regular_file import reading, shown


def _names(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _square(value: Any) -> Any:
    return [value, value] if isinstance(value, int) and not isinstance(value, bool) else value


Names = Annotated[list[ColumnName], BeforeValidator(_names, json_schema_input_type=str | list[str])]
Side = Annotated[int, Field(ge=1, le=4096)]
Size = Annotated[
    list[Side],
    Field(min_length=2, max_length=2),
    BeforeValidator(_square, json_schema_input_type=int | list[int]),
]


class Images(FileFormat):
    """A folder of PNG, JPEG, GIF, BMP and WebP files in folders that have the names of their classes: `cat/1.jpg`, or
    `train/cat/1.jpg` and `test/cat/1.jpg`; or a CSV file with a row a picture. Needs `pip install 'nnctl[images]'`.

    Each picture becomes height × width × channels bytes, all of one size.
    """

    format: Literal["images"] = "images"
    files: ClassVar[FileKind] = FileKind((".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp"), "picture")
    suffixes: ClassVar[tuple[str, ...]] = files.suffixes
    other_files: ClassVar[str] = "pictures, or an .npy, .npz or IDX file"
    file: ColumnName | None = None
    """The column of a CSV file that names the pictures; paths in it start from the folder that the file lies in."""
    target: Names = Field(default_factory=list)
    """The column of a CSV file that is to be predicted, a class or a number, or a list of columns."""
    target_transform: Steps | None = None
    """log, standard, both in this order, or none, for targets that are values; undone in metrics and predictions."""
    size: Size | None = None
    """Height and width that all pictures are made: [48, 64], or 64 for a square. Unset: theirs, if all are alike."""
    resize: Resize = "fit"
    """How: fit, whole, with black around them; crop, the middle of them; stretch, whole and distorted."""
    mode: Mode | None = None
    """What a pixel is: one number (grey) or three (rgb). Unset: grey if all pictures to train on are."""
    damaged: Literal["refuse", "skip"] = "refuse"
    """What becomes of pictures that cannot be decoded: an error, or they are left out, with a note that names them.
    `nnctl predict` refuses them."""

    @model_validator(mode="after")
    def _is_a_whole_list(self) -> Self:
        if self.file is not None and not self.target:
            raise ValueError("has `file` and no `target`; name the column of the targets, too")
        if self.target and self.file is None:
            raise ValueError("has `target` and no `file`; name the column of the pictures, too")
        return self

    @property
    def target_steps(self) -> list[TargetStep]:
        return self.target_transform or []

    def reads(self, path: Path) -> bool:
        """Also a table, where a column of it names pictures."""
        return self.file is not None and is_list(path)

    def for_shape(self, shape: Sequence[int]) -> Self:
        """For a network that was trained on arrays of pictures, (H, W) or (H, W, 1 or 3): in their size."""
        height, width, channels = (*shape, 1)[:3] if len(shape) in (2, 3) else (0, 0, 0)
        if channels not in (1, 3):
            return self
        return self.model_copy(update={"size": [height, width], "mode": "grey" if channels == 1 else "rgb"})

    def read(self, path: Path) -> Contents:
        """The pictures of a folder's splits, or all as training samples.

        inputs: (N, H, W, C) uint8; targets: (N,), the names of the classes, or as the list has them, (N,) or (N, K).
        """
        with reading(path, DataError):
            is_folder = path.is_dir()
            path.stat()
        require_pillow(path)
        splits = self._in_folders(path) if is_folder else {"train": self._in_list(path)}
        first = next(iter(splits.values()))  # those to train on, where there are any
        is_own = path == Path(self.source)
        help = "`damaged: skip` leaves such pictures out" if is_own and self.damaged == "refuse" else ""
        frame = self._frame(first.files, help)
        parts = decoded(splits, frame, skip=self.damaged == "skip", help=help)
        files = [file for pictures in splits.values() for file in pictures.files]
        return Contents(parts.get("train"), parts.get("test"), parts.get("validation"), (*_of_list(path), *files))

    def raw_inputs_of(self, paths: Sequence[Path]) -> RawInputs:
        """The pictures; of a list, where it is the only path, those that it names."""
        require_pillow(paths[0])
        if self.file is not None and len(paths) == 1 and is_list(paths[0]):
            own = read_list(paths[0], self.file)
            files, names, ignored = own.files, own.names, own.notes
        else:
            found = files_named(paths, self.files)
            files, names, ignored = found[0], tuple(found[1]), tuple(found[2])
        frame = self._frame(files)
        seen: list[Seen] = []

        def final_notes() -> tuple[str, ...]:
            return notes_on(Seen(tuple(look for some in seen for look in some.looks)), frame, names)

        shape = (len(files), *frame.shape)
        return RawInputs(shape, pieces(files, frame, seen), notes=ignored, names=names, final_notes=final_notes)

    def infer(self, samples: Samples) -> Self:
        """With the size and the mode."""
        return self.model_copy(update=dict(samples.found))

    def _in_folders(self, path: Path) -> dict[str, Pictures]:
        folders = class_folders(path, self.files)
        if path == Path(self.source):
            require_classes(path, folders, "pictures")
        notes = (folders.note,) if folders.note else ()
        return {
            split: Pictures(own.files, own.names, shown(own.folder), np.array(own.classes), notes=notes)
            for split, own in folders.splits.items()
        }

    def _in_list(self, path: Path) -> Pictures:
        if not is_list(path):
            help = "name the folder that holds the folders of classes; `nnctl predict` takes a single picture"
            raise file_error(path, "is one file, and a picture's class is the name of its folder", help)
        if self.file is None:
            raise file_error(path, "is a table, and which column names the pictures?", "set `file` and `target`")
        rules = [part for part in (self.validation, self.test) if isinstance(part, RowRule)]
        columns = [rule.column for rule in rules] if path == Path(self.source) else []
        own = read_list(path, self.file, self.target, columns)
        names = tuple(self.target)
        return Pictures(own.files, own.names, shown(path), own.targets, names, own.labels, own.table, own.notes)

    def _frame(self, files: Sequence[Path], help: str = "") -> Frame:
        """What pictures are made: these are looked at where the keys leave it open. Raises DataError."""
        if self.size is not None and self.mode is not None:
            return Frame(self.size[0], self.size[1], self.resize, self.mode)
        seen = look_at(files)
        if self.damaged == "refuse" or not seen.sound():
            seen.require_sound(help)
        return frame_of(seen.sound(), self.size, self.resize, self.mode)


def _of_list(path: Path) -> tuple[Path, ...]:
    return () if path.is_dir() else (path,)
