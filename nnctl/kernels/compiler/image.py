"""Images of machine code: in a file, and in memory that is executed."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import json
import mmap
import struct
import sys
from collections.abc import Iterable

from nnctl.kernels.compiler.object_file import Image

__all__ = ["DamagedImageError", "Image", "from_bytes", "load", "to_bytes"]

_MAGIC = b"nnctl kernel 1\n"


class DamagedImageError(ValueError):
    """Bytes that are no image: cut off, overwritten, or of another kind of file."""


def to_bytes(image: Image) -> bytes:
    """A file: a line that names its kind, a line of JSON, and the code."""
    about = {"entry": image.entry, "symbols": image.symbols, "bases": image.bases}
    line = json.dumps(about | {"sha256": hashlib.sha256(image.code).hexdigest()}).encode()
    return _MAGIC + line + b"\n" + image.code


def from_bytes(data: bytes) -> Image:
    """The image in such a file. Raises DamagedImageError."""
    try:
        if not data.startswith(_MAGIC):
            raise DamagedImageError("it is of another kind")
        line, _, code = data[len(_MAGIC) :].partition(b"\n")
        about = json.loads(line)
        if hashlib.sha256(code).hexdigest() != about["sha256"]:
            raise DamagedImageError("its contents have changed")
        return Image(code, about["entry"], about["symbols"], about["bases"])
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedImageError(str(error)) from error


def load(image: Image) -> int:
    """Place the code in memory, for as long as the process lives. Returns the address of its function.

    The memory is written first and executed afterwards, never both. Raises OSError where the system forbids that.
    """
    memory = mmap.mmap(-1, len(image.code), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.write(image.code)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    for name, word in image.symbols.items():
        struct.pack_into("<Q", memory, word, _address_of(name))
    for word in image.bases:
        (offset,) = struct.unpack_from("<q", memory, word)
        struct.pack_into("<Q", memory, word, start + offset)
    if _c_library().mprotect(ctypes.c_void_p(start), ctypes.c_size_t(len(memory)), mmap.PROT_READ | mmap.PROT_EXEC):
        raise OSError(ctypes.get_errno(), "memory cannot be made executable")
    if sys.platform == "darwin":  # Linux does it where memory becomes executable
        _c_library().sys_icache_invalidate(ctypes.c_void_p(start), ctypes.c_size_t(len(memory)))
    _LOADED.append(memory)
    return start + image.entry


_LOADED: list[mmap.mmap] = []


@functools.cache
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


@functools.cache
def _address_of(name: str) -> int:
    """Of a function of the C library, or of its mathematics."""
    for library in _libraries():
        try:
            return ctypes.cast(library[name], ctypes.c_void_p).value or 0
        except AttributeError:
            continue
    raise OSError(f"the C library has no {name}")


def _libraries() -> Iterable[ctypes.CDLL]:
    yield _c_library()
    yield ctypes.CDLL("libm.so.6")
