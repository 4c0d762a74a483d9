"""The machine code of products, for the level that NNCTL_LEVEL names: `python -m tests.support.machine_code`.

It is compiled, and does not run, so it may be that of another kind of machine. Prints the innermost loops in JSON: for
each kernel a list of loops, which are lists of instructions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from llvmlite import binding as llvm
from llvmlite import ir

from nnctl.kernels.compiler.emitted import Elements
from nnctl.kernels.compiler.level import level
from nnctl.kernels.cpu.gemm import dot_products, micro_kernel


def assembly(body: Callable[..., None]) -> str:
    """The code of a function of float32 that `body(builder, like, operands)` emits."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    module = ir.Module()
    module.triple = level().triple
    kind = ir.FunctionType(ir.VoidType(), [ir.FloatType().as_pointer(), ir.IntType(64).as_pointer()])
    function = ir.Function(module, kind, "kernel")
    builder = ir.IRBuilder(function.append_basic_block())
    like, operands = function.args
    body(builder, Elements(like, 4), Elements(operands, 8))
    builder.ret_void()
    parsed: Any = llvm.parse_assembly(str(module))
    target = llvm.Target.from_triple(level().triple).create_target_machine(
        cpu=level().cpu, features=level().features, opt=3
    )
    passes = llvm.create_pass_builder(target, llvm.create_pipeline_tuning_options(speed_level=3))
    passes.getModulePassManager().run(parsed, passes)
    return str(target.emit_assembly(parsed))


def inner_loops(text: str) -> list[list[str]]:
    """The instructions of each loop that has no loop inside: from a label to a jump back to it."""
    lines = [line.strip() for line in text.splitlines()]
    labels = {line.split(":")[0]: number for number, line in enumerate(lines) if re.match(r"\.?L\w+:", line)}
    loops = []
    for number, line in enumerate(lines):
        start = labels.get(line.split()[-1], number) if line else number
        if start < number and not line.startswith("."):
            loops.append((start, number))
    inner = [loop for loop in loops if not any(loop != (a, b) and loop[0] <= a and b <= loop[1] for a, b in loops)]
    return [[line for line in lines[first : last + 1] if re.match(r"\w", line)] for first, last in inner]


if __name__ == "__main__":
    bodies = {"micro_kernel": micro_kernel.emit, "dot_products": dot_products.emit}
    print(json.dumps({name: inner_loops(assembly(body)) for name, body in bodies.items()}))
