"""Images: written and read, refused where they are damaged, and loaded into memory that is not written any more."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from nnctl.kernels.compiler.image import DamagedImageError, Image, from_bytes, load, to_bytes
from nnctl.kernels.compiler.level import X86

IMAGE = Image(b"\xb8\x2a\x00\x00\x00\xc3" + bytes(26), 0, {"memset": 16}, [24])


def test_what_is_written_is_read() -> None:
    assert from_bytes(to_bytes(IMAGE)) == IMAGE


def test_a_file_that_is_cut_off_anywhere_or_changed() -> None:
    data = to_bytes(IMAGE)
    for size in range(len(data)):
        with pytest.raises(DamagedImageError):
            from_bytes(data[:size])
    with pytest.raises(DamagedImageError, match="its contents have changed"):
        from_bytes(data[:-1] + b"\1")


@pytest.mark.parametrize("line", [b"[]", b"{}", b"nothing", b'{"sha256": 3}'])
def test_a_file_of_another_form(line: bytes) -> None:
    with pytest.raises(DamagedImageError):
        from_bytes(b"nnctl kernel 1\n" + line + b"\n")


def test_loaded_code_has_the_addresses_and_is_not_written_any_more() -> None:
    start = load(IMAGE)
    words = (ctypes.c_uint64 * 4).from_address(start)
    assert words[2] == ctypes.cast(ctypes.CDLL(None).memset, ctypes.c_void_p).value
    assert words[3] == start
    maps = [line.split() for line in Path("/proc/self/maps").read_text().splitlines()]
    (rights,) = (
        rights for span, rights, *_ in maps if int(span.split("-")[0], 16) <= start < int(span.split("-")[1], 16)
    )
    assert rights == "r-xp"


def test_a_function_that_the_system_does_not_have() -> None:
    with pytest.raises(OSError, match="the C library has no no_such_function"):
        load(IMAGE._replace(symbols={"no_such_function": 16}))


def test_the_entry_is_run() -> None:
    import platform

    if platform.machine() in X86:  # the bytes are its instructions: mov eax, 42; ret
        assert ctypes.CFUNCTYPE(ctypes.c_int32)(load(IMAGE))() == 42
