"""Small data files, and sources made the way a config makes them."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import TypeAdapter

from nnctl.data.source import Source
from nnctl.errors import DataError
from nnctl.spec import OneOf

ROOT = Path(__file__).parent.parent.parent
IDX_CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def source(value: Any, folder: Path | None = None) -> Source:
    """The source that `data:` with this value stands for."""
    adapter: TypeAdapter[Source] = TypeAdapter(Annotated[Source, OneOf()])
    return adapter.validate_python(value, context={"folder": folder or Path.cwd()})


def idx_bytes(array: NDArray[Any]) -> bytes:
    """An array in the IDX format, written from its description."""
    kind = array.dtype.str[1:]
    header = struct.pack(f">2xBB{array.ndim}I", IDX_CODES[kind], array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def write_idx(path: Path, array: NDArray[Any]) -> Path:
    """Write an IDX file, gzipped where its name ends in .gz."""
    content = idx_bytes(array)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def digits(count: int, classes: int = 3, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Random images (count, 4, 5) and labels that go round the classes."""
    images = np.random.default_rng(seed).integers(0, 256, (count, 4, 5), dtype=np.uint8)
    return images, (np.arange(count) % classes).astype(np.uint8)


def refusal(error: pytest.ExceptionInfo[DataError]) -> str:
    """The whole message, on one line."""
    return " ".join(str(error.value).split())
