"""Memory that several threads read and write at once, and how a thread waits for what another writes.

Addresses are of int64 numbers.
"""

from __future__ import annotations

import platform
from typing import Any

from nnctl.kernels.compiler.emitted import emitted
from nnctl.kernels.compiler.jit import cgutils, int64, ir
from nnctl.kernels.compiler.level import ARM, X86

SPINS = 2000  # looks at a number before other processes are let go first: some 50 us


@emitted("intp")
def load(builder: Any, at: Any) -> Any:
    """What is there, and all that its writer wrote before it."""
    return builder.load_atomic(_place(builder, at), "acquire", 8)


@emitted()
def store(builder: Any, at: Any, value: Any) -> None:
    """After all that this thread wrote before."""
    builder.store_atomic(value, _place(builder, at), "release", 8)


@emitted("boolean")
def replace(builder: Any, at: Any, old: Any, new: Any) -> Any:
    """Store a new value where the old one is; returns whether it was there."""
    return builder.extract_value(builder.cmpxchg(_place(builder, at), old, new, "acq_rel", "acquire"), 1)


@emitted()
def relax(builder: Any) -> None:
    """Tell the core that it waits in a loop."""
    machine = platform.machine()
    if machine in X86:
        kind = ir.FunctionType(ir.VoidType(), [])
        builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.sse2.pause"), [])
    elif machine in ARM:  # its instruction for this, yield, does nothing on most processors
        whole = ir.Constant(ir.IntType(32), 15)
        kind = ir.FunctionType(ir.VoidType(), [whole.type])
        builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.aarch64.isb"), [whole])


@emitted()
def give_way(builder: Any) -> None:
    """Let another process have the core, if one wants it."""
    kind = ir.FunctionType(ir.IntType(32), [])
    builder.call(cgutils.get_or_insert_function(builder.module, kind, "sched_yield"), [])


@emitted()
def call(builder: Any, code: Any, begin: Any, end: Any, words: Any) -> None:
    """Call machine code at an address, as `machine_code` has it."""
    kind = ir.FunctionType(ir.VoidType(), [int64(), int64(), int64().as_pointer()])
    builder.call(builder.inttoptr(code, kind.as_pointer()), [begin, end, _place(builder, words)])


def _place(builder: Any, address: Any) -> Any:
    return builder.inttoptr(address, int64().as_pointer())
