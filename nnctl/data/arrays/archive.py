"""An NPZ file: a zip archive with an NPY file an array, opened one array at a time.

Source: NEP 1, "A Simple File Format for NumPy Arrays".
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from nnctl.data.arrays.npy import read_array
from nnctl.data.files import file_error, require_file, require_memory
from nnctl.data.source import Array
from nnctl.errors import DataError
from nnctl.regular_file import reading
from nnctl.text import did_you_mean, listed

COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Archive:
    """An open NPZ file."""

    def __init__(self, path: Path, file: zipfile.ZipFile) -> None:
        self.path = path
        self._file = file
        self._members = {info.filename.removesuffix(".npy"): info for info in file.infolist()}

    @property
    def names(self) -> list[str]:
        """Of all arrays, in the order of the file."""
        return list(self._members)

    def read(self, name: str) -> Array:
        """One array. What it declares is held against the limit before it is unpacked. Raises DataError."""
        with self.opened(name) as (member, size):
            require_memory(self.path, size, name)
            return read_array(self.path, member, size, name)

    @contextmanager
    def opened(self, name: str) -> Iterator[tuple[IO[bytes], int]]:
        """The NPY file of an array and its bytes, as declared. Every failure is a DataError."""
        if name not in self._members:
            x, y = self.names if len(self.names) == 2 else ("…", "…")
            naming = f"name the arrays: `arrays: {{x: {x}, y: {y}}}`"
            both = "save inputs and targets: numpy.savez(file, x=inputs, y=targets)"
            help = did_you_mean(name, self.names) or (naming if len(self.names) > 1 else both)
            raise file_error(self.path, f"has no array {name}; it has {listed(self.names) or 'none'}", help)
        info = self._members[name]
        if info.compress_type not in COMPRESSIONS or info.flag_bits & 1:
            what = f"{name} is encrypted or packed in an unknown way"
            raise file_error(self.path, what, "save it with numpy.savez_compressed")
        try:
            with self._file.open(info) as member:
                yield member, info.file_size
        except DataError:
            raise
        except Exception as error:  # damaged bytes make zipfile raise errors of many kinds
            raise file_error(self.path, f"{name} is damaged ({error})", "save it again") from None


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """The archive of a file. Raises DataError."""
    require_file(path)
    try:
        with reading(path, DataError), zipfile.ZipFile(path) as file:
            yield Archive(path, file)
    except (zipfile.BadZipFile, NotImplementedError) as error:  # the latter: a compression that zipfile does not know
        raise file_error(path, f"is not an NPZ file, or is damaged ({error})", "save it with numpy.savez") from None
