"""IDX: the format of MNIST. A folder of files, plain or gzipped, one with images and one with labels a split.

Source: LeCun, Cortes, Burges, "The MNIST database", section "File formats": two zero bytes, a byte for the type,
a byte for the number of axes, the axes' sizes as big-endian uint32, then the elements in C order, big-endian.
"""

from __future__ import annotations

import gzip
import math
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedIOBase
from pathlib import Path
from typing import Any, Literal

import numpy as np

from nnctl.data.arrays.source import ArraySource
from nnctl.data.arrays.stream import RawInputs
from nnctl.data.files import file_error, require_file, require_memory
from nnctl.data.source import Array, Contents, Samples
from nnctl.data.stream import pieces
from nnctl.errors import DataError, Problem
from nnctl.regular_file import reading, shown
from nnctl.text import by, listed

NAME = re.compile(r"(?P<part>.*?)[-._]?(?P<what>images|labels)[-.]idx(?P<axes>\d)[-.](?P<kind>\w+?)(?P<gz>\.gz)?")
TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
TEST_PARTS = ("t10k", "test")
MOST_AXES = 8


class IDX(ArraySource):
    """A folder of IDX files with MNIST's names (train-images-idx3-ubyte.gz, train-labels-…, t10k-…).

    `source` may also be one images file, with its labels file beside it.
    """

    format: Literal["idx"] = "idx"

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """A folder that holds a file with a name like MNIST's, or such a file."""
        with suppress(OSError, ValueError):  # ValueError: a NUL in the path
            if path.is_dir():
                return any(NAME.fullmatch(file.name) for file in path.iterdir())
        return NAME.fullmatch(path.name) is not None

    def read(self, path: Path) -> Contents:
        """The pairs of a folder, or the pair of one images file. Images (N, H, W) become (N, H, W, 1)."""
        pairs = _pairs(path)
        test = next((part for part in TEST_PARTS if part in pairs), None)
        training = [part for part in pairs if part not in TEST_PARTS]
        if len(training) > 1:
            raise file_error(
                path,
                f"holds several sets of images: {listed(training)}",
                "name the images file of one of them as `source`, others as `validation` and `test`",
            )
        return Contents(
            train=_samples(*pairs[training[0]]) if training else None,
            test=_samples(*pairs[test]) if test else None,
            files=tuple(file for part in (*training, *([test] if test else [])) for file in pairs[part]),
        )

    def raw_inputs(self, path: Path) -> RawInputs:
        """The images of one file, whatever its name is, or of the only one in a folder."""
        file = _images(path) if path.is_dir() else path
        with _idx(file) as (_, dtype, shape, present):
            _require_images(file, shape)
            _require_size(file, shape, math.prod(shape) * dtype.itemsize, present)
        return RawInputs(shape, _pieces(file))


def _images(folder: Path) -> Path:
    found = {part: file for (part, what), file in _named(folder).items() if what == "images"}
    if len(found) != 1:
        what = f"holds several sets of images: {listed(found)}" if found else "holds no images in IDX files"
        raise file_error(folder, what, "name the images file that is meant: train-images-idx3-ubyte.gz")
    return next(iter(found.values()))


def _named(folder: Path) -> dict[tuple[str, str], Path]:
    """The IDX files of a folder by their part (train, t10k, …) and what they hold (images, labels)."""
    with reading(folder, DataError):
        files = sorted(folder.iterdir())
    found: dict[tuple[str, str], Path] = {}
    for file in files:
        if match := NAME.fullmatch(file.name):
            key = match["part"], match["what"]
            if key not in found or not match["gz"]:  # where both are there, the plain file is the quicker one
                found[key] = file
    return found


