"""Numbers too small for full precision (below 1.2e-38 as float32, 2.2e-308 as float64) count as 0 in compiled code.

Many processors take some hundred cycles for an operation on one of them, and moments of an optimizer decay into that
range where inputs are 0 for long, as at the edges of pictures. There they would stay: 0.9 times the smallest number
rounds to that number.

The processor is told so, a thread at a time: on x86 by the bits FTZ and DAZ of MXCSR (Intel 64 and IA-32
Architectures Software Developer's Manual, volume 1, 10.2.3), on AArch64 by FZ of FPCR (Arm Architecture Reference
Manual, C5.2).
"""

from __future__ import annotations

import platform
from typing import Any

from nnctl.kernels.compiler.emitted import emitted
from nnctl.kernels.compiler.jit import cgutils, int32, int64, ir
from nnctl.kernels.compiler.level import ARM, X86

_FTZ, _DAZ, _FZ = 1 << 15, 1 << 6, 1 << 24


@emitted("intp")
def flush(builder: Any) -> Any:
    """Take them for 0 in this thread from now on; returns what `restore` needs."""
    machine = platform.machine()
    if machine in X86:
        place = cgutils.alloca_once(builder, int32())
        _control(builder, "llvm.x86.sse.stmxcsr", place)
        before = builder.load(place)
        builder.store(builder.or_(before, ir.Constant(int32(), _FTZ | _DAZ)), place)
        _control(builder, "llvm.x86.sse.ldmxcsr", place)
        return builder.zext(before, int64())
    if machine in ARM:
        kind = ir.FunctionType(int64(), [])
        before = builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.aarch64.get.fpcr"), [])
        _set_fpcr(builder, builder.or_(before, ir.Constant(int64(), _FZ)))
        return before
    return ir.Constant(int64(), 0)


@emitted()
def restore(builder: Any, before: Any) -> None:
    """Do with them as before `flush`."""
    machine = platform.machine()
    if machine in X86:
        place = cgutils.alloca_once(builder, int32())
        builder.store(builder.trunc(before, int32()), place)
        _control(builder, "llvm.x86.sse.ldmxcsr", place)
    elif machine in ARM:
        _set_fpcr(builder, before)


def _control(builder: Any, name: str, place: Any) -> None:
    byte = ir.IntType(8).as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [byte])
    function = cgutils.get_or_insert_function(builder.module, kind, name)
    builder.call(function, [builder.bitcast(place, byte)])


def _set_fpcr(builder: Any, value: Any) -> None:
    kind = ir.FunctionType(ir.VoidType(), [int64()])
    builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.aarch64.set.fpcr"), [value])
