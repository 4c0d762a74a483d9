"""NumPy's NPZ and NPY. Nothing in them is executed: arrays of Python objects, which are pickles, are refused.

Source: NEP 1, "A Simple File Format for NumPy Arrays"; an NPZ is a zip archive with an NPY file an array.
"""

from __future__ import annotations

import io
import math
import warnings
import zipfile
from pathlib import Path
from typing import IO, Any, ClassVar, Literal

import numpy as np

from nnctl.data.array_source import ArraySource
from nnctl.data.files import fault, reading, require_file, require_memory, shown
from nnctl.data.source import Array, Contents, Samples
from nnctl.data.text import did_you_mean, listed
from nnctl.errors import DataError
from nnctl.spec import ConfigPath, Spec

KINDS = "biufU"  # truth values, whole numbers, floats, text
LONGEST_HEADER = 1 << 16  # bytes; those of plain arrays have 128
MOST_AXES = 8
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
PICKLES = "holds Python objects: they are pickles, which could run code when read"


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


class NPZ(ArraySource):
    """An .npz file with the arrays x and y, and x_test and y_test where it has them; or an .npy file of inputs."""

    format: Literal["npz"] = "npz"
    suffixes: ClassVar[tuple[str, ...]] = (".npz", ".npy")
    arrays: ArrayNames = ArrayNames()
    """The names of the arrays, where they are not x, y, x_test, y_test."""
    targets: ConfigPath | None = None
    """The .npy file with the targets, where `source` is an .npy file with the inputs."""

    def read(self, path: Path) -> Contents:
        """The arrays as they are. inputs: (N, ...); targets: (N,) or (N, K)."""
        if path.suffix.lower() == ".npy":
            return self._read_pair(path)
        size = require_file(path)
        try:
            with reading(path), zipfile.ZipFile(path) as archive:
                return self._read_archive(path, archive, size)
        except (zipfile.BadZipFile, NotImplementedError) as error:
            raise fault(path, f"is no NPZ file or is damaged ({error})", "save it with numpy.savez") from None

    def _read_pair(self, path: Path) -> Contents:
        if self.targets is None or str(path) != self.source:
            raise fault(
                path,
                "holds inputs alone, the file of its targets is not known",
                "save both in one .npz file: numpy.savez(file, x=inputs, y=targets)"
                + (", or set `targets`" if self.targets is None else ""),
            )
        targets = Path(self.targets)
        samples = _paired(path, read_npy(path), read_npy(targets), shown(path), shown(targets))
        return Contents(train=samples, files=(path, targets))

    def _read_archive(self, path: Path, archive: zipfile.ZipFile, size: int) -> Contents:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        parts: dict[str, Samples | None] = {"train": None, "test": None}
        for part, inputs, targets in (("train", "x", "y"), ("test", "x_test", "y_test")):
            names = [getattr(self.arrays, field) for field in (inputs, targets)]
            renamed = any(getattr(self.arrays, field) != getattr(ArrayNames(), field) for field in (inputs, targets))
            wanted = part == "train" or renamed
            if not wanted and not any(name in members for name in names):
                continue
            for name in names:
                if name not in members:
                    raise fault(path, f"has no array {name}; it has {listed(members) or 'none'}", _help(name, members))
            x, y = (_read_member(path, archive, members[name], size) for name in names)
            parts[part] = _paired(path, x, y, *names)
        return Contents(train=parts["train"], test=parts["test"], files=(path,))


def _help(name: str, members: dict[str, Any]) -> str:
    return did_you_mean(name, list(members)) or "say which is which: `arrays: {x: …, y: …}`"


def _paired(path: Path, inputs: Array, targets: Array, inputs_name: str, targets_name: str) -> Samples:
    if inputs.ndim == 0 or targets.ndim == 0:
        name = inputs_name if inputs.ndim == 0 else targets_name
        what = f"{name} is a single number, an array with a row a sample was expected"
        raise fault(path, what, "save one row a sample")
    if len(inputs) != len(targets):
        raise fault(
            path,
            f"{inputs_name} has {len(inputs):,} samples, {targets_name} has {len(targets):,}",
            "each input needs its target",
        )
    if inputs.dtype.kind == "U":
        raise fault(path, f"{inputs_name} holds text, inputs are numbers", "save numbers: array.astype(float)")
    if targets.ndim > 2:
        what = f"{targets_name} has {targets.ndim} axes, targets have one or two"
        raise fault(path, what, "save one target, or one row of targets, a sample")
    return Samples(inputs if inputs.ndim > 1 else inputs[:, np.newaxis], targets, origin=shown(path))


