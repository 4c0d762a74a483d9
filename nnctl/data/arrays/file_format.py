"""Samples that are files of their own, such as recordings and pictures: in folders of classes, or named one by one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import ClassVar

from nnctl.data.arrays.array_format import ArrayFormat
from nnctl.data.arrays.preprocessing import ArrayPreprocessing
from nnctl.data.arrays.stream import RawInputs, stream_of
from nnctl.data.class_folders import FileKind, holds_files, split_folders
from nnctl.data.stream import Stream
from nnctl.errors import DataError
from nnctl.regular_file import reading, shown
from nnctl.text import listed


class FileFormat(ArrayFormat):
    """Base of the formats in which a sample is a file."""

    files: ClassVar[FileKind]

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """Such a file, or a folder that holds one, in it or up to two folders deeper."""
        return super().recognises(path) or holds_files(path, cls.files)

    def splits_in(self, path: Path) -> Collection[str]:
        with reading(path, DataError):
            path.stat()
        return split_folders(path, self.files) if path.is_dir() else super().splits_in(path)

    @abstractmethod
    def raw_inputs_of(self, paths: Sequence[Path]) -> RawInputs:
        """The inputs of files, and of all in folders and below, named as `files_named` says. Raises DataError."""

    def raw_inputs(self, path: Path) -> RawInputs:
        return self.raw_inputs_of([path])

    def stream_of_several(self, paths: Sequence[Path], preprocessing: ArrayPreprocessing, precision: str) -> Stream:
        origin = listed(map(shown, paths), 2)
        return stream_of(self.raw_inputs_of(paths), self._expected(preprocessing), preprocessing, precision, origin)