def _pairs(path: Path) -> dict[str, tuple[Path, Path]]:
    """The images file and the labels file of each part (train, t10k, …), by the part's name."""
    with reading(path, DataError):
        alone = not path.is_dir()
        path.stat()
    found = _named(path.parent if alone else path)
    parts = sorted({part for part, _ in found})
    if alone:
        match = NAME.fullmatch(path.name)
        if not match or match["what"] != "images":
            require_file(path)
            raise file_error(
                path,
                "is neither a folder of IDX files nor named like an IDX images file",
                "files end in .csv, .npz or .npy, or set `format`: text for prose, csv for a table; images are named "
                "like train-images-idx3-ubyte.gz",
            )
        parts, found[match["part"], "images"] = [match["part"]], path
    if not parts:
        raise file_error(
            path, "holds no IDX files", "they are named like train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz"
        )
    for part in parts:
        for what, other in (("labels", "images"), ("images", "labels")):
            if (part, what) not in found:
                name = found[part, other].name
                folder = path.parent if alone else path
                raise file_error(folder, f"holds {name} and no {what} file for it", f"put the {what} file beside it")
    return {part: (found[part, "images"], found[part, "labels"]) for part in parts}


def _samples(images: Path, labels: Path) -> Samples:
    inputs, targets = read_idx(images), read_idx(labels)
    if targets.ndim != 1:
        raise file_error(labels, f"has {targets.ndim} axes, labels have one", "is it a file of images?")
    _require_images(images, inputs.shape)
    if len(inputs) != len(targets):
        raise DataError(
            Problem(
                f"has {len(inputs):,} images, {labels.name} has {len(targets):,} labels",
                file=shown(images),
                help="one of the two files belongs to another set",
            )
        )
    return Samples(inputs[..., np.newaxis] if inputs.ndim == 3 else inputs, targets, origin=shown(images))


def _require_images(path: Path, shape: tuple[int, ...]) -> None:
    if len(shape) < 2:
        raise file_error(path, f"has {len(shape)} axis, images have two or more", "is it a file of labels?")


def read_idx(path: Path) -> Array:
    """The array of one IDX file, plain or gzipped, in native byte order.

    The declared size is held against the limit before memory is taken, and no more than it is ever decompressed.
    """
    with _idx(path) as (file, dtype, shape, present):
        declared = math.prod(shape) * dtype.itemsize
        require_memory(path, math.prod(shape) * max(dtype.itemsize, 4), f"its {by(shape)} numbers")
        _require_size(path, shape, declared, present)
        content = file.read(declared)
        _require_size(path, shape, declared, len(content) + len(file.read(1)))
    return np.frombuffer(content, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _pieces(path: Path) -> Iterator[Array]:
    with _idx(path) as (file, dtype, shape, _):
        yield from pieces(file, dtype, shape)


@contextmanager
def _idx(path: Path) -> Iterator[tuple[BufferedIOBase, np.dtype[Any], tuple[int, ...], int | None]]:
    """The file behind its header, what that says, and the bytes that follow, None where the file is gzipped.

    Every failure while it is read is a DataError.
    """
    size = require_file(path)
    zipped = path.name.endswith(".gz")
    try:
        with reading(path, DataError), gzip.open(path, "rb") if zipped else path.open("rb") as file:
            dtype, shape = _header(path, file)
            yield file, dtype, shape, None if zipped else size - file.tell()
    except (EOFError, zlib.error) as error:
        raise file_error(path, f"is truncated or damaged ({error})", "fetch the file again") from None


def _header(path: Path, file: BufferedIOBase) -> tuple[np.dtype[Any], tuple[int, ...]]:
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in TYPES or not 1 <= magic[3] <= MOST_AXES:
        help = "it is gzipped: give its name the ending .gz" if magic[:2] == b"\x1f\x8b" else "fetch the file again"
        raise file_error(path, f"is not an IDX file: it begins with {magic.hex(' ')}", help)
    sizes = file.read(4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise file_error(path, "is truncated in its header", "fetch the file again")
    shape = struct.unpack(f">{magic[3]}I", sizes)
    if 0 in shape:
        raise file_error(path, f"holds no samples: its header says {by(shape)} numbers", "fetch the file again")
    return np.dtype(TYPES[magic[2]]), shape


def _require_size(path: Path, shape: tuple[int, ...], declared: int, present: int | None) -> None:
    if present is None or present == declared:
        return
    what = "is truncated" if present < declared else "has trailing bytes"
    more = "" if present < declared else "more than "
    held = present if present < declared else declared
    raise file_error(
        path,
        f"{what}: its header says {by(shape)} numbers in {declared:,} bytes, it holds {more}{held:,}",
        "fetch the file again",
    )