def read_npy(path: Path) -> Array:
    """The array of one NPY file."""
    size = require_file(path)
    with reading(path), path.open("rb") as file:
        return _read_array(path, file, size, size, "")


def _read_member(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int) -> Array:
    """One array of an archive. What it declares is held against the limit and the archive before it is unpacked."""
    name = info.filename.removesuffix(".npy")
    if info.compress_type not in COMPRESSIONS or info.flag_bits & 1:
        raise fault(path, f"{name} is encrypted or packed in an unknown way", "save it with numpy.savez_compressed")
    require_memory(path, info.file_size, name)
    try:
        with archive.open(info) as member:
            return _read_array(path, member, info.file_size, size, name)
    except DataError:
        raise
    except Exception as error:  # damaged bytes make zipfile raise errors of many kinds
        raise fault(path, f"{name} is damaged ({error})", "save it again") from None


def _read_array(path: Path, file: IO[bytes], size: int, on_disk: int, name: str) -> Array:
    """size: bytes of the NPY file, as declared by the archive where it is in one."""
    subject = f"{name}: " if name else ""
    shape, fortran, dtype, start = _header(path, file, subject)
    if dtype.hasobject:
        raise fault(path, subject + PICKLES, "save numbers: array.astype(float)")
    if dtype.kind not in KINDS or (dtype.itemsize not in (1, 2, 4, 8) and dtype.kind != "U") or dtype.itemsize == 0:
        what = f"{subject}holds elements of type {dtype}, numbers were expected"
        raise fault(path, what, "save numbers: array.astype(float)")
    count = math.prod(shape)
    if count == 0:
        raise fault(path, f"{subject}holds no samples: its shape is {shape}", "give at least one sample")
    require_memory(path, count * max(dtype.itemsize, 4), f"{subject}an array of shape {shape}")
    if start + count * dtype.itemsize != size:
        raise fault(
            path,
            f"{subject}shape {shape} takes {count * dtype.itemsize:,} bytes, the file has {size - start:,} for it",
            "the file is truncated or damaged: save it again",
        )
    content = file.read(count * dtype.itemsize)
    if len(content) != count * dtype.itemsize or file.read(1):
        raise fault(path, f"{subject}is truncated or damaged", "save it again")
    array = np.frombuffer(content, dtype)
    if dtype.kind == "U":
        _require_text(path, array, subject)
    shaped = array.reshape(shape, order="F" if fortran else "C")
    return shaped.astype(dtype.newbyteorder("="), order="C", copy=False)


def _header(path: Path, file: IO[bytes], subject: str) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """shape, whether in Fortran's order, dtype, and where the elements start."""
    start = file.read(8)
    version = tuple(start[6:])
    if start[:6] != np.lib.format.MAGIC_PREFIX or version not in ((1, 0), (2, 0)):
        raise fault(path, f"{subject}is no NPY array of format 1.0 or 2.0", "save it with numpy.save or numpy.savez")
    prefix = file.read(2 if version == (1, 0) else 4)
    length = int.from_bytes(prefix, "little")
    if length > LONGEST_HEADER:
        raise fault(path, f"{subject}has a header of {length:,} bytes: it is damaged", "save it again")
    header = io.BytesIO(prefix + file.read(length))
    parse = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shape, fortran, dtype = parse(header)
    except Exception:  # a header is a Python literal: hostile ones make the parser raise nearly anything
        raise fault(path, f"{subject}has a header that cannot be read: it is damaged", "save it again") from None
    if len(shape) > MOST_AXES or any(size < 0 for size in shape):
        what = f"{subject}has the shape {shape}, at most {MOST_AXES} axes were expected"
        raise fault(path, what, "reshape it, and save it again")
    return shape, fortran, dtype, len(start) + len(prefix) + length


def _require_text(path: Path, array: Array, subject: str) -> None:
    """Bytes that are no Unicode would break wherever they are printed."""
    codes = array.view(array.dtype.str.replace(f"U{array.dtype.itemsize // 4}", "u4"))
    if ((codes > 0x10FFFF) | ((codes >= 0xD800) & (codes <= 0xDFFF))).any():
        raise fault(path, f"{subject}holds text that is no Unicode", "the file is damaged: save it again")
