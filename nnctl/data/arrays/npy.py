"""NumPy's NPY: one array. Nothing in it is executed: arrays of Python objects, which are pickles, are refused.

Source: NEP 1, "A Simple File Format for NumPy Arrays".
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from nnctl.data.files import file_error, require_file, require_memory
from nnctl.data.source import Array
from nnctl.data.stream import pieces
from nnctl.errors import DataError
from nnctl.regular_file import reading

TEXT = "US"  # Unicode, bytes
KINDS = f"biuf{TEXT}"  # truth values, whole numbers, floats, text
LONGEST_HEADER = 1 << 16  # bytes; those of plain arrays have 128
MOST_AXES = 8
WITHOUT_OBJECTS = (
    "save words with array.astype(str), numbers with array.astype(float); arrays of different lengths have to be padded"
)
PICKLES = "holds Python objects: they are pickles, which could run code when read"


class Layout(NamedTuple):
    """What an NPY header says. fortran: whether the first axis is the one that runs fastest. start: of the elements."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[Any]
    start: int

    @property
    def size(self) -> int:
        """Bytes of the elements."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_npy(path: Path) -> Array:
    """The array of one NPY file. Raises DataError."""
    size = require_file(path)
    with reading(path, DataError), path.open("rb") as file:
        return read_array(path, file, size, "")


def read_array(path: Path, file: IO[bytes], size: int, name: str) -> Array:
    """The array of an open NPY file. size: its bytes, as declared by the archive that it is in, where it has a name."""
    layout = layout_of(path, file, name)
    subject = _subject(name)
    bytes_each = layout.dtype.itemsize * (4 if layout.dtype.kind == "S" else 1)  # decoded, a letter takes four
    needed = math.prod(layout.shape) * max(bytes_each, 4)
    require_memory(path, needed, f"{subject}an array of shape {layout.shape}")
    require_size(path, layout, size, name)
    content = file.read(layout.size)
    if len(content) != layout.size or file.read(1):
        raise file_error(path, f"{subject}is truncated or damaged", "save it again")
    array = np.frombuffer(content, layout.dtype)
    if layout.dtype.kind == "U":
        _require_text(path, array, subject)
    if layout.dtype.kind == "S":
        array = _decoded(path, array, subject)
    shaped = array.reshape(layout.shape, order="F" if layout.fortran else "C")
    return shaped.astype(array.dtype.newbyteorder("="), order="C", copy=False)


def read_pieces(path: Path, file: IO[bytes], size: int, name: str) -> Iterator[Array]:
    """As `read_array`, some rows at a time; an array in Fortran's order is in memory as a whole all the same."""
    begin = file.tell()
    layout = layout_of(path, file, name)
    if layout.fortran:
        file.seek(begin)
        yield read_array(path, file, size, name)
        return
    require_size(path, layout, size, name)
    try:
        yield from pieces(file, layout.dtype, layout.shape)
    except EOFError as error:
        raise file_error(path, f"{_subject(name)}is truncated or damaged: {error}", "save it again") from None


def layout_of(path: Path, file: IO[bytes], name: str) -> Layout:
    """What the header says, if it is an array that can be read, of one element or more. Raises DataError."""
    subject = _subject(name)
    layout = _header(path, file, subject)
    dtype = layout.dtype
    if dtype.hasobject:
        raise file_error(path, subject + PICKLES, WITHOUT_OBJECTS)
    if (
        dtype.kind not in KINDS
        or (dtype.itemsize not in (1, 2, 4, 8) and dtype.kind not in TEXT)
        or dtype.itemsize == 0
    ):
        what = f"{subject}holds elements of type {dtype}, numbers were expected"
        raise file_error(path, what, f"save numbers: {_as_numbers(dtype)}")
    if layout.size == 0:
        raise file_error(path, f"{subject}holds no samples: its shape is {layout.shape}", "give at least one sample")
    return layout


def _as_numbers(dtype: np.dtype[Any]) -> str:
    """What makes numbers of all that an array of this type holds."""
    if dtype.names:
        return "numpy.stack([array[name] for name in array.dtype.names], axis=-1)"
    if dtype.kind == "c":
        return "numpy.stack([array.real, array.imag], axis=-1)"
    return "array.astype(float)"


def require_size(path: Path, layout: Layout, size: int, name: str) -> None:
    """Refuse an array whose shape does not take the bytes that there are. size: of the NPY file."""
    if layout.start + layout.size != size:
        raise file_error(
            path,
            f"{_subject(name)}shape {layout.shape} takes {layout.size:,} bytes, the file has {size - layout.start:,} "
            "for it",
            "the file is truncated or damaged: save it again",
        )


def _subject(name: str) -> str:
    return f"{name}: " if name else ""


def _header(path: Path, file: IO[bytes], subject: str) -> Layout:
    start = file.read(8)
    version = tuple(start[6:])
    if start[:6] != np.lib.format.MAGIC_PREFIX or version not in ((1, 0), (2, 0)):
        raise file_error(
            path, f"{subject}is not an NPY array of format 1.0 or 2.0", "save it with numpy.save or numpy.savez"
        )
    prefix = file.read(2 if version == (1, 0) else 4)
    length = int.from_bytes(prefix, "little")
    if length > LONGEST_HEADER:
        raise file_error(path, f"{subject}has a header of {length:,} bytes: it is damaged", "save it again")
    header = io.BytesIO(prefix + file.read(length))
    parse = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shape, fortran, dtype = parse(header)
    except Exception:  # a header is a Python literal: hostile ones make the parser raise nearly anything
        raise file_error(path, f"{subject}has a header that cannot be read: it is damaged", "save it again") from None
    if len(shape) > MOST_AXES or any(size < 0 for size in shape):
        what = f"{subject}has the shape {shape}, at most {MOST_AXES} axes were expected"
        raise file_error(path, what, "reshape it, and save it again")
    return Layout(shape, fortran, dtype, len(start) + len(prefix) + length)


def _require_text(path: Path, array: Array, subject: str) -> None:
    """Bytes that are no Unicode would break wherever they are printed."""
    codes = array.view(array.dtype.str.replace(f"U{array.dtype.itemsize // 4}", "u4"))
    if ((codes > 0x10FFFF) | ((codes >= 0xD800) & (codes <= 0xDFFF))).any():
        raise file_error(path, f"{subject}holds text that is not Unicode", "the file is damaged: save it again")


def _decoded(path: Path, array: Array, subject: str) -> Array:
    """Bytes as the UTF-8 text that they are."""
    try:
        return np.char.decode(array, "utf-8")
    except UnicodeDecodeError:
        what = f"{subject}holds bytes that are not UTF-8 text"
        raise file_error(path, what, "decode them, and save text: numpy.char.decode(array, 'latin-1')") from None
