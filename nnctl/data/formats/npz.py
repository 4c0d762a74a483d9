"""NumPy's NPZ: a zip archive with an NPY file an array, and NPY files alone.

Source: NEP 1, "A Simple File Format for NumPy Arrays".
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, ClassVar, Literal

import numpy as np

from nnctl.data.arrays.npy import layout_of, read_array, read_npy, read_pieces, require_size
from nnctl.data.arrays.source import ArraySource, RawInputs
from nnctl.data.files import file_error, require_file, require_memory
from nnctl.data.source import Array, Contents, Samples
from nnctl.errors import DataError
from nnctl.regular_file import reading, shown
from nnctl.spec import ConfigPath, Spec
from nnctl.text import did_you_mean, listed

COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class ArrayNames(Spec):
    """The names of the arrays in an NPZ file."""

    x: str = "x"
    """The inputs, (N, ...)."""
    y: str = "y"
    """The targets, (N,) or (N, K)."""
    x_test: str = "x_test"
    """Inputs to test on."""
    y_test: str = "y_test"
    """Targets to test on."""
    lengths: str = "lengths"
    """The lengths of inputs (N, T) or (N, T, F) that are padded sequences, (N,); they need not be there."""
    lengths_test: str = "lengths_test"
    """The lengths of the inputs to test on."""

    def is_set(self, field: str) -> bool:
        """Whether a name is not the one by default, so that its array must be there."""
        return bool(getattr(self, field) != getattr(ArrayNames(), field))


class NPZ(ArraySource):
    """An .npz file with the arrays x and y, and x_test and y_test where it has them; or an .npy file of inputs.

    Arrays lengths and lengths_test make the samples padded sequences.
    """

    format: Literal["npz"] = "npz"
    suffixes: ClassVar[tuple[str, ...]] = (".npz", ".npy")
    arrays: ArrayNames = ArrayNames()
    """The names of the arrays, where they are not x, y, x_test, y_test, lengths, lengths_test."""
    targets: ConfigPath | None = None
    """The .npy file with the targets, where `source` is an .npy file with the inputs."""

    def read(self, path: Path) -> Contents:
        """The arrays as they are. inputs: (N, ...); targets: (N,) or (N, K)."""
        if path.suffix.lower() == ".npy":
            return self._read_pair(path)
        with _archive(path) as archive:
            return self._read_archive(path, archive)

    def raw_inputs(self, path: Path) -> RawInputs:
        """The array x of an archive, or the one of an .npy file."""
        with self._inputs(path) as (file, size, name):
            layout = layout_of(path, file, name)
            require_size(path, layout, size, name)
        lengths = None
        if path.suffix.lower() != ".npy":
            with _archive(path) as archive:
                lengths = self._lengths(path, archive, "lengths")
        if layout.dtype.kind == "U":
            raise file_error(
                path, f"{name or 'it'} holds text, inputs are numbers", "save numbers: array.astype(float)"
            )
        if not layout.shape:
            raise file_error(path, f"{name or 'it'} is a single number", "save one row a sample")
        return RawInputs(layout.shape, self._pieces(path), lengths)

    def _pieces(self, path: Path) -> Iterator[Array]:
        with self._inputs(path) as (file, size, name):
            yield from read_pieces(path, file, size, name)

    @contextmanager
    def _inputs(self, path: Path) -> Iterator[tuple[IO[bytes], int, str]]:
        """The NPY file of the inputs, its bytes, and its name in the archive that it is in, if it is in one."""
        size = require_file(path)
        if path.suffix.lower() == ".npy":
            with reading(path, DataError), path.open("rb") as file:
                yield file, size, ""
            return
        name = self.arrays.x
        with _archive(path) as archive:
            info = _member(path, archive, name)
            with _unpacked(path, archive, info) as file:
                yield file, info.file_size, name

    def _read_pair(self, path: Path) -> Contents:
        if self.targets is None or str(path) != self.source:
            raise file_error(
                path,
                "holds inputs alone, the file of its targets is not known",
                "save both in one .npz file: numpy.savez(file, x=inputs, y=targets)"
                + (", or set `targets`" if self.targets is None else ""),
            )
        targets = Path(self.targets)
        samples = _paired(path, read_npy(path), read_npy(targets), shown(path), shown(targets))
        return Contents(train=samples, files=(path, targets))

    def _read_archive(self, path: Path, archive: zipfile.ZipFile) -> Contents:
        members = _members(archive)
        parts: dict[str, Samples | None] = {"train": None, "test": None}
        for part, fields, lengths in (("train", ("x", "y"), "lengths"), ("test", ("x_test", "y_test"), "lengths_test")):
            names = [getattr(self.arrays, field) for field in fields]
            wanted = part == "train" or any(map(self.arrays.is_set, fields))
            if not wanted and not any(name in members for name in names):
                continue
            x, y = (_read_member(path, archive, member) for member in [_member(path, archive, name) for name in names])
            samples = _paired(path, x, y, *names)
            parts[part] = replace(samples, lengths=self._lengths(path, archive, lengths))
        return Contents(train=parts["train"], test=parts["test"], files=(path,))

    def _lengths(self, path: Path, archive: zipfile.ZipFile, field: str) -> Array | None:
        """The lengths of this name of `arrays`; None where there are none and they were not asked for."""
        name = getattr(self.arrays, field)
        if name not in _members(archive) and not self.arrays.is_set(field):
            return None
        return _read_member(path, archive, _member(path, archive, name))


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    require_file(path)
    try:
        with reading(path, DataError), zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, NotImplementedError) as error:  # the latter: a compression that zipfile does not know
        raise file_error(path, f"is not an NPZ file, or is damaged ({error})", "save it with numpy.savez") from None


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The arrays by name."""
    return {info.filename.removesuffix(".npy"): info for info in archive.infolist()}


