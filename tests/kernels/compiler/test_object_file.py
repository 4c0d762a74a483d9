"""Object files become code in one piece: run on this machine, and looked at instruction by instruction for another."""

from __future__ import annotations

import ctypes
import struct

import pytest
from llvmlite import binding as llvm

from nnctl.kernels.compiler import image
from nnctl.kernels.compiler.level import host_level
from nnctl.kernels.compiler.object_file import AARCH64, ObjectFileError, linked

# constants, the address of one, calls of a function inside and of two outside, and a variable without a section
CODE = """
@table = internal constant [4 x double] [double 1.0, double 2.0, double 4.0, double 8.0]
@place = internal global double* getelementptr ([4 x double], [4 x double]* @table, i64 0, i64 2)
@unset = common global i64 0
declare double @pow(double, double)
declare i8* @memset(i8*, i32, i64)

define internal double @squared(double %x) noinline {
    %y = fmul double %x, %x
    ret double %y
}

define double @entered(i64 %i, i8* %bytes) {
    %at = getelementptr [4 x double], [4 x double]* @table, i64 0, i64 %i
    %entry = load double, double* %at
    %pointer = load volatile double*, double** @place
    %four = load double, double* %pointer
    %square = call double @squared(double %entry)
    %power = call double @pow(double %square, double %four)
    %filled = call i8* @memset(i8* %bytes, i32 7, i64 3)
    %nothing = load volatile i64, i64* @unset
    %zero = sitofp i64 %nothing to double
    %sum = fadd double %power, 0.1
    %result = fadd double %sum, %zero
    ret double %result
}
"""


def object_file(triple: str) -> bytes:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    code = CODE
    for kind in ("double", "i8", "i64"):
        code = code.replace(f"{kind}**", "ptr").replace(f"{kind}*", "ptr").replace(f"[4 x {kind}]*", "ptr")
    module = llvm.parse_assembly(code)
    module.triple = triple
    machine = llvm.Target.from_triple(triple).create_target_machine(opt=3, reloc="pic", codemodel="small")
    module.data_layout = str(machine.target_data)
    return bytes(machine.emit_object(module))


def test_code_of_this_machine_runs_where_it_is_loaded() -> None:
    machine = "aarch64" if host_level().name == "aarch64" else "x86_64"
    made = linked(object_file(f"{machine}-unknown-linux-gnu"), "entered")
    entered = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int64, ctypes.c_char_p)(image.load(made))
    given = ctypes.create_string_buffer(b"abcde")
    assert entered(3, given) == (8.0**2) ** 4 + 0.1
    assert given.value == b"\7\7\7de"
    assert set(made.symbols) == {"pow", "memset"}


def instructions(code: bytes) -> list[int]:
    return [word for (word,) in struct.iter_unpack("<I", code[: len(code) // 4 * 4])]


def signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value


def test_instructions_of_aarch64_have_the_distances() -> None:
    data = object_file("aarch64-unknown-linux-gnu")
    assert struct.unpack_from("<H", data, 18) == (AARCH64,)
    made = linked(data, "entered")
    found = instructions(made.code)
    calls, pages = [], []
    for number, word in enumerate(found):
        if word >> 26 == 0b100101:  # bl
            calls.append(4 * number + 4 * signed(word & 0x3FFFFFF, 26))
        if word >> 31 and word >> 24 & 0x1F == 0b10000:  # adrp
            page = signed((word >> 5 & 0x7FFFF) << 2 | word >> 29 & 3, 21)
            pages.append((4 * number >> 12) + page)
    stubs = {name: made.code.find(struct.pack("<I", 0xD61F0200)) for name in made.symbols}  # br x16
    assert len(stubs) == 2
    targets = set()
    for target in calls:
        load, jump = struct.unpack_from("<II", made.code, target)
        if jump == 0xD61F0200:
            assert load & 0xFF00001F == 0x58000010  # ldr x16, word
            targets.add(target + 4 * signed(load >> 5 & 0x7FFFF, 19))
    assert targets == set(made.symbols.values())
    assert set(pages) == {0}  # all lies in the first page
    assert len(made.code) < 4096
    places = [offset for base in made.bases for offset in struct.unpack_from("<q", made.code, base)]
    assert sorted(struct.unpack_from("<d", made.code, place)[0] for place in places) == [0.0, 4.0]


@pytest.mark.parametrize(
    "data",
    [b"", b"\x7fELF", bytes(64), object_file("i686-unknown-linux-gnu")],
    ids=["none", "short", "zeros", "32 bits"],
)
def test_what_is_no_object_file_of_these_machines(data: bytes) -> None:
    with pytest.raises(ObjectFileError):
        linked(data, "entered")


def test_a_function_that_is_not_there() -> None:
    with pytest.raises(ObjectFileError, match="no function left"):
        linked(object_file("x86_64-unknown-linux-gnu"), "left")


def test_a_relocation_that_is_not_known() -> None:
    """That of a variable of which each thread has its own."""
    code = "@x = thread_local global i32 0\ndefine i32 @f() { %v = load i32, ptr @x\n ret i32 %v }"
    machine = llvm.Target.from_triple("x86_64-unknown-linux-gnu").create_target_machine(reloc="pic", codemodel="small")
    with pytest.raises(ObjectFileError, match="relocation 19 of x is not known"):
        linked(bytes(machine.emit_object(llvm.parse_assembly(code))), "f")