def _member(path: Path, archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    members = _members(archive)
    if name not in members:
        help = did_you_mean(name, list(members)) or "name them: `arrays: {x: …, y: …}`"
        raise file_error(path, f"has no array {name}; it has {listed(members) or 'none'}", help)
    return members[name]


def _paired(path: Path, inputs: Array, targets: Array, inputs_name: str, targets_name: str) -> Samples:
    if inputs.ndim == 0 or targets.ndim == 0:
        name = inputs_name if inputs.ndim == 0 else targets_name
        what = f"expected {name} to be an array with a row a sample, got a single number"
        raise file_error(path, what, "save one row a sample")
    if len(inputs) != len(targets):
        raise file_error(
            path,
            f"{inputs_name} has {len(inputs):,} samples, {targets_name} has {len(targets):,}",
            "each input needs its target",
        )
    if inputs.dtype.kind == "U":
        raise file_error(path, f"{inputs_name} holds text, inputs are numbers", "save numbers: array.astype(float)")
    if targets.ndim > 2:
        what = f"{targets_name} has {targets.ndim} axes, targets have one or two"
        raise file_error(path, what, "save one target, or one row of targets, a sample")
    return Samples(inputs if inputs.ndim > 1 else inputs[:, np.newaxis], targets, origin=shown(path))


def _read_member(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    """One array of an archive. What it declares is held against the limit before it is unpacked."""
    name = info.filename.removesuffix(".npy")
    with _unpacked(path, archive, info) as member:
        require_memory(path, info.file_size, name)
        return read_array(path, member, info.file_size, name)


@contextmanager
def _unpacked(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    """A member as a file, in which every failure is a DataError."""
    name = info.filename.removesuffix(".npy")
    if info.compress_type not in COMPRESSIONS or info.flag_bits & 1:
        raise file_error(
            path, f"{name} is encrypted or packed in an unknown way", "save it with numpy.savez_compressed"
        )
    try:
        with archive.open(info) as member:
            yield member
    except DataError:
        raise
    except Exception as error:  # damaged bytes make zipfile raise errors of many kinds
        raise file_error(path, f"{name} is damaged ({error})", "save it again") from None
